//! What the tests of this floor share.

use super::estimate::Sample;
use crate::kernel::Stream;

/// A standard normal number (Box and Muller 1958).
pub fn normal(stream: &mut Stream) -> f64 {
    let (u, v) = (stream.unit(), stream.unit());
    (-2.0 * libm::log(u)).sqrt() * libm::cos(core::f64::consts::TAU * v)
}

/// A sample in which every replication has a value.
pub fn sample(values: &[f64]) -> Sample {
    values.iter().copied().map(Some).collect()
}
