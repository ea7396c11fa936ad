//! Verifies what a scenario expects: bounds on metrics, and what never happens.

use super::finding::{Finding, Verdict};
use super::golden::{Record, six};
use crate::experiment::columns::column;
use crate::experiment::log::story;
use crate::experiment::stats::estimate;
use crate::fleet::{NodeId, TenantId};
use crate::kernel::{Span, Time};
use crate::scenario::Scenario;
use crate::scenario::expect::{Expectation, Never, Of, Wants};
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
    let ordinary = |request: u32| {
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

/// Whether each expectation holds for each strategy that was run.
#[must_use]
pub fn verify(scenario: &Scenario, record: &Record) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, course) in record.golden.courses.iter().enumerate() {
        for (place, expectation) in scenario.expectations.iter().enumerate() {
            if !expectation.about(&course.label) {
                continue;
            }
            let said = match &expectation.wants {
                Wants::Metric { metric, .. } => column(metric).map_or_else(
                    || Err(format!("there is no metric `{metric}`")),
                    |column| {
                        let values: Vec<Option<f64>> = record.values[at].iter().map(|row| row[column]).collect();
                        bound(&expectation.wants, &values, scenario.reporting.confidence)
                    },
                ),
                Wants::Never { .. } => never(place, &record.watches[at]),
            };
            findings.push(finding(&course.label, expectation, said));
        }
    }
    findings
}

fn finding(label: &str, expectation: &Expectation, said: Result<String, String>) -> Finding {
    let place = &expectation.place;
    let mut lines = Vec::new();
    if said.is_err() {
        lines.extend(expectation.why.clone());
        lines.push(format!("expected in {}:{}", place.file, place.line));
    }
    let broken = said.is_err();
    let (Ok(said) | Err(said)) = said;
    Finding {
        strategy: label.to_owned(),
        what: expectation.words(),
        verdict: if broken { Verdict::Broken } else { Verdict::Holds },
        fails: broken,
        said,
        lines,
        figures: None,
        place: Some((place.file.clone(), place.line)),
    }
}

/// Whether a metric keeps to its bound; how it does, or does not.
fn bound(wants: &Wants, values: &[Option<f64>], confidence: f64) -> Result<String, String> {
    let Wants::Metric {
        relation, value, of, ..
    } = wants
    else {
        return Err("no metric is wanted".to_owned());
    };
    if *of == Of::Mean {
        return of_mean(*relation, *value, values, confidence);
    }
    let found = values
        .iter()
        .enumerate()
        .filter_map(|(at, found)| Some((at, six((*found)?))));
    let wrong: Vec<(usize, f64)> = found.filter(|(_, found)| !relation.holds(*found, *value)).collect();
    match (&wrong[..], values.iter().flatten().count()) {
        // What nothing contradicts, nothing has shown.
        (_, 0) => Err("no replication has a value".to_owned()),
        ([], n) => Ok(format!("in each of {n} replications")),
        ([(at, found), ..], n) => Err(format!(
            "{found} in replication {at}, and not in {} of {n} replications",
            wrong.len()
        )),
    }
}

/// Whether the whole interval of the mean lies on the right side.
fn of_mean(
    relation: crate::scenario::expect::Relation,
    bound: f64,
    values: &[Option<f64>],
    confidence: f64,
) -> Result<String, String> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let Some(it) = estimate(&known, confidence) else {
        return Err("no replication has a value".to_owned());
    };
    let (mean, lo, hi) = (six(it.mean), six(it.lo), six(it.hi));
    let shown = format!("the mean is {mean} [{lo}, {hi}] over {} replications", it.n);
    if it.n < 2 {
        return Err(format!("{shown}: one replication has no interval, so nothing is shown"));
    }
    let ends = [lo, hi].map(|end| relation.holds(end, bound));
    match ends {
        [true, true] => Ok(shown),
        [false, false] => Err(shown),
        _ => Err(format!("{shown}: not separable from {bound}")),
    }
}

fn never(place: usize, watches: &[Watch]) -> Result<String, String> {
    let mut seen = Vec::new();
    for (replication, watch) in watches.iter().enumerate() {
        let own = watch.sightings.iter().find(|sighting| sighting.place == place);
        if let Some(sighting) = own
            && let Some((at, sentence)) = &sighting.first
        {
            seen.push((replication, sighting.count, at, sentence));
        }
    }
    let total: u64 = seen.iter().map(|(_, count, ..)| count).sum();
    match seen.first() {
        None => Ok(format!("in {} replications", watches.len())),
        Some((replication, _, at, sentence)) => Err(format!(
            "{total} times in {} of {} replications; first in replication {replication} at {at}: {sentence}",
            seen.len(),
            watches.len()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::expect::Relation;

    fn metric(relation: Relation, value: f64, of: Of) -> Wants {
        Wants::Metric {
            metric: "refused".to_owned(),
            relation,
            value,
            of,
        }
    }

    #[test]
    fn a_bound_on_every_replication_names_the_first_that_breaks_it() {
        let wants = metric(Relation::AtMost, 2.0, Of::Every);
        let values = [Some(1.0), Some(3.0), None, Some(4.0)];
        assert_eq!(
            bound(&wants, &values[..1], 0.95),
            Ok("in each of 1 replications".to_owned())
        );
        let said = bound(&wants, &values, 0.95).unwrap_err();
        assert_eq!(said, "3 in replication 1, and not in 2 of 3 replications");
        assert!(bound(&wants, &[None], 0.95).unwrap_err().contains("no replication"));
    }

    #[test]
    fn a_bound_on_the_mean_asks_for_its_whole_interval() {
        let values = [Some(1.0), Some(2.0), Some(3.0)];
        let said = |relation, value| bound(&metric(relation, value, Of::Mean), &values, 0.95);
        // The interval is 2 -+ 2.484.
        assert!(said(Relation::AtMost, 5.0).is_ok());
        assert!(
            said(Relation::AtMost, 4.0)
                .unwrap_err()
                .contains("not separable from 4")
        );
        let wrong = said(Relation::AtLeast, 5.0).unwrap_err();
        assert!(!wrong.contains("not separable"), "{wrong}");
        let alone = bound(&metric(Relation::AtMost, 5.0, Of::Mean), &values[..1], 0.95);
        assert!(alone.unwrap_err().contains("no interval"));
    }
}
