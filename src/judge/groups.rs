//! The metrics per class and tenant of a run's strategies: estimates of what each replication gave.

use super::results::Results;
use crate::cells::columns::Metric;
use crate::stats::compare::Good;
use crate::stats::estimate::{Estimate, estimate};

/// One metric over the values of one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupTable {
    /// The metric.
    pub metric: String,
    /// The dimension: class, tenant.
    pub dimension: String,
    /// The metric's unit.
    pub unit: String,
    /// Its good side.
    pub good: Good,
    /// By value of the dimension: an estimate for each strategy, none where no replication had a value.
    pub rows: Vec<(String, Vec<Option<Estimate>>)>,
}

/// The tables, in the order in which the replications name their metrics.
#[must_use]
pub fn groups(results: &Results) -> Vec<GroupTable> {
    let mut tables: Vec<GroupTable> = Vec::new();
    for detail in results.arms.iter().flat_map(|arm| arm.details.iter().flatten()) {
        let Some((metric, dimension, value)) = split(&detail.name) else {
            continue;
        };
        let known = tables
            .iter()
            .position(|t| t.metric == metric && t.dimension == dimension);
        let at = known.unwrap_or_else(|| {
            tables.push(GroupTable {
                metric: metric.to_owned(),
                dimension: dimension.to_owned(),
                unit: detail.unit.to_owned(),
                good: Metric::named(metric).map_or(Good::Neither, |known| known.column().good),
                rows: Vec::new(),
            });
            tables.len() - 1
        });
        if tables[at].rows.iter().all(|(known, _)| known != value) {
            tables[at]
                .rows
                .push((value.to_owned(), estimates(results, &detail.name)));
        }
    }
    tables
}

/// What a detail's name says: `acceptance.class.gpu`. A value may hold further dots.
fn split(name: &str) -> Option<(&str, &str, &str)> {
    let (metric, rest) = name.split_once('.')?;
    let (dimension, value) = rest.split_once('.')?;
    Some((metric, dimension, value))
}

fn estimates(results: &Results, name: &str) -> Vec<Option<Estimate>> {
    let of = |details: &Vec<_>| {
        let own = details.iter().find(|d: &&crate::cells::outcome::Detail| d.name == name);
        own.map(|detail| detail.value)
    };
    let one = |arm: &super::results::Arm| {
        let values: Vec<f64> = arm.details.iter().filter_map(of).collect();
        estimate(&values, results.confidence)
    };
    results.arms.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::outcome::Detail;
    use crate::judge::sample::{SampleWish, results};

    #[test]
    fn values_are_gathered_by_dimension_over_the_replications() {
        let mut sample = results(SampleWish {
            arms: 2,
            replications: 2,
            eventful: true,
        });
        let detail = |name: &str, value| Detail {
            name: name.to_owned(),
            value,
            unit: "share",
        };
        sample.arms[0].details = vec![
            vec![detail("acceptance.class.a.b", 0.5), detail("acceptance.tenant.t", 1.0)],
            vec![detail("acceptance.class.a.b", 0.7)],
        ];
        sample.arms[1].details = vec![vec![detail("acceptance.class.c", 0.1)], Vec::new()];
        let tables = groups(&sample);
        let [class, tenant] = &tables[..] else {
            panic!("{tables:?}")
        };
        assert_eq!((class.dimension.as_str(), class.good), ("class", Good::High));
        let means: Vec<_> = class
            .rows
            .iter()
            .map(|(name, all)| (name.as_str(), [0, 1].map(|at: usize| all[at].map(|e| e.mean))))
            .collect();
        assert_eq!(means, [("a.b", [Some(0.6), None]), ("c", [None, Some(0.1)])]);
        assert_eq!(tenant.rows.len(), 1);
    }
}
