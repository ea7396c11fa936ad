//! What taking nodes out costs: every strategy with the nodes taken against itself without, draw by draw; and how likely those
//! who are on the nodes leave in time.

use crate::cells::columns::{Dimension, Metric};
use crate::cells::job::CellJob;
use crate::cells::selector::{Columns, Selector};
use crate::cells::table::{CellRow, CellTable, column_of, estimate_of, matters};
use crate::kernel::{Law, Span};
use crate::scenario::Scenario;
use crate::scenario::morning::{Morning, OnNode};
use crate::stats::compare::{Good, Paired, paired, together};
use crate::stats::estimate::Estimate;
use crate::workload::Patience;

/// The point at which nothing is taken out, and the one at which the nodes are.
pub const UNTAKEN_POINT: usize = 0;
/// The nodes are taken out.
pub const TAKEN_POINT: usize = 1;

/// What is told of each strategy.
const TOLD: [Metric; 5] = [
    Metric::Breaches,
    Metric::Evictions,
    Metric::Refused,
    Metric::RefusedOnlyHidden,
    Metric::ErrandWaitP50,
];
/// What is told besides where somebody waits in line.
const IN_LINE: [Metric; 3] = [Metric::WaitedLong, Metric::WaitedMean, Metric::LongestWait];

/// What befalls tenants, the worst first, and what of it is the same kind of harm: whoever is refused or evicted goes without a
/// machine, and who waits has it later.
pub const HARMS: [(Metric, Harm); 4] = [
    (Metric::Breaches, Harm::Lost),
    (Metric::Evictions, Harm::Lost),
    (Metric::Refused, Harm::Lost),
    (Metric::WaitedLong, Harm::Late),
];

/// How bad what befalls a tenant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// A machine is missing, or is in two hands.
    Lost,
    /// A machine comes later.
    Late,
}

/// What matters of a count: who takes nodes out asks for each request. A share of all requests, which is what matters of a run,
/// would hide what happens to a few.
const ONE: f64 = 1.0;

/// The cells of a scenario at both points, draw by draw.
#[must_use]
pub fn jobs(scenario: &Scenario) -> Vec<CellJob> {
    let of = |replication| {
        let variants = 0..scenario.variants.len();
        variants.flat_map(move |variant| {
            [UNTAKEN_POINT, TAKEN_POINT].map(|point| CellJob {
                point,
                variant,
                replication,
            })
        })
    };
    (0..scenario.replications).flat_map(of).collect()
}

/// Refusals and long waits by class and by tenant, as metrics that are asked for.
#[must_use]
pub fn parts(morning: &Morning) -> Vec<String> {
    let (tenants, classes) = &morning.askers;
    let classes = classes.iter().map(|name| (Dimension::Class, name));
    let all = classes.chain(tenants.iter().map(|name| (Dimension::Tenant, name)));
    let both = |(dimension, name): (Dimension, &String)| {
        [Metric::Refused, Metric::WaitedLong].map(|metric| Selector::part(metric, dimension, name).to_string())
    };
    all.flat_map(both).collect()
}

/// Whether somebody who is refused waits in line.
fn waits(scenario: &Scenario) -> bool {
    let mut sources = scenario.demand.sources.iter();
    sources.any(|source| matches!(source.patience, Patience::Wait { .. }))
}

/// What taking the nodes out does to a metric under a strategy.
#[derive(Clone, Debug)]
pub struct TakenFigure {
    /// The metric's name, `refused{class=gpu}` for one of a part.
    pub metric: &'static str,
    /// Which metric it is.
    pub kind: Metric,
    /// Its unit.
    pub unit: &'static str,
    /// Its part, where it is of one: `class`, `gpu`.
    pub of: Option<(&'static str, &'static str)>,
    /// Without the nodes taken out.
    pub without: Option<Estimate>,
    /// With them taken out.
    pub with: Option<Estimate>,
    /// The paired difference: with less without.
    pub effect: Option<Paired>,
    /// How that differs from the baseline's effect; none for the baseline.
    pub against: Option<Paired>,
}

/// A strategy.
#[derive(Clone, Debug)]
pub struct TakenArm {
    /// Its label.
    pub label: String,
    /// What is told of it.
    pub figures: Vec<TakenFigure>,
    /// Refusals and long waits by class and tenant, those that are told apart from nothing or are not 0, the largest first.
    pub parts: Vec<TakenFigure>,
}

/// What the cells say.
#[derive(Clone, Debug)]
pub struct TakenOut {
    /// The baseline's label.
    pub baseline: String,
    /// Draws.
    pub replications: u32,
    /// The master seed.
    pub seed: u64,
    /// The level of the intervals.
    pub confidence: f64,
    /// Waits that are longer matter; none where nobody waits in line.
    pub long: Option<Span>,
    /// The strategies, in the scenario's order.
    pub arms: Vec<TakenArm>,
    /// The scenario's digest.
    pub digest: String,
}

