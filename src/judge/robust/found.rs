//! What was found of each claim.

use std::collections::BTreeSet;

use super::look::Looks;
use super::quest::{PARTS, RobustQuest, part_of};
use crate::cells::table::{CellRow, CellTable};
use crate::kernel::streams::{Seed, Stream};
use crate::stats::breakeven::BreakEven;
use crate::stats::compare::{Paired, Verdict};
use crate::stats::ranks::{RankRegression, rank_regression};

/// The purpose of the bootstrap's stream, far from those of the world.
const PURPOSE: u64 = 0x0062_6f6f_7473_7400;

/// Below this share of the variance a rank regression says nothing of which keys decide.
pub const TELLING: f64 = 0.7;

/// How a claim stands at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimState {
    /// The verdict is the claim's.
    Held,
    /// Nothing is told apart.
    Open,
    /// The verdict is the opposite.
    Reversed,
}

impl ClaimState {
    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ClaimState::Held => "held",
            ClaimState::Open => "open",
            ClaimState::Reversed => "reversed",
        }
    }

    /// The state of which this is the word.
    #[must_use]
    pub fn named(word: &str) -> Option<ClaimState> {
        let all = [ClaimState::Held, ClaimState::Open, ClaimState::Reversed];
        all.into_iter().find(|state| state.word() == word)
    }

    /// The verdict of a claim that is this one, where it stands so.
    #[must_use]
    pub fn verdict(self, claim: Verdict) -> Verdict {
        match (self, claim) {
            (ClaimState::Held, _) => claim,
            (ClaimState::Reversed, Verdict::Better) => Verdict::Worse,
            (ClaimState::Reversed, Verdict::Worse) => Verdict::Better,
            _ => Verdict::NotDecided,
        }
    }

    /// Of a claim that is this verdict, where the other is found.
    #[must_use]
    pub fn of(claim: Verdict, found: Option<Paired>) -> ClaimState {
        match (claim, found.map(|found| found.verdict)) {
            (_, Some(verdict)) if verdict == claim => ClaimState::Held,
            (Verdict::Better, Some(Verdict::Worse)) | (Verdict::Worse, Some(Verdict::Better)) => ClaimState::Reversed,
            _ => ClaimState::Open,
        }
    }
}

/// A claim with what became of it.
#[derive(Clone, Debug)]
pub struct ClaimTried {
    /// The metric, by its place among the columns.
    pub column: usize,
    /// The strategy, by its place.
    pub strategy: usize,
    /// The difference at the scenario's own values; its interval holds for all claims at once.
    pub own: Paired,
    /// Along each range alone.
    pub keys: Vec<KeyTried>,
    /// In all ranges at once.
    pub in_box: BoxTried,
}

/// A claim along one range.
#[derive(Clone, Debug)]
pub struct KeyTried {
    /// The places that were looked at, as parts of the range, rising, with what was found; the scenario's own is none of them.
    pub looks: Vec<(f64, Option<Paired>)>,
    /// Whether the mean difference changes its sign along the range.
    pub crosses: bool,
    /// Where it does so, as a part of the range; none where it does not, or where too many resamples have no such place.
    pub break_even: Option<BreakEven>,
    /// Whether the claim holds above the break-even, and not below it.
    pub above: bool,
}

impl KeyTried {
    /// How the claim stands at both ends.
    #[must_use]
    pub fn ends(&self, claim: Verdict) -> (ClaimState, ClaimState) {
        let of = |look: Option<&(f64, Option<Paired>)>| ClaimState::of(claim, look.and_then(|look| look.1));
        (of(self.looks.first()), of(self.looks.last()))
    }
}

/// A claim in all ranges at once.
#[derive(Clone, Debug)]
pub struct BoxTried {
    /// How it stands at each point of the hypercube.
    pub states: Vec<ClaimState>,
    /// Ranks of the mean difference on those of the keys; none where it does not vary or the points are too few.
    pub regression: Option<RankRegression>,
}

impl BoxTried {
    /// The share of points at which it stands so.
    #[must_use]
    pub fn share(&self, state: ClaimState) -> f64 {
        let so = self.states.iter().filter(|&&found| found == state).count();
        so as f64 / self.states.len().max(1) as f64
    }

    /// By range, its part in what decides; none where a rank regression does not tell.
    #[must_use]
    pub fn decides(&self) -> Option<Vec<f64>> {
        let regression = self.regression.as_ref().filter(|it| it.r2 >= TELLING)?;
        Some(regression.shares())
    }
}

/// All that was found, with what was asked.
#[derive(Clone, Debug)]
pub struct Robustness {
    /// The program's version.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its question.
    pub question: String,
    /// Its digest, at its own values.
    pub digest: String,
    /// The scenario at its own values with every default filled in, as it may be read again.
    pub effective: String,
    /// What was asked.
    pub quest: RobustQuest,
    /// The claims: what is better or worse than the baseline at the scenario's own values.
    pub claims: Vec<ClaimTried>,
    /// What to know when reading them: sentences.
    pub assumptions: Vec<String>,
}

