//! The one integration-test binary: every module below links into it, so the library is linked once.

mod house;
