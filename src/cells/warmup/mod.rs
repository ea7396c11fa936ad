//! The warm-up: what is cut from the start of each replication, because a synthetic fleet starts empty and the question
//! is about one that is in use.
//!
//! Under `warm_up = "mser-5"` a pilot finds it. It plays the first replications (five at most) of every strategy and
//! watches how many nodes have a tenant; where nobody asks for any, how many are in maintenance. The level is averaged
//! over the pilot's replications, bin by bin (Welch 1983): what is common to them stays, noise goes. [`mser5`] cuts each
//! strategy's series; the scenario's cut is the largest of them, so that all strategies are measured over the same
//! time and pairs stay pairs. The run then cuts that much, as if the file had said so.
//!
//! What is watched is meant to be robust. Nodes with a tenant are many, and they fall as maintenance takes nodes away,
//! so that a backlog of repairs shows in them. Nodes in maintenance, queues and waits are few and come in bursts, and
//! MSER-5 takes a burst in the first half for a transient (in `leaky-hide`, twelve days of thirty). The pilot leaves
//! the scenario's campaigns out: a campaign is an event and no state to settle to, and a late one would pass for a
//! system that is never steady. What is left are laws that do not change with time, but for the hours of the week.
//!
//! The cut is a function of the scenario and the strategies asked for, and of nothing else.

mod fill;

use std::borrow::Cow;

pub use crate::stats::mser::{Truncation, mser5};

use super::cell::{inputs_of, tape_of};
use super::engine::{CellsError, Engine, Progress, Scenarios};
use super::job::CellJob;
use crate::kernel::{Span, Stop, Time};
use crate::scenario::{Scenario, WarmUpRule};
use crate::world;
use fill::{Fill, Series, width};

/// Replications of a pilot, at most.
const PILOTS: u32 = 5;

/// What is cut, and how that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmUp {
    /// Whether MSER-5 found it; else the scenario says it.
    pub found: bool,
    /// What is cut from the start of each replication.
    pub cut: Span,
    /// Out of this.
    pub horizon: Time,
    /// Replications that the pilot played; 0 where there was none.
    pub pilots: u32,
    /// The cut that each strategy's series asks for.
    pub series: Vec<SeriesCut>,
}

/// What MSER-5 says of one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesCut {
    /// The strategy's label.
    pub strategy: String,
    /// The series, by the name of its column.
    pub series: String,
    /// The cut that it asks for, half of the run at most.
    pub cut: Span,
    /// Whether it settles by then.
    pub settled: bool,
}

/// A scenario whose warm-up is fixed.
#[derive(Debug)]
pub struct Settled<'a> {
    /// The scenario, with the cut in its settings.
    pub scenario: Cow<'a, Scenario>,
    /// How it was found.
    pub warm_up: WarmUp,
}

/// What a pilot's cell gives: the integral of each bin.
type Levels = Vec<u64>;

impl WarmUp {
    /// A warm-up that the scenario itself says.
    fn typed(cut: Span, horizon: Time) -> WarmUp {
        WarmUp {
            found: false,
            cut,
            horizon,
            pilots: 0,
            series: Vec::new(),
        }
    }

    /// The share of the run that is cut.
    #[must_use]
    pub fn share(&self) -> f64 {
        crate::stats::estimate::tidy(self.cut.0 as f64 / self.horizon.0.max(1) as f64)
    }

    /// Whether more than half is cut, or would have to be.
    #[must_use]
    pub fn too_much(&self) -> bool {
        self.cut.0 > self.horizon.0 / 2 || self.series.iter().any(|series| !series.settled)
    }

    /// The first series that does not settle.
    fn unsettled(&self) -> Option<&SeriesCut> {
        self.series.iter().find(|series| !series.settled)
    }

    /// What somebody who reads the figures has to know before all: more than half of each run is worth nothing.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let fix = "run for longer (scenario.horizon), or cut a fixed time (report.warm_up)";
        if let Some(SeriesCut { strategy, series, .. }) = self.unsettled() {
            return Some(format!(
                "{series} under {strategy} has not settled by half of the horizon: MSER-5 would cut more; {fix}"
            ));
        }
        self.too_much().then(|| {
            format!(
                "the warm-up cuts {} of {}, more than half: {fix}",
                self.cut, self.horizon
            )
        })
    }

    /// A sentence for the report; none where the scenario says that nothing is cut.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let percent = (self.share() * 100.0).round();
        let tail = self
            .warning()
            .map_or_else(String::new, |warning| format!(" Warning: {warning}."));
        if !self.found {
            return (self.cut > Span::ZERO).then(|| {
                format!(
                    "Warm-up: the first {} of each replication ({percent} %) are cut, as the scenario says.{tail}",
                    self.cut
                )
            });
        }
        let pilot = match self.pilots {
            1 => "one replication".to_owned(),
            n => format!("{n} replications"),
        };
        let by = self
            .series
            .iter()
            .find(|series| series.cut == self.cut && self.cut > Span::ZERO);
        Some(match by {
            None => format!("Warm-up: nothing is cut; MSER-5 finds none in a pilot of {pilot}.{tail}"),
            Some(by) => format!(
                "Warm-up: the first {} of each replication ({percent} %) are cut, when {} under {} has settled by MSER-5 in a \
                 pilot of {pilot}.{tail}",
                self.cut, by.series, by.strategy
            ),
        })
    }
}

