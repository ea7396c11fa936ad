//! Small hand-worked worlds.
