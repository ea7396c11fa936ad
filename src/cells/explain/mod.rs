//! Why a request was placed where it was, or refused: one cell is run again with an observer that
//! asks the scheduler's plain definition what the scheduler was asked, at the moment of the
//! decision, and then watches what became of the claim and of the nodes that were out of reach.

mod account;
pub mod errands;
mod scene;
mod sentence;
pub mod short;

use std::collections::BTreeMap;

use super::cell::{inputs_of, tape_of};
use super::log::story::sentence as told;
use super::rows::RequestOutcome;
use crate::fleet::{NodeId, RequestId};
use crate::kernel::Time;
use crate::scenario::Scenario;
use crate::scheduler::nova::Query;
use crate::scheduler::plain::{DecisionTrace, Leased, StageTrace, trace_leased};
use crate::scheduler::{Ask, Denial, Rules, ShapeVerdict, Stage};
use crate::view::View;
use crate::workload::{Request, Tape};
use crate::world::leases::LeaseBlocker;
use crate::world::{self, CAUSES, Cause, Clerk, Fact, Observer, Sight, Standing};
pub use account::{Asked, DecisionStage, ExplainError, Explanation, Happening, Pass, RefusedRequest};
pub use errands::{Errands, errands};
use scene::{NAMED, Scene};

/// A request that waits in line is decided again and again: so many decisions are shown.
const PASSES: usize = 8;

/// An instant of a scenario, RFC 3339, to the second.
#[must_use]
pub fn instant(scenario: &Scenario, at: Time) -> String {
    let epoch: Option<jiff::Timestamp> = scenario.epoch.parse().ok();
    let shifted = epoch.and_then(|epoch| {
        let ms = epoch.as_millisecond().checked_add(i64::try_from(at.0).ok()?)?;
        jiff::Timestamp::from_second(ms.div_euclid(1000)).ok()
    });
    shifted.map_or_else(|| format!("epoch + {at}"), |instant| instant.to_string())
}

/// The word for a cause in files.
#[must_use]
pub fn cause_word(cause: Cause) -> &'static str {
    CAUSES
        .iter()
        .find(|(known, _)| *known == cause)
        .map_or("?", |(_, word)| word)
}

/// The requests that a strategy refused in a replication.
///
/// # Panics
/// When the run breaks an invariant of the world.
#[must_use]
pub fn refused(scenario: &Scenario, variant: usize, replication: u32) -> Vec<RefusedRequest> {
    struct List<'a>(&'a Scenario, Vec<RefusedRequest>);
    impl Observer for List<'_> {
        fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
            if let Fact::Refused { request, cause } = *fact {
                let it = sight.request(request);
                let names = &sight.fleet.names;
                self.1.push(RefusedRequest {
                    id: sight.request_name(request),
                    at: instant(self.0, at),
                    tenant: names.tenants.name(it.tenant.0).to_owned(),
                    class: names.classes.name(it.class.0).to_owned(),
                    count: it.count,
                    cause: cause_word(cause),
                });
            }
        }
    }
    let tape = tape_of(scenario, replication);
    let inputs = inputs_of(scenario, variant, &tape);
    world::run(inputs, List(scenario, Vec::new()), &|| false).observers.1
}

/// Explains what became of a request under a strategy in a replication.
///
/// # Errors
/// When there is no such request.
///
/// # Panics
/// When the run breaks an invariant of the world.
pub fn explain(scenario: &Scenario, variant: usize, replication: u32, id: &str) -> Result<Explanation, ExplainError> {
    let tape = tape_of(scenario, replication);
    // Whoever is asked for may be the last one, or not be there: all are made once to know.
    let requests = tape.requests.whole();
    let ids = || (0..requests.made()).map(RequestId);
    let names = || ids().map(|request| requests.name(request));
    let Some(request) = ids().find(|&request| requests.name(request) == id) else {
        return Err(ExplainError::Unknown {
            id: id.to_owned(),
            replication,
            known: names().collect(),
        });
    };
    let it = requests.request(request);
    drop(requests);
    let lens = Lens::of(scenario, variant, &tape);
    let id = id.to_owned();
    let explainer = Explainer::new(&lens, Target { request, id, it });
    let inputs = inputs_of(scenario, variant, &tape);
    let explainer = world::run(inputs, explainer, &|| false).observers;
    Ok(explainer.finish(replication))
}

/// What is explained.
struct Target {
    request: RequestId,
    id: String,
    it: Request,
}

/// The plain definition of a strategy's decisions, which explainers of one run share.
struct Lens<'a> {
    scenario: &'a Scenario,
    variant: usize,
    clerk: Clerk,
    rules: Rules,
}

