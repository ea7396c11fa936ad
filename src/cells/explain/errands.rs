//! The operators' boots onto a node: what the scheduler was asked each time, and what it answered.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{ExplainError, Happening, Pass, instant, keep, pass, told};
use crate::cells::cell::{inputs_of, tape_of};
use crate::fleet::{NodeId, WindowId};
use crate::kernel::Time;
use crate::scenario::Scenario;
use crate::scheduler::Rules;
use crate::scheduler::plain::trace;
use crate::world::{self, Clerk, ErrandEnd, Fact, Observer, Sight};

/// What became of the errands on a node.
#[derive(Clone, Debug, Serialize)]
pub struct Errands {
    /// The scenario.
    pub scenario: String,
    /// Its digest.
    pub scenario_digest: String,
    /// The strategy's label.
    pub strategy: String,
    /// The master seed.
    pub seed: u64,
    /// The replication.
    pub replication: u32,
    /// The node.
    pub node: String,
    /// In one sentence what became of its errands.
    pub answer: String,
    /// The scheduler's decisions on the boots, each with what became of it.
    pub decisions: Vec<Pass>,
    /// Decisions that are left out, because they are too many.
    pub decisions_left_out: usize,
    /// What happened, in order.
    pub events: Vec<Happening>,
}

/// Explains the operators' boots onto a node under a strategy in a replication.
///
/// # Errors
/// When there is no such node.
///
/// # Panics
/// When the run breaks an invariant of the world.
pub fn errands(scenario: &Scenario, variant: usize, replication: u32, node: &str) -> Result<Errands, ExplainError> {
    let fleet = &scenario.fleet;
    let Some(id) = fleet.ids().find(|&id| fleet.name(id) == node) else {
        return Err(ExplainError::NoNode {
            node: node.to_owned(),
            known: fleet.ids().map(|id| fleet.name(id).to_owned()).collect(),
        });
    };
    let tape = tape_of(scenario, replication);
    let inputs = inputs_of(scenario, variant, &tape);
    let clerk = Clerk::new(&inputs);
    let watcher = Watcher {
        scenario,
        node: id,
        rules: clerk.rules(&inputs),
        passes: Vec::new(),
        left_out: 0,
        events: Vec::new(),
        counts: Counts::default(),
        windows: BTreeSet::new(),
    };
    let watcher = world::run(inputs, watcher, &|| false).observers;
    Ok(watcher.finish(variant, replication, node))
}

#[derive(Default)]
struct Counts {
    needed: usize,
    asked: usize,
    refused: usize,
    failed: usize,
    done: usize,
    unserved: usize,
}

struct Watcher<'a> {
    scenario: &'a Scenario,
    node: NodeId,
    rules: Rules,
    passes: Vec<Pass>,
    left_out: usize,
    events: Vec<Happening>,
    counts: Counts,
    /// The node's windows that have had errands.
    windows: BTreeSet<WindowId>,
}

/// The node whose errand a fact is about.
fn errand_on(fact: &Fact) -> Option<NodeId> {
    match *fact {
        Fact::ErrandNeeded { node, .. }
        | Fact::ErrandAsked { node, .. }
        | Fact::ErrandRefused { node, .. }
        | Fact::Mistargeted { node, .. }
        | Fact::ErrandRuns { node, .. }
        | Fact::ErrandEnded { node, .. } => Some(node),
        _ => None,
    }
}

impl Observer for Watcher<'_> {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        // A boot may have failed on another machine.
        let failed = matches!(fact, Fact::BootFailed { window, .. } if self.windows.contains(window));
        if errand_on(fact) != Some(self.node) && !failed {
            return;
        }
        match *fact {
            Fact::ErrandNeeded { window, .. } => {
                self.windows.insert(window);
                self.counts.needed += 1;
            }
            Fact::BootFailed { .. } => self.counts.failed += 1,
            Fact::ErrandAsked { .. } => self.asked(at, sight),
            Fact::ErrandRefused { .. } => self.counts.refused += 1,
            Fact::ErrandEnded { end, .. } => match end {
                ErrandEnd::Done => self.counts.done += 1,
                ErrandEnd::Unserved | ErrandEnd::Cut => self.counts.unserved += 1,
            },
            _ => {}
        }
        if let Some(what) = told(fact, sight) {
            let at = instant(self.scenario, at);
            self.events.push(Happening { at, what });
        }
    }
}

impl Watcher<'_> {
    /// The plain definition's account of the decision that is about to be made.
    fn asked(&mut self, at: Time, sight: &Sight<'_>) {
        let Some(ask) = sight.errand else { return };
        self.counts.asked += 1;
        let name = |node: NodeId| sight.fleet.name(node).to_owned();
        let trace = trace(&sight.view, self.rules.judge(), &ask, &name);
        let pass = pass(instant(self.scenario, at), &trace, sight);
        keep(&mut self.passes, &mut self.left_out, pass);
    }

    fn finish(self, variant: usize, replication: u32, node: &str) -> Errands {
        let strategy = &self.scenario.variants[variant].label;
        Errands {
            answer: answer(node, strategy, &self.counts),
            scenario: self.scenario.name.clone(),
            scenario_digest: self.scenario.digest.clone(),
            strategy: strategy.clone(),
            seed: self.scenario.seed,
            replication,
            node: node.to_owned(),
            decisions: self.passes,
            decisions_left_out: self.left_out,
            events: self.events,
        }
    }
}

fn answer(node: &str, strategy: &str, counts: &Counts) -> String {
    let of = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let Counts {
        needed,
        asked,
        refused,
        failed,
        done,
        unserved,
    } = *counts;
    if needed == 0 {
        return format!("Nothing had to be booted on {node} for the operators.");
    }
    let errands = of(needed, "errand", "errands");
    if asked == 0 && refused == 0 {
        return format!(
            "{node} had {errands} under {strategy}, none through the scheduler: {done} done, {unserved} not served."
        );
    }
    let builds = match failed {
        0 => String::new(),
        n => format!(" and {} failed", of(n, "build", "builds")),
    };
    format!(
        "{node} had {errands} under {strategy}: the scheduler was asked for {}, {} refused{builds}; {done} done, {unserved} not served.",
        of(asked, "boot", "boots"),
        of(refused, "try was", "tries were"),
    )
}
