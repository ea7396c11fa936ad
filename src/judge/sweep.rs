//! What a sweep is: everything that its results depend on, and the cells that follow from it.

use std::ops::Range;

use super::assumptions;
use crate::cells::columns::Metric;
use crate::cells::fingerprint;
use crate::cells::job::CellJob;
use crate::cells::points::design::{Design, Setting};
use crate::cells::selector::Columns;
use crate::scenario::{self, Matters, Scenario};

/// The metrics that are drawn unless the scenario or the command names others.
const DRAWN: [Metric; 3] = [Metric::Acceptance, Metric::ErrandWaitP95, Metric::StrandedNodeHours];

/// A sweep's definition. It is small: axes and not cells.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepManifest {
    /// The program's version.
    pub version: String,
    /// How this machine computes.
    pub fingerprint: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its question.
    pub question: String,
    /// SHA-256 of its text.
    pub text: String,
    /// Every input file that some point reads, each with its SHA-256.
    pub inputs: Vec<(String, String)>,
    /// What differs from the text at all points: keys and values in the order in which they are set.
    pub settings: Vec<(String, String)>,
    /// The strategies' labels, in their order.
    pub strategies: Vec<String>,
    /// The label of the one that the others are compared with.
    pub baseline: String,
    /// The varied keys.
    pub design: Design,
    /// The scenario's own values of the varied keys; none where it has none.
    pub own: Setting,
    /// Replications.
    pub replications: u32,
    /// The master seed.
    pub seed: u64,
    /// The level of the intervals.
    pub confidence: f64,
    /// The metrics that are drawn, and whose differences are ruled on.
    pub metrics: Vec<String>,
    /// How large a difference has to be to matter.
    pub matters: Matters,
    /// The unit of costs; none where nothing is priced.
    pub money: Option<String>,
    /// Into how many parts the cells are cut.
    pub shards: u32,
    /// What to know when reading the results: sentences.
    pub assumptions: Vec<String>,
}

/// What a manifest takes over from its scenario, which every point must share.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// The scenario's name.
    pub name: String,
    /// The strategies' labels.
    pub strategies: Vec<String>,
    /// The baseline's label.
    pub baseline: String,
    /// Replications.
    pub replications: u32,
    /// The level of the intervals.
    pub confidence: f64,
    /// How large a difference has to be to matter.
    pub matters: Matters,
    /// The unit of costs.
    pub money: Option<String>,
}

impl Common {
    /// Of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Common {
        let labels: Vec<String> = scenario.variants.iter().map(|variant| variant.label.clone()).collect();
        Common {
            name: scenario.name.clone(),
            baseline: labels.get(scenario.baseline).cloned().unwrap_or_default(),
            strategies: labels,
            replications: scenario.replications,
            confidence: scenario.reporting.confidence,
            matters: scenario.reporting.matters,
            money: scenario.costs.as_ref().map(|costs| costs.unit.clone()),
        }
    }

    /// The first thing that another scenario does not share; none where it shares all.
    #[must_use]
    pub fn differs(&self, other: &Common) -> Option<&'static str> {
        [
            (self.name != other.name, "the scenario's name"),
            (self.strategies != other.strategies, "the strategies"),
            (self.baseline != other.baseline, "the baseline"),
            (self.replications != other.replications, "the number of replications"),
            (self.confidence != other.confidence, "the level of confidence"),
            (
                self.matters != other.matters,
                "how large a difference has to be to matter",
            ),
            (self.money != other.money, "the unit of costs"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }
}

