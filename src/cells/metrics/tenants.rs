//! What tenants meet: acceptance, refusals by cause, waits, and what befalls their instances.

use super::bag::Bag;
use super::patience::Patience;
use super::sums::{Sampled, count, share};
use crate::cells::columns::Metric;
use crate::cells::outcome::{Detail, MOST_SAMPLES};
use crate::fleet::{Names, RequestId};
use crate::kernel::Time;
use crate::stats::estimate::tidy;
use crate::workload::{Kind, Request};
use crate::world::{CAUSES, Cause, Fact};

/// Tenants get details of their own when there are at most this many of them.
const FEW_TENANTS: usize = 20;

/// What befalls an instance or a claim; its number is its place in `Tenants::events`.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub enum Event {
    Misplaced,
    BuildFailed,
    Breach,
    Evicted,
    Interrupted,
    RescueBegan,
    RescueRefused,
    RescueErrored,
    SiblingLost,
    Other,
}

impl From<&Fact> for Event {
    fn from(fact: &Fact) -> Event {
        match fact {
            Fact::Misplaced { .. } => Event::Misplaced,
            Fact::BuildFailed { .. } => Event::BuildFailed,
            Fact::Breach { .. } => Event::Breach,
            Fact::Evicted { .. } => Event::Evicted,
            Fact::Interrupted { .. } => Event::Interrupted,
            Fact::RescueBegan { .. } => Event::RescueBegan,
            Fact::RescueRefused { .. } => Event::RescueRefused,
            Fact::RescueErrored { .. } => Event::RescueErrored,
            Fact::SiblingLost { .. } => Event::SiblingLost,
            _ => Event::Other,
        }
    }
}

/// Requests by what became of them.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    arrived: u64,
    accepted: u64,
    refused: u64,
}

impl Tally {
    fn acceptance(self) -> Option<f64> {
        share(self.accepted, self.accepted + self.refused)
    }
}

#[derive(Debug)]
pub struct Tenants {
    warm_up: Time,
    /// By kind.
    tallies: [Tally; 3],
    /// People's, by class and by tenant, with their names.
    classes: Vec<(String, Tally)>,
    tenants: Vec<(String, Tally)>,
    causes: [u64; CAUSES.len()],
    waits: Bag,
    patience: Patience,
    events: [u64; Event::Other as usize + 1],
}

impl Tenants {
    pub fn new(names: &Names, warm_up: Time) -> Tenants {
        let tallies = |name: &str| (name.to_owned(), Tally::default());
        Tenants {
            warm_up,
            tallies: [Tally::default(); 3],
            classes: names.classes.iter().map(tallies).collect(),
            tenants: names.tenants.iter().map(tallies).collect(),
            causes: [0; CAUSES.len()],
            waits: Bag::default(),
            patience: Patience::default(),
            events: [0; Event::Other as usize + 1],
        }
    }

    #[inline(always)]
    pub fn arrived(&mut self, asked: &Request) {
        self.tally(asked, |tally| tally.arrived += 1);
    }

    #[inline(always)]
    pub fn accepted(&mut self, at: Time, request: RequestId, asked: &Request) {
        self.patience.ends(at, request);
        if self.tally(asked, |tally| tally.accepted += 1) {
            self.waits.add((at - asked.start).0);
        }
    }

    /// A request was refused at first, and waits.
    pub fn waits(&mut self, request: RequestId, asked: &Request) {
        if asked.start >= self.warm_up && asked.kind == Kind::People {
            self.patience.begins(request, asked);
        }
    }

    /// The run is over, and with it what waits.
    pub fn end(&mut self, at: Time) {
        self.patience.end(at);
    }

    pub fn refused(&mut self, at: Time, request: RequestId, asked: &Request, cause: Cause) {
        self.patience.ends(at, request);
        if self.tally(asked, |tally| tally.refused += 1) {
            self.causes[cause as usize] += 1;
        }
    }

    /// Something befell an instance or claim of a person or a robot.
    pub fn happened(&mut self, event: Event, asked: &Request, counts: bool) {
        if counts && asked.kind != Kind::Operator {
            self.events[event as usize] += 1;
        }
    }

    /// Books a request that arrived since the warm-up; whether it is one of a person's.
    #[inline(always)]
    fn tally(&mut self, asked: &Request, book: impl Fn(&mut Tally)) -> bool {
        if asked.start < self.warm_up {
            return false;
        }
        book(&mut self.tallies[asked.kind as usize]);
        if asked.kind == Kind::People {
            book(&mut self.classes[asked.class.at()].1);
            book(&mut self.tenants[asked.tenant.at()].1);
        }
        asked.kind == Kind::People
    }

    pub fn figure(&mut self, metric: Metric) -> Option<Option<f64>> {
        let wait = |waits: &mut Bag, p| waits.quantile(p).map(|ms| ms as f64 / 1000.0);
        let people = self.tallies[Kind::People as usize];
        let event = |event: Event| count(self.events[event as usize]);
        if let Some(cause) = metric.cause() {
            return Some(count(self.causes[cause as usize]));
        }
        Some(match metric {
            Metric::Acceptance => people.acceptance(),
            Metric::AcceptanceMonitoring => self.tallies[Kind::Monitoring as usize].acceptance(),
            Metric::Requests => count(people.arrived),
            Metric::Accepted => count(people.accepted),
            Metric::Refused => count(people.refused),
            Metric::Waiting => count(people.arrived - people.accepted - people.refused),
            Metric::SiblingsLost => event(Event::SiblingLost),
            Metric::LongestWait => self.patience.longest(1),
            Metric::LongestWaitSeveral => self.patience.longest(2),
            Metric::WaitP50 => wait(&mut self.waits, 0.5),
            Metric::WaitP95 => wait(&mut self.waits, 0.95),
            Metric::Misplacements => event(Event::Misplaced),
            Metric::FailedBuilds => event(Event::BuildFailed),
            Metric::Breaches => event(Event::Breach),
            Metric::Evictions => event(Event::Evicted),
            Metric::Interruptions => event(Event::Interrupted),
            Metric::Rescues => event(Event::RescueBegan),
            Metric::RescuesRefused => event(Event::RescueRefused),
            Metric::RescuesErrored => event(Event::RescueErrored),
            _ => return None,
        })
    }

    /// The waits of accepted people's requests, which are given away; none where there are too many.
    pub fn samples(&mut self) -> Sampled {
        (
            &[(Metric::WaitP50, 0.5), (Metric::WaitP95, 0.95)],
            1000,
            std::mem::take(&mut self.waits).list(MOST_SAMPLES),
        )
    }

    /// Acceptance and refusals per class, and per tenant when there are few; those with no
    /// decided request are left out.
    pub fn details(&self) -> Vec<Detail> {
        // The operators' tenant is number 0 and asks for nothing as a person.
        let few = self.tenants.len() <= FEW_TENANTS + 1;
        let tenants = self.tenants.iter().filter(|_| few).map(|row| ("tenant", row));
        let rows = self.classes.iter().map(|row| ("class", row)).chain(tenants);
        rows.filter_map(|(what, (name, tally))| {
            let acceptance = tally.acceptance()?;
            let (accepted, refused) = (format!("acceptance.{what}.{name}"), format!("refused.{what}.{name}"));
            Some([
                Detail {
                    name: accepted,
                    value: tidy(acceptance),
                    unit: "share",
                },
                Detail {
                    name: refused,
                    value: tally.refused as f64,
                    unit: "count",
                },
            ])
        })
        .flatten()
        .chain(self.patience.details())
        .collect()
    }
}
