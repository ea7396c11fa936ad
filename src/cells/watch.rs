//! The observer of what a scenario expects never to happen.

use super::log::story;
use crate::fleet::{NodeId, RequestId, TenantId};
use crate::kernel::{Span, Time};
use crate::scenario::Scenario;
use crate::scenario::expect::{Never, Wants};
use crate::workload::Kind;
use crate::world::{ErrandEnd, Fact, Observer, Sight, Standing};

/// The observer of what should never happen to one strategy.
#[derive(Clone, Debug)]
pub struct Watch {
    sightings: Vec<Sighting>,
    /// By node: whether the view hides it. Kept only where something is watched for.
    hidden: Vec<bool>,
}

/// What was seen of one expectation.
#[derive(Clone, Debug)]
struct Sighting {
    /// Its place among the scenario's expectations.
    place: usize,
    what: Never,
    longer_than: Span,
    count: u64,
    first: Option<(Time, String)>,
    /// Of a state that lasts, by node: since when.
    since: Vec<Option<Time>>,
}

impl Watch {
    /// A watch for what the scenario expects of one of its variants.
    #[must_use]
    pub fn new(scenario: &Scenario, variant: usize) -> Watch {
        let nodes = scenario.fleet.nodes.len();
        let it = &scenario.variants[variant];
        let expectations = scenario.expectations.iter().enumerate();
        let sightings: Vec<Sighting> = expectations
            .filter(|(_, expectation)| expectation.about(&it.label))
            .filter_map(|(place, expectation)| match expectation.wants {
                Wants::Never { what, longer_than } => Some(Sighting {
                    place,
                    what,
                    longer_than,
                    count: 0,
                    first: None,
                    since: vec![None; if what.lasts() { nodes } else { 0 }],
                }),
                Wants::Metric { .. } => None,
            })
            .collect();
        Watch {
            hidden: vec![false; if sightings.is_empty() { 0 } else { nodes }],
            sightings,
        }
    }

    /// How often what the expectation at this place forbids was seen, and when first; none if it never was.
    #[must_use]
    pub fn seen(&self, place: usize) -> Option<(u64, &(Time, String))> {
        let own = self.sightings.iter().find(|sighting| sighting.place == place)?;
        Some((own.count, own.first.as_ref()?))
    }
}

impl Observer for Watch {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if self.sightings.is_empty() {
            return;
        }
        for sighting in &mut self.sightings {
            if sighting.what.lasts() {
                sighting.lasting(at, fact, sight);
            } else if happens(sighting.what, fact, &self.hidden, sight) {
                sighting.saw(at, || {
                    story::sentence(fact, sight).unwrap_or_else(|| format!("{fact:?}"))
                });
            }
        }
        if let Fact::Stood { node, to, .. } = *fact {
            self.hidden[node.at()] = to.is(Standing::HIDDEN);
        }
    }
}

impl Sighting {
    fn saw(&mut self, at: Time, sentence: impl FnOnce() -> String) {
        self.count += 1;
        self.first.get_or_insert_with(|| (at, sentence()));
    }

    fn lasting(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::Stood { node, to, .. } => {
                let since = &mut self.since[node.at()];
                if !is(self.what, to) {
                    let since = since.take();
                    self.over(at, node, since, sight);
                } else if since.is_none() {
                    *since = Some(at);
                }
            }
            Fact::Ended => {
                for node in (0..self.since.len()).map(|node| NodeId(node as u32)) {
                    let since = self.since[node.at()].take();
                    self.over(at, node, since, sight);
                }
            }
            _ => {}
        }
    }

    fn over(&mut self, at: Time, node: NodeId, since: Option<Time>, sight: &Sight<'_>) {
        let Some(since) = since.filter(|&since| at - since > self.longer_than) else {
            return;
        };
        let (what, name) = (self.what, sight.fleet.name(node));
        let state = if what == Never::Stranded {
            "hidden, healthy, held by nothing and used by nobody"
        } else {
            "offered although broken or in maintenance"
        };
        self.saw(since, || format!("node {name} is {state} for {}", at - since));
    }
}

fn is(what: Never, standing: Standing) -> bool {
    match what {
        Never::Stranded => standing.stranded(),
        _ => standing.exposed(),
    }
}

/// Whether the fact is one that should never be.
fn happens(what: Never, fact: &Fact, hidden: &[bool], sight: &Sight<'_>) -> bool {
    let ordinary = |request: RequestId| {
        let asked = sight.find(request);
        asked.is_some_and(|asked| asked.kind != Kind::Operator && asked.tenant != TenantId::OPERATORS)
    };
    match (what, *fact) {
        (Never::Misplacement, Fact::Misplaced { request, .. })
        | (Never::Breach, Fact::Breach { request, .. })
        | (Never::Eviction, Fact::Evicted { request, .. })
        | (Never::Interruption, Fact::Interrupted { request, .. })
        | (Never::Refusal, Fact::Refused { request, .. })
        | (Never::FailedBuild, Fact::BuildFailed { request, .. })
        | (Never::LostClaim, Fact::Conflict { request, .. })
        | (Never::RefusedRescue, Fact::RescueRefused { request, .. }) => ordinary(request),
        // Alternates were fixed at the decision, when the view did not know yet.
        (Never::PlacementOnHidden, Fact::Claimed { request, node, attempt }) => {
            attempt <= 1 && hidden[node.at()] && ordinary(request)
        }
        (Never::MistargetedErrand, Fact::Mistargeted { .. })
        | (Never::ExpiredLease, Fact::LeaseExpired { .. })
        | (Never::ForgottenStep, Fact::Slipped { .. }) => true,
        (Never::FailedErrand, Fact::ErrandEnded { end, .. }) => end != ErrandEnd::Done,
        _ => false,
    }
}
