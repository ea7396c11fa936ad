//! The one table of metrics: name, unit, good side and definition. The CSV header, the JSON
//! keys, the printed table and the manual come from it.

/// Which side of a metric is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Good {
    /// More is better.
    High,
    /// Less is better.
    Low,
    /// Neither.
    Neither,
}

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, as in `summary.json` and `metrics.csv`.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its good side.
    pub good: Good,
    /// Whether it is in the default printed table.
    pub shown: bool,
    /// What it is, exactly.
    pub definition: &'static str,
}