impl<'a> Lens<'a> {
    fn of(scenario: &'a Scenario, variant: usize, tape: &Tape) -> Lens<'a> {
        let inputs = inputs_of(scenario, variant, tape);
        let clerk = Clerk::new(&inputs);
        Lens {
            rules: clerk.rules(&inputs),
            clerk,
            scenario,
            variant,
        }
    }
}

/// The observer.
struct Explainer<'a> {
    scenario: &'a Scenario,
    variant: usize,
    target: Target,
    clerk: &'a Clerk,
    rules: &'a Rules,
    /// Whether only the end matters: a request that is decided again and again is looked at when it is refused.
    short: bool,
    passes: Vec<Pass>,
    left_out: usize,
    events: Vec<Happening>,
    scene: Option<Scene>,
    ended: Option<(Time, Option<Cause>)>,
    /// With how few machines the last decision would have been content.
    least: usize,
    /// The tenant's machines then, in all and of the class.
    used: (u32, u32),
    /// Machines that were decided last and lost.
    lost: usize,
    /// Builds that failed.
    failed: usize,
    /// Builds that went to a node in maintenance.
    misplaced: usize,
    /// Machines that the request had leased in advance when it was decided last.
    own: Vec<NodeId>,
    /// Whether it has begun to take what was decided last.
    taking: bool,
    /// Nodes that were out of reach at the last decision, with when they were next on offer.
    watched: BTreeMap<NodeId, Option<Time>>,
}