impl Robustness {
    /// The range that most of the claims hang on: reversed counts twice what is left open; of equals the one that decides most
    /// in the box. None where no claim hangs on any.
    #[must_use]
    pub fn carries(&self) -> Option<usize> {
        let weight = |state| match state {
            ClaimState::Held => 0,
            ClaimState::Open => 1,
            ClaimState::Reversed => 2,
        };
        let of = |key: usize| {
            let ends = |claim: &ClaimTried| {
                let (low, high) = claim.keys[key].ends(claim.own.verdict);
                weight(low) + weight(high)
            };
            let part = |claim: &ClaimTried| claim.in_box.decides().map_or(0.0, |parts| parts[key]);
            let sum: u32 = self.claims.iter().map(ends).sum();
            (sum, self.claims.iter().map(part).sum::<f64>())
        };
        let keys = (0..self.quest.ranges.len()).map(|key| (key, of(key)));
        let best =
            keys.max_by(|(a, one), (b, other)| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)).then(b.cmp(a)));
        best.filter(|(_, (sum, _))| *sum > 0).map(|(key, _)| key)
    }
}

/// What made the files.
#[must_use]
pub fn provenance(robust: &Robustness) -> String {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
    format!(
        "sickbay {} robust of scenario {} digest {} seed {}",
        clean(&robust.version),
        clean(&robust.scenario),
        robust.digest,
        robust.quest.seed
    )
}

/// Every claim, with what the table says of it.
pub(super) fn claims(quest: &RobustQuest, places: &[BTreeSet<usize>], table: &CellTable<CellRow>) -> Vec<ClaimTried> {
    let looks = Looks { quest, table };
    let seed = Seed {
        master: quest.seed,
        replication: u64::MAX,
    };
    let mut number = 0;
    let mut all = Vec::new();
    for (column, strategy) in looks.claims() {
        let Some(own) = looks.own(column, strategy) else {
            continue;
        };
        let mut keys = Vec::new();
        for (key, places) in places.iter().enumerate().take(quest.ranges.len()) {
            number += 1;
            keys.push(along(
                looks,
                (key, places),
                (column, strategy, own),
                &mut seed.stream(PURPOSE, number),
            ));
        }
        all.push(ClaimTried {
            column,
            strategy,
            own,
            keys,
            in_box: in_box(looks, column, strategy, own.verdict),
        });
    }
    all
}

fn along(
    looks: Looks<'_>,
    (key, places): (usize, &BTreeSet<usize>),
    (column, strategy, own): (usize, usize, Paired),
    stream: &mut Stream,
) -> KeyTried {
    let at = |place: usize| {
        (
            part_of(place),
            looks.paired(looks.quest.point(key, place), column, strategy, 1),
        )
    };
    let curve = looks.curve(key, places, column, strategy);
    let low = looks.paired(looks.quest.point(key, 0), column, strategy, 1);
    let high = looks.paired(looks.quest.point(key, PARTS), column, strategy, 1);
    // The claim holds on the side of the scenario's own value: where the difference crosses 0 twice, the ends say nothing.
    // Else, where the own value is no part of the range, on the side whose difference has its sign.
    let sided = |end: Option<Paired>| end.map_or(0.0, |end| end.diff * own.diff.signum());
    let range = &looks.quest.ranges[key];
    let break_even = curve.break_even(looks.quest.confidence, stream);
    let of_own = range.range.part(&range.own).zip(break_even);
    KeyTried {
        looks: places.iter().map(|&place| at(place)).collect(),
        crosses: curve.bracket().is_some(),
        break_even,
        above: of_own.map_or(sided(high) > sided(low), |(part, even)| part > even.at),
    }
}

fn in_box(looks: Looks<'_>, column: usize, strategy: usize, claim: Verdict) -> BoxTried {
    let quest = looks.quest;
    let found: Vec<Option<Paired>> = quest
        .box_points()
        .map(|point| looks.paired(point, column, strategy, 1))
        .collect();
    let valued = found
        .iter()
        .zip(&quest.parts)
        .filter_map(|(found, parts)| Some(((*found)?.diff, parts)));
    let (output, points): (Vec<f64>, Vec<&Vec<f64>>) = valued.unzip();
    let input = |key: usize| points.iter().map(|parts| parts[key]).collect();
    let inputs: Vec<Vec<f64>> = (0..quest.ranges.len()).map(input).collect();
    BoxTried {
        states: found.into_iter().map(|found| ClaimState::of(claim, found)).collect(),
        regression: rank_regression(&inputs, &output),
    }
}
