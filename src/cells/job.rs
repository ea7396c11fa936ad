//! Which cell of a table is meant.

/// A cell among many scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellJob {
    /// The point: its scenario's number, which the loader knows; 0 where there is one.
    pub point: usize,
    /// The strategy, by its place.
    pub variant: usize,
    /// The replication, from 0.
    pub replication: u32,
}

impl CellJob {
    /// A cell where there is one scenario.
    #[must_use]
    pub fn of_one(variant: usize, replication: u32) -> CellJob {
        CellJob {
            point: 0,
            variant,
            replication,
        }
    }

    /// All cells of one scenario, strategy by strategy.
    #[must_use]
    pub fn all(variants: &[usize], replications: u32) -> Vec<CellJob> {
        let of = |&variant: &usize| (0..replications).map(move |replication| CellJob::of_one(variant, replication));
        variants.iter().flat_map(of).collect()
    }
}