impl<'a> Explainer<'a> {
    fn new(lens: &'a Lens<'a>, target: Target) -> Explainer<'a> {
        Explainer {
            rules: &lens.rules,
            clerk: &lens.clerk,
            scenario: lens.scenario,
            variant: lens.variant,
            target,
            short: false,
            passes: Vec::new(),
            left_out: 0,
            events: Vec::new(),
            scene: None,
            ended: None,
            least: 1,
            used: (0, 0),
            lost: 0,
            failed: 0,
            misplaced: 0,
            own: Vec::new(),
            taking: false,
            watched: BTreeMap::new(),
        }
    }

    fn in_short(self) -> Explainer<'a> {
        Explainer { short: true, ..self }
    }

    /// The plain definition's account of the decision that has just been made.
    fn traced(&self, at: Time, sight: &Sight<'_>) -> DecisionTrace {
        let ask = self.ask_now(at, sight);
        let name = |node: NodeId| sight.fleet.name(node).to_owned();
        let leased = |node: NodeId| self.leased(at, node, sight);
        let kept = !sight.calendar.is_empty();
        trace_leased(
            &sight.view,
            self.rules.judge(),
            &ask,
            &name,
            kept.then_some(&leased as Leased<'_>),
        )
    }

    /// What is asked now: the tenant's quota may lower the number of machines.
    fn ask_now(&self, at: Time, sight: &Sight<'_>) -> Ask {
        let quota = self.rules.policy().quota.as_deref();
        let now = self.clerk.ask_now(&self.target.it, at, quota, &sight.usage);
        now.unwrap_or_else(|| self.clerk.ask(&self.target.it, at))
    }

    /// Who has leased a node within the time that the request plans, in words.
    fn leased(&self, at: Time, node: NodeId, sight: &Sight<'_>) -> Option<String> {
        let keeper = sight.keeper_now(node, self.target.request, &self.target.it, at)?;
        Some(match keeper {
            LeaseBlocker::Occupant => "leased to the tenant who is on it".to_owned(),
            LeaseBlocker::Operators(from) => format!("leased to the operators from {}", instant(self.scenario, from)),
            LeaseBlocker::Request(request, from) => {
                let who = sight.request_name(request);
                format!("leased to {who} from {}", instant(self.scenario, from))
            }
        })
    }

    fn look(&mut self, at: Time, sight: &Sight<'_>, trace: &DecisionTrace) {
        let ask = self.ask_now(at, sight);
        let scene = Scene::of(at, sight, &ask, trace, (self.rules, self.clerk.hides()), &|node| {
            self.leased(at, node, sight)
        });
        self.least = ask.least();
        let (tenant, class) = (self.target.it.tenant, self.target.it.class);
        self.used = sight.usage.of(tenant, class);
        self.watched = scene.out_of_reach().map(|node| (node, None)).collect();
        self.scene = Some(scene);
    }

    fn pass(&mut self, at: Time, sight: &Sight<'_>) {
        let trace = self.traced(at, sight);
        (self.lost, self.taking) = (0, false);
        self.own = sight.calendar.nodes_of(self.target.request).to_vec();
        let pass = pass(instant(self.scenario, at), &trace, sight);
        keep(&mut self.passes, &mut self.left_out, pass);
        self.look(at, sight, &trace);
    }

    /// A request with leases takes a machine, one of those or another: that is what was decided.
    fn took_lease(&mut self, node: NodeId, sight: &Sight<'_>) {
        let Some(pass) = self.passes.last_mut() else { return };
        let name = sight.fleet.name(node).to_owned();
        if !std::mem::replace(&mut self.taking, true) {
            pass.picks.clear();
            pass.denied_by = None;
        }
        pass.alternates.retain(|other| *other != name);
        pass.picks.push(name.clone());
        if self.own.contains(&node) {
            pass.leased.push(name);
        }
    }

    fn finish(self, replication: u32) -> Explanation {
        let request = self.asked();
        let (outcome, cause) = match self.ended {
            Some((_, Some(cause))) => (RequestOutcome::Refused.word(), Some(cause_word(cause))),
            Some((_, None)) => (RequestOutcome::Accepted.word(), None),
            None if self.events.is_empty() => ("never decided", None),
            None => (RequestOutcome::Waiting.word(), None),
        };
        let answer = sentence::answer(&sentence::Story {
            request: &request,
            start: self.target.it.start,
            ended: self.ended,
            scene: self.scene.as_ref(),
            watched: &self.watched,
            events: &self.events,
            passes: &self.passes,
            rules: self.rules,
            it: &self.target.it,
            least: self.least,
            used: self.used,
            lost: self.lost,
            failed: self.failed,
            misplaced: self.misplaced,
            hides: self.clerk.hides(),
        });
        Explanation {
            scenario: self.scenario.name.clone(),
            scenario_digest: self.scenario.digest.clone(),
            strategy: self.scenario.variants[self.variant].label.clone(),
            seed: self.scenario.seed,
            replication,
            answer,
            request,
            decisions: self.passes,
            decisions_left_out: self.left_out,
            events: self.events,
            nodes: self.scene.map_or_else(Vec::new, Scene::groups),
            outcome,
            cause,
        }
    }

    fn asked(&self) -> Asked {
        let it = &self.target.it;
        let ask = self.clerk.ask(it, it.start);
        let names = &self.scenario.fleet.names;
        let spec = self.rules.judge().glossary().request(&ask.spec, it.count, None);
        let traits = |set| names.traits_of(set).map(str::to_owned).collect();
        Asked {
            id: self.target.id.clone(),
            arrival: instant(self.scenario, it.arrival),
            start: instant(self.scenario, it.start),
            tenant: names.tenants.name(it.tenant.0).to_owned(),
            class: names.classes.name(it.class.0).to_owned(),
            count: it.count,
            min_count: it.min_count,
            hold_s: it.hold.as_secs(),
            traits: traits(it.required),
            forbidden: traits(it.forbidden),
            extra_specs: spec.flavor.extra_specs,
            hints: spec
                .hints
                .into_iter()
                .map(|(key, values)| (key, values.join(", ")))
                .collect(),
            availability_zone: spec.availability_zone,
        }
    }
}

impl Observer for Explainer<'_> {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if let Fact::Stood { node, to, .. } = *fact {
            let offered = to.is(Standing::OFFERED);
            match self.watched.get_mut(&node) {
                Some(back @ None) if offered => *back = Some(at),
                // For no time: the operators have renewed their lease. One whom a tenant has taken was on offer.
                Some(back) if !offered && !to.is(Standing::TENANT) && *back == Some(at) => *back = None,
                _ => {}
            }
            return;
        }
        if fact.request() != Some(self.target.request) {
            return;
        }
        match *fact {
            Fact::Decided { .. } if self.short && self.passes.len() == PASSES => self.scene = None,
            Fact::Decided { .. } => self.pass(at, sight),
            Fact::Accepted { .. } => self.ended = Some((at, None)),
            Fact::Claimed { node, attempt: 1, .. } if !self.own.is_empty() => self.took_lease(node, sight),
            Fact::SiblingLost { .. } => self.lost += 1,
            Fact::BuildFailed { .. } => self.failed += 1,
            Fact::Misplaced { .. } => self.misplaced += 1,
            Fact::Refused { cause, .. } => {
                self.ended = Some((at, Some(cause)));
                let undecided = matches!(cause, Cause::Quota | Cause::Line | Cause::NeverFits);
                if undecided || self.scene.is_none() {
                    let trace = self.traced(at, sight);
                    self.look(at, sight, &trace);
                }
            }
            _ => {}
        }
        if let Some(what) = told(fact, sight) {
            self.events.push(Happening {
                at: instant(self.scenario, at),
                what,
            });
        }
    }
}

