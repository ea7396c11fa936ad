//! Tests of the whole floor.