impl SweepManifest {
    /// A sweep over a scenario as it stands without any varied key. `effective` is that scenario printed whole, `text`
    /// the SHA-256 of its file. Input files of the other points are still to be entered.
    #[must_use]
    pub fn new(scenario: &Scenario, effective: &str, text: String, design: Design) -> SweepManifest {
        let common = Common::of(scenario);
        let assumptions = assumptions::of_sweep(scenario, design.kind);
        let own = design.axes.iter().map(|axis| scenario::value_in(effective, &axis.key));
        let metrics = if scenario.reporting.metrics.is_empty() {
            let priced = scenario.costs.as_ref().map(|_| Metric::Cost);
            let drawn = DRAWN.into_iter().chain(priced);
            drawn.map(|metric| metric.name().to_owned()).collect()
        } else {
            scenario.reporting.metrics.clone()
        };
        SweepManifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            fingerprint: fingerprint::of_this_machine(),
            scenario: common.name,
            question: scenario.question.clone(),
            text,
            inputs: scenario.inputs.clone(),
            settings: Vec::new(),
            strategies: common.strategies,
            baseline: common.baseline,
            own: own.collect(),
            design,
            replications: common.replications,
            seed: scenario.seed,
            confidence: common.confidence,
            metrics,
            matters: common.matters,
            money: common.money,
            shards: 1,
            assumptions,
        }
    }

    /// What every point's scenario shares.
    #[must_use]
    pub fn common(&self) -> Common {
        Common {
            name: self.scenario.clone(),
            strategies: self.strategies.clone(),
            baseline: self.baseline.clone(),
            replications: self.replications,
            confidence: self.confidence,
            matters: self.matters,
            money: self.money.clone(),
        }
    }

    /// The columns of its tables: those of the whole, and those of parts that it names.
    #[must_use]
    pub fn columns(&self) -> Columns {
        let columns = Columns::naming(&self.metrics);
        match &self.money {
            Some(unit) => columns.in_unit(unit),
            None => columns,
        }
    }

    /// The places of the metrics that are drawn, among the columns.
    #[must_use]
    pub fn places(&self) -> Vec<usize> {
        let columns = self.columns();
        let placed = |name: &String| columns.placed(name).map(|(at, _)| at);
        self.metrics.iter().filter_map(placed).collect()
    }

    /// The points.
    #[must_use]
    pub fn points(&self) -> Vec<Setting> {
        self.design.points(self.seed)
    }

    /// The values of the varied keys at a point, the scenario's own among them; empty where it has none.
    #[must_use]
    pub fn coordinates(&self, point: &Setting) -> Vec<String> {
        let pairs = point.iter().zip(&self.own);
        pairs
            .map(|(value, own)| value.clone().or_else(|| own.clone()).unwrap_or_default())
            .collect()
    }

    /// What is set to make a point's scenario.
    #[must_use]
    pub fn overrides(&self, point: &Setting) -> Vec<(String, String)> {
        let varied = self.design.axes.iter().zip(point);
        let varied = varied.filter_map(|(axis, value)| Some((axis.key.clone(), value.clone()?)));
        self.settings.iter().cloned().chain(varied).collect()
    }

    /// A point in words: its varied keys with their values.
    #[must_use]
    pub fn words(&self, point: &Setting) -> String {
        let set = self.design.axes.iter().zip(point);
        let set: Vec<String> = set
            .filter_map(|(axis, value)| value.as_ref().map(|value| format!("{}={value}", axis.key)))
            .collect();
        if set.is_empty() {
            "the scenario as it is".to_owned()
        } else {
            set.join(", ")
        }
    }

    /// The cells of one point.
    #[must_use]
    pub fn cells_of_a_point(&self) -> usize {
        self.strategies.len() * self.replications as usize
    }

    /// The cell at a place: points in order, in each the strategies, in each the replications.
    #[must_use]
    pub fn job(&self, cell: usize) -> CellJob {
        let (each, replications) = (self.cells_of_a_point().max(1), self.replications.max(1) as usize);
        CellJob {
            point: cell / each,
            variant: cell % each / replications,
            replication: (cell % replications) as u32,
        }
    }

    /// The cells of a shard, counted from 1, out of all `cells`: neighbours, so that the shards in their order hold the
    /// cells in theirs.
    #[must_use]
    pub fn shard(&self, shard: u32, cells: usize) -> Range<usize> {
        let border = |k: u32| (cells as u128 * u128::from(k) / u128::from(self.shards.max(1))) as usize;
        border(shard.saturating_sub(1))..border(shard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::points::axis::Axis;
    use crate::cells::points::design::DesignKind;
    use crate::cells::testing::busy;

    fn manifest(shards: u32) -> SweepManifest {
        let axes = vec![Axis::parse("fleet.scale=1,2,3").expect("an axis")];
        let design = Design::new(axes, DesignKind::Grid).expect("a design");
        SweepManifest {
            shards,
            ..SweepManifest::new(&busy(), "[fleet]\nscale = 1.5\n", String::new(), design)
        }
    }

    #[test]
    fn shards_hold_every_cell_once_in_order() {
        for shards in [1, 2, 5, 7, 100] {
            let manifest = manifest(shards);
            let cells = 3 * manifest.cells_of_a_point();
            let all: Vec<usize> = (1..=shards).flat_map(|k| manifest.shard(k, cells)).collect();
            assert_eq!(all, (0..cells).collect::<Vec<_>>(), "{shards}");
            let mut jobs: Vec<CellJob> = all.iter().map(|&cell| manifest.job(cell)).collect();
            assert!(jobs.is_sorted());
            jobs.dedup();
            assert_eq!(jobs.len(), cells);
        }
    }

    #[test]
    fn a_point_knows_its_values_and_settings() {
        let manifest = manifest(1);
        assert_eq!(manifest.own, [Some("1.5".to_owned())]);
        assert_eq!(manifest.coordinates(&vec![None]), ["1.5"]);
        let point = &manifest.points()[1];
        assert_eq!(manifest.overrides(point), [("fleet.scale".to_owned(), "2".to_owned())]);
        assert_eq!(manifest.words(point), "fleet.scale=2");
    }
}