/// Keeps a pass: the first ones and the last one are shown.
fn keep(passes: &mut Vec<Pass>, left_out: &mut usize, pass: Pass) {
    if passes.len() == PASSES {
        passes.pop();
        *left_out += 1;
    }
    passes.push(pass);
}

/// A decision as it is shown.
fn pass(at: String, trace: &DecisionTrace, sight: &Sight<'_>) -> Pass {
    let name = |node: NodeId| sight.fleet.name(node).to_owned();
    let named = |nodes: &[NodeId]| nodes.iter().map(|&node| name(node)).collect::<Vec<_>>();
    let (picks, alternates, denied_by) = match &trace.outcome {
        Ok(choice) => (named(choice.picks()), named(choice.alternates()), None),
        Err(Denial { stage, .. }) => {
            let word = match stage {
                Stage::RequestFilters => "request filters",
                Stage::Lookup => "lookup of the named node",
                Stage::Placement => "Placement",
                Stage::Filters => "filters",
            };
            (Vec::new(), Vec::new(), Some(word))
        }
    };
    let weights: Vec<(String, f64)> = trace
        .weighed
        .iter()
        .take(NAMED)
        .map(|&(node, w)| (name(node), w))
        .collect();
    Pass {
        at,
        query: trace.query.as_ref().map_or_else(Vec::new, parameters),
        known: known(&sight.view),
        stages: trace.stages.iter().map(|stage| step(stage, sight)).collect(),
        tied: trace.weighed.windows(2).all(|pair| pair[0].1 == pair[1].1),
        weights,
        picks,
        leased: Vec::new(),
        alternates,
        denied_by,
    }
}

fn known(view: &View) -> usize {
    (0..view.len() as u32)
        .filter(|&node| view.listing(NodeId(node)).listed)
        .count()
}

fn step(stage: &StageTrace, sight: &Sight<'_>) -> DecisionStage {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    stage
        .fell
        .iter()
        .for_each(|(_, _, reason)| *reasons.entry(reason).or_default() += 1);
    // Rare reasons are named first: one node among seventy is what the reader looks for.
    let mut fell: Vec<&(NodeId, ShapeVerdict, String)> = stage.fell.iter().collect();
    fell.sort_by_key(|(_, _, reason)| reasons[reason.as_str()]);
    let mut reasons: Vec<(String, usize)> = reasons.into_iter().map(|(reason, n)| (reason.to_owned(), n)).collect();
    reasons.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let exact = |(node, _, reason): &(NodeId, ShapeVerdict, String)| {
        let why = scene::truth(sight, *node).map_or_else(|| reason.clone(), |truth| format!("{reason}: {truth}"));
        (sight.fleet.name(*node).to_owned(), why)
    };
    DecisionStage {
        stage: stage.name.clone(),
        left: stage.left,
        fell: stage.fell.len(),
        nodes: fell.into_iter().take(NAMED).map(exact).collect(),
        reasons,
    }
}

/// A query in Placement's own form, aggregates by name.
fn parameters(query: &Query) -> Vec<(String, String)> {
    let joined = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(",");
    let signed = |plus: &mut dyn Iterator<Item = &String>, minus: &mut dyn Iterator<Item = &String>| {
        let minus: Vec<String> = minus.map(|name| format!("!{name}")).collect();
        plus.cloned().chain(minus).collect::<Vec<_>>().join(",")
    };
    let mut said = vec![
        (
            "resources",
            joined(&mut query.resources.iter().map(|(class, n)| format!("{class}:{n}"))),
        ),
        (
            "required",
            signed(&mut query.required.iter().flatten(), &mut query.forbidden.iter()),
        ),
        (
            "root_required",
            signed(&mut query.root_required.iter(), &mut query.root_forbidden.iter()),
        ),
    ];
    for any in &query.member_of {
        said.push(("member_of", format!("in:{}", joined(&mut any.iter().cloned()))));
    }
    if !query.forbidden_aggregates.is_empty() {
        let names = joined(&mut query.forbidden_aggregates.iter().cloned());
        said.push(("member_of", format!("!in:{names}")));
    }
    said.push(("in_tree", query.in_tree.clone().unwrap_or_default()));
    said.push(("limit", query.limit.map_or_else(String::new, |n| n.to_string())));
    let said = said.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(key, value)| (key.to_owned(), value)).collect()
}