/// The sentence for reports of many runs of a scenario, each with a warm-up of its own.
#[must_use]
pub fn rule_of(scenario: &Scenario) -> Option<String> {
    match scenario.reporting.warm_up {
        WarmUpRule::Fixed(Span::ZERO) => None,
        WarmUpRule::Fixed(cut) => Some(format!("Warm-up: the first {cut} of each replication are cut.")),
        WarmUpRule::Mser5 => Some(format!(
            "Warm-up: at each value MSER-5 finds what is cut, in a pilot of the first {PILOTS} replications (fewer where there \
             are fewer); all strategies share the cut."
        )),
    }
}

/// Fixes the warm-up of a scenario for these strategies: by a pilot where the scenario leaves it to MSER-5, else as
/// it says, at no cost.
///
/// # Errors
/// As `Engine::collect`; an interrupt is one.
pub fn settle<'a>(
    scenario: &'a Scenario,
    variants: &[usize],
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Settled<'a>, CellsError> {
    if let WarmUpRule::Fixed(cut) = scenario.reporting.warm_up {
        return Ok(Settled {
            scenario: Cow::Borrowed(scenario),
            warm_up: WarmUp::typed(cut, scenario.horizon),
        });
    }
    let pilots = scenario.replications.min(PILOTS);
    let jobs = CellJob::all(variants, pilots);
    let mut settled = scenario.clone();
    let campaigns = std::mem::take(&mut settled.maintenance.campaigns);
    let levels = engine.collect(&jobs, Scenarios::One(&settled), progress, &|pilot, job| {
        play(pilot, job, engine.halt)
    })?;
    if levels.len() < jobs.len() {
        return Err(CellsError::Interrupted);
    }
    settled.maintenance.campaigns = campaigns;
    let series = variants
        .iter()
        .map(|&variant| cut_of(scenario, variant, &levels.of(0, variant).collect::<Vec<_>>()))
        .collect::<Vec<_>>();
    let cut = series.iter().map(|series| series.cut).max().unwrap_or_default();
    settled.reporting.warm_up = WarmUpRule::Fixed(cut);
    Ok(Settled {
        scenario: Cow::Owned(settled),
        warm_up: WarmUp {
            found: true,
            cut,
            horizon: scenario.horizon,
            pilots,
            series,
        },
    })
}

/// One cell of a pilot; none if it was halted. No audit: the run itself has it.
fn play(scenario: &Scenario, job: CellJob, halt: &dyn Fn() -> bool) -> Option<Levels> {
    let tape = tape_of(scenario, job.replication);
    let inputs = inputs_of(scenario, job.variant, &tape);
    let ended = world::run(inputs, Fill::new(watched(scenario), scenario.horizon), halt);
    (ended.stop != Stop::Halted).then(|| ended.observers.integrals())
}

/// What is watched of a scenario.
fn watched(scenario: &Scenario) -> Series {
    if scenario.demand.sources.is_empty() {
        Series::InMaintenance
    } else {
        Series::Occupied
    }
}

/// The cut of one strategy's series, averaged over the pilot's replications.
fn cut_of(scenario: &Scenario, variant: usize, levels: &[&Levels]) -> SeriesCut {
    let width = width(scenario.horizon);
    let scale = (width * levels.len() as u64) as f64;
    let bins = levels.first().map_or(0, |levels| levels.len());
    // Sums are whole: in which order the replications are added does not matter.
    let sum = |bin: usize| levels.iter().map(|levels| levels[bin]).sum::<u64>();
    let means: Vec<f64> = (0..bins).map(|bin| sum(bin) as f64 / scale).collect();
    let Truncation { cut, settled } = mser5(&means);
    SeriesCut {
        strategy: scenario.variants[variant].label.clone(),
        series: watched(scenario).name().to_owned(),
        cut: Span(cut as u64 * width),
        settled,
    }
}

#[cfg(test)]
mod tests;
