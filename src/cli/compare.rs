//! `compare`: two results folders, metric by metric.

use super::args::CompareArgs;
use super::failure::Failure;
use super::gate;
use crate::judge::versus;
use crate::report::finished::finished;

/// Compares the folders and prints what has moved.
pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let target = gate::target(&args.gate, "compare")?;
    let (old, new) = (finished(&args.old)?, finished(&args.new)?);
    let gate = gate::gate(&args.gate, &[]);
    let checked = versus::versus(&old, &new, &args.allowed, &gate, args.every)
        .map_err(|error| Failure::Use(error.to_string()))?;
    gate::give_out(&args.gate, "compare", &[checked], target)
}