/// What a table of both points says.
#[must_use]
pub fn told(scenario: &Scenario, table: &CellTable<CellRow>) -> TakenOut {
    let columns = Columns::of(scenario);
    let confidence = scenario.reporting.confidence;
    let base = table.rows(UNTAKEN_POINT, scenario.baseline);
    let mut matters = matters(&scenario.reporting.matters, &columns, &base);
    for (at, matters) in matters.iter_mut().enumerate() {
        if columns[at].unit == "count" {
            *matters = ONE;
        }
    }
    let look = Look {
        columns: &columns,
        matters,
        confidence,
        table,
        baseline: scenario.baseline,
    };
    let waits = waits(scenario);
    let in_line = IN_LINE.iter().filter(|_| waits);
    let whole: Vec<usize> = TOLD.iter().chain(in_line).map(|metric| metric.at()).collect();
    let parts: Vec<usize> = (0..columns.len())
        .filter(|&at| columns[at].metric == Metric::Refused || waits && columns[at].metric == Metric::WaitedLong)
        .filter(|&at| matches!(columns[at].of, Some((Dimension::Class | Dimension::Tenant, _))))
        .collect();
    let variants = scenario.variants.len();
    let (mut figures, mut of_parts) = (look.figures(&whole, variants), look.figures(&parts, variants));
    let arms = scenario.variants.iter().enumerate().map(|(at, variant)| TakenArm {
        label: variant.label.clone(),
        figures: std::mem::take(&mut figures[at]),
        parts: largest(std::mem::take(&mut of_parts[at])),
    });
    TakenOut {
        baseline: scenario.variants[scenario.baseline].label.clone(),
        replications: scenario.replications,
        seed: scenario.seed,
        confidence,
        long: waits.then_some(scenario.reporting.matters.waits),
        arms: arms.collect(),
        digest: scenario.digest.clone(),
    }
}

struct Look<'a> {
    columns: &'a Columns,
    matters: Vec<f64>,
    confidence: f64,
    table: &'a CellTable<CellRow>,
    baseline: usize,
}

impl Look<'_> {
    /// The figures of these columns by strategy; all words of a kind share the allowed error.
    fn figures(&self, places: &[usize], variants: usize) -> Vec<Vec<TakenFigure>> {
        let mut all: Vec<Vec<TakenFigure>> = (0..variants)
            .map(|variant| places.iter().map(|&at| self.figure(at, variant)).collect())
            .collect();
        let good = |figure: &TakenFigure| {
            self.columns
                .placed(figure.metric)
                .map_or(Good::Neither, |(_, it)| it.good)
        };
        for kind in [
            (|figure| figure.effect.as_mut()) as fn(&mut TakenFigure) -> Option<&mut Paired>,
            |figure| figure.against.as_mut(),
        ] {
            let ruled = all.iter_mut().flatten().filter_map(|figure| {
                let good = good(figure);
                Some((kind(figure)?, good))
            });
            together(ruled.collect(), self.confidence);
        }
        all
    }

    fn figure(&self, at: usize, variant: usize) -> TakenFigure {
        let column = self.columns.at(at);
        let rows = |point, variant| self.table.rows(point, variant);
        let (without, with) = (rows(UNTAKEN_POINT, variant), rows(TAKEN_POINT, variant));
        let measure = |own: &[Option<f64>], base: &[Option<f64>]| {
            paired(own, base, Good::Neither, self.matters[at], self.confidence)
        };
        let effects = |variant| -> Vec<Option<f64>> {
            let (without, with) = (rows(UNTAKEN_POINT, variant), rows(TAKEN_POINT, variant));
            let pairs = column_of(&with, at).into_iter().zip(column_of(&without, at));
            pairs.map(|(with, without)| Some(with? - without?)).collect()
        };
        TakenFigure {
            metric: column.name,
            kind: column.metric,
            unit: column.unit,
            of: column.of.map(|(dimension, name)| (dimension.word(), name)),
            without: estimate_of(&without, self.columns, at, self.confidence),
            with: estimate_of(&with, self.columns, at, self.confidence),
            effect: measure(&column_of(&with, at), &column_of(&without, at)),
            against: (variant != self.baseline)
                .then(|| measure(&effects(variant), &effects(self.baseline)))
                .flatten(),
        }
    }
}

/// The parts in which something changes, the largest change first.
fn largest(mut parts: Vec<TakenFigure>) -> Vec<TakenFigure> {
    let size = |figure: &TakenFigure| figure.effect.map_or(0.0, |effect| effect.diff.abs());
    parts.retain(|figure| size(figure) > 0.0);
    parts.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.metric.cmp(b.metric)));
    parts
}

/// How likely who is on a node leaves in time, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leaves {
    /// When the node is taken out.
    pub by_at: f64,
    /// When it is given back.
    pub by_end: f64,
    /// When the run ends.
    pub by_until: f64,
    /// The time after which half of those like it have left; none: it never comes.
    pub half: Option<Span>,
}

/// How likely it leaves; none where nobody knows how long it stays.
#[must_use]
pub fn leaves(morning: &Morning, on: &OnNode) -> Option<Leaves> {
    let when = [morning.at.1, morning.end.1, morning.until.1];
    if let Some(known) = on.known {
        let [by_at, by_end, by_until] = when.map(|at| f64::from(u8::from(known <= at)));
        return Some(Leaves {
            by_at,
            by_end,
            by_until,
            half: Some(known),
        });
    }
    let law: &Law = &morning.laws.get(on.law?)?.law;
    let now = law.longer(on.age);
    // One that has run longer than any that is known of leaves nobody knows when.
    let gone = |after: Span| {
        if now > 0.0 {
            1.0 - law.longer(on.age + after) / now
        } else {
            0.0
        }
    };
    let [by_at, by_end, by_until] = when.map(gone);
    Some(Leaves {
        by_at,
        by_end,
        by_until,
        half: law.left(on.age, 0.5),
    })
}

/// The nodes that are free of tenants by then, on average: at the begin, and when the nodes are given back. Those of whom
/// nothing is known stay.
#[must_use]
pub fn free_nodes(morning: &Morning) -> (f64, f64) {
    let taken = morning.taken.len() as f64;
    let stays = |by: fn(&Leaves) -> f64| {
        let stays = morning
            .on_nodes
            .iter()
            .map(|on| 1.0 - leaves(morning, on).as_ref().map_or(0.0, by));
        stays.sum::<f64>()
    };
    (taken - stays(|it| it.by_at), taken - stays(|it| it.by_end))
}
