//! What tenants meet: acceptance, refusals by cause, waits, and what befalls their instances.

use std::collections::BTreeMap;

use super::bag::Bag;
use super::blemish::Blemishes;
use super::patience::WaitLengths;
use super::split::{Split, SplitPart};
use super::sums::{Sampled, count, node_hours, share};
use crate::cells::columns::{Dimension, Metric};
use crate::cells::outcome::MOST_SAMPLES;
use crate::fleet::RequestId;
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Clock, Time};
use crate::scenario::Scenario;
use crate::workload::{Kind, Request};
use crate::world::{CAUSES, Cause, Fact};

/// What befalls an instance or a claim; its number is its place in `Tenants::events`.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub enum Counted {
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

impl From<&Fact> for Counted {
    fn from(fact: &Fact) -> Counted {
        match fact {
            Fact::Misplaced { .. } => Counted::Misplaced,
            Fact::BuildFailed { .. } => Counted::BuildFailed,
            Fact::Breach { .. } => Counted::Breach,
            Fact::Evicted { .. } => Counted::Evicted,
            Fact::Interrupted { .. } => Counted::Interrupted,
            Fact::RescueBegan { .. } => Counted::RescueBegan,
            Fact::RescueRefused { .. } => Counted::RescueRefused,
            Fact::RescueErrored { .. } => Counted::RescueErrored,
            Fact::SiblingLost { .. } => Counted::SiblingLost,
            _ => Counted::Other,
        }
    }
}

/// Requests by what became of them.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    arrived: u64,
    accepted: u64,
    refused: u64,
    /// Accepted, and not served well.
    unwell: u64,
}

impl Tally {
    fn decided(self) -> u64 {
        self.accepted + self.refused
    }
}

/// What happens to few requests.
#[derive(Clone, Debug, Default)]
struct Rare {
    causes: [u64; CAUSES.len()],
    events: [u64; Counted::Other as usize + 1],
    /// Machine-milliseconds that refused requests of people asked for.
    refused_ms: u64,
}

#[derive(Debug)]
pub struct Tenants {
    warm_up: Time,
    horizon: Time,
    clock: Clock,
    people: Split<Tally>,
    robots: Split<Tally>,
    rare: Split<Rare>,
    blemishes: Blemishes,
    waits: Bag,
    /// Waits of parts that are asked for.
    waits_of: Vec<((Dimension, u16), Bag)>,
    patience: WaitLengths,
    /// Machines lost of requests that are not over: how many were counted, and whether the request waits to be decided anew.
    lost: BTreeMap<RequestId, (u64, bool)>,
    /// Machine-milliseconds that were asked for, by class; of everybody.
    demand: Vec<u64>,
}

/// The parts that a request belongs to.
#[inline(always)]
pub fn parts(asked: &Request) -> [(Dimension, u16); 3] {
    [
        (Dimension::Class, asked.class.0),
        (Dimension::Tenant, asked.tenant.0),
        (Dimension::Workload, asked.source),
    ]
}

/// Machine-milliseconds that a request asks for, from its start to the end of its time or of the run.
fn asked_ms(asked: &Request, horizon: Time) -> u64 {
    let hold = asked.hold.0.min(horizon.0.saturating_sub(asked.start.0));
    hold.saturating_mul(u64::from(asked.count))
}

impl Tenants {
    /// `waits_of` are the parts whose waits are asked for.
    pub fn new(scenario: &Scenario, warm_up: Time, waits_of: Vec<(Dimension, u16)>) -> Tenants {
        let names = &scenario.fleet.names;
        let sizes = [
            (Dimension::Class, names.classes.len()),
            (Dimension::Tenant, names.tenants.len()),
            (Dimension::Workload, scenario.demand.sources.len()),
        ];
        Tenants {
            warm_up,
            horizon: scenario.horizon,
            clock: scenario.settings.clock.clone(),
            people: Split::new(&sizes),
            robots: Split::new(&sizes),
            rare: Split::new(&[&sizes[..], &[(Dimension::Hour, 24)]].concat()),
            blemishes: Blemishes::default(),
            waits: Bag::default(),
            waits_of: waits_of.into_iter().map(|part| (part, Bag::default())).collect(),
            patience: WaitLengths::new(scenario.reporting.matters.waits, &sizes),
            lost: BTreeMap::new(),
            demand: vec![0; names.classes.len()],
        }
    }

    #[inline(always)]
    pub fn arrived(&mut self, request: RequestId, asked: &Request) {
        if asked.start < self.warm_up {
            return;
        }
        if let Some(demand) = self.demand.get_mut(asked.class.at()) {
            *demand = demand.saturating_add(asked_ms(asked, self.horizon));
        }
        if self.tally(asked, |tally| tally.arrived += 1) {
            self.blemishes.arrived(request, asked);
        }
    }

    #[inline(always)]
    pub fn accepted(&mut self, at: Time, request: RequestId, asked: &Request) {
        self.patience.ends(at, request);
        self.over(request);
        if self.tally(asked, |tally| tally.accepted += 1) {
            let wait = (at - asked.start).0;
            self.waits.add(wait);
            for (part, bag) in &mut self.waits_of {
                if parts(asked).contains(part) {
                    bag.add(wait);
                }
            }
            if self.blemishes.decided(request, asked) {
                self.tally(asked, |tally| tally.unwell += 1);
            }
        }
    }

    /// A request was refused at first, and waits.
    pub fn waits(&mut self, request: RequestId, asked: &Request) {
        if let Some((_, anew)) = self.lost.get_mut(&request) {
            *anew = true;
        }
        if asked.start >= self.warm_up && asked.kind == Kind::People {
            self.patience.begins(request, asked);
            self.blemishes.waits(request);
        }
    }

    /// A machine of a request is claimed for the first time. Were others of it lost before it waited, these are decided
    /// anew, and were not lost after all.
    #[inline(always)]
    pub fn claimed(&mut self, request: RequestId, asked: &Request) {
        if !self.lost.is_empty()
            && let Some(&(lost, true)) = self.lost.get(&request)
        {
            self.lost.remove(&request);
            let event = Counted::SiblingLost as usize;
            self.rare.book(&parts(asked), |rare| rare.events[event] -= lost);
        }
    }

    /// What a request has lost is lost for good.
    #[inline(always)]
    fn over(&mut self, request: RequestId) {
        if !self.lost.is_empty() {
            self.lost.remove(&request);
        }
    }

    /// The run is over, and with it what waits.
    pub fn end(&mut self, at: Time) {
        self.patience.end(at);
    }

    pub fn refused(&mut self, at: Time, request: RequestId, asked: &Request, cause: Cause) {
        self.patience.ends(at, request);
        self.over(request);
        if self.tally(asked, |tally| tally.refused += 1) {
            self.blemishes.decided(request, asked);
            let hour = (self.clock.hour_of_week(at) % 24) as u16;
            let [class, tenant, workload] = parts(asked);
            let all = [class, tenant, workload, (Dimension::Hour, hour)];
            let ms = asked_ms(asked, self.horizon);
            self.rare.book(&all, |rare| {
                rare.causes[cause as usize] += 1;
                rare.refused_ms = rare.refused_ms.saturating_add(ms);
            });
        }
    }

    /// Something befell an instance or claim of a person or a robot.
    pub fn happened(&mut self, event: Counted, request: RequestId, asked: &Request, counts: bool) {
        if counts && asked.kind != Kind::Operator {
            self.rare.book(&parts(asked), |rare| rare.events[event as usize] += 1);
            if matches!(event, Counted::SiblingLost) {
                self.lost.entry(request).or_default().0 += 1;
            }
        }
        if asked.kind != Kind::People || asked.start < self.warm_up {
            return;
        }
        match event {
            Counted::Breach | Counted::SiblingLost => self.blemishes.began(request),
            Counted::Evicted | Counted::Interrupted if self.blemishes.ended(request) => {
                self.tally(asked, |tally| tally.unwell += 1);
            }
            _ => {}
        }
    }

    /// A person's instance became active on broken hardware.
    pub fn unsound(&mut self, request: RequestId, asked: &Request) {
        if asked.kind == Kind::People && asked.start >= self.warm_up {
            self.blemishes.began(request);
        }
    }

    /// Books a request that arrived since the warm-up; whether it is one of a person's.
    #[inline(always)]
    fn tally(&mut self, asked: &Request, book: impl Fn(&mut Tally)) -> bool {
        if asked.start < self.warm_up {
            return false;
        }
        match asked.kind {
            Kind::People => self.people.book(&parts(asked), book),
            Kind::Monitoring => self.robots.book(&parts(asked), book),
            Kind::Operator => {}
        }
        asked.kind == Kind::People
    }

    /// Machine-milliseconds that were asked for, in all or of a class.
    pub fn demand_ms(&self, part: SplitPart) -> Option<u64> {
        match part {
            None => Some(self.demand.iter().fold(0, |all, ms| all.saturating_add(*ms))),
            Some((_, class)) => self.demand.get(usize::from(class)).copied(),
        }
    }

    pub fn figure(&mut self, metric: Metric, part: SplitPart) -> Option<Option<f64>> {
        if matches!(metric, Metric::WaitP50 | Metric::WaitP95) {
            let p = if metric == Metric::WaitP50 { 0.5 } else { 0.95 };
            let bag = match part {
                None => Some(&mut self.waits),
                Some(part) => self.waits_of.iter_mut().find(|(of, _)| *of == part).map(|(_, bag)| bag),
            };
            return Some(bag.and_then(|bag| bag.quantile(p)).map(|ms| ms as f64 / 1000.0));
        }
        let people = self.people.of(part).copied().unwrap_or_default();
        let robots = self.robots.of(part).copied().unwrap_or_default();
        let nothing = Rare::default();
        let rare = self.rare.of(part).unwrap_or(&nothing);
        if let Some(cause) = metric.cause() {
            return Some(count(rare.causes[cause as usize]));
        }
        let event = |event: Counted| count(rare.events[event as usize]);
        let rate = |event: Counted| share(rare.events[event as usize], people.arrived + robots.arrived);
        Some(match metric {
            Metric::ServedWell => share(people.accepted.saturating_sub(people.unwell), people.decided()),
            Metric::Acceptance => share(people.accepted, people.decided()),
            Metric::AcceptanceMonitoring => share(robots.accepted, robots.decided()),
            Metric::Requests => count(people.arrived),
            Metric::Accepted => count(people.accepted),
            // By the hour it is counted by cause alone.
            Metric::Refused if matches!(part, Some((Dimension::Hour, _))) => count(rare.causes.iter().sum()),
            Metric::Refused => count(people.refused),
            Metric::RefusedNodeHours => Some(node_hours(rare.refused_ms)),
            Metric::Waiting => count(people.arrived - people.decided()),
            Metric::SiblingsLost => event(Counted::SiblingLost),
            Metric::LongestWait => self.patience.longest(part),
            Metric::LongestWaitSeveral => self.patience.longest_of_several(),
            Metric::WaitedMean => share(self.patience.waited(part).ms, people.arrived).map(|ms| ms / HOUR_MS as f64),
            Metric::WaitedLong => count(self.patience.waited(part).long),
            Metric::Misplacements => event(Counted::Misplaced),
            Metric::FailedBuilds => event(Counted::BuildFailed),
            Metric::Breaches => event(Counted::Breach),
            Metric::Evictions => event(Counted::Evicted),
            Metric::Interruptions => event(Counted::Interrupted),
            Metric::Rescues => event(Counted::RescueBegan),
            Metric::RescuesRefused => event(Counted::RescueRefused),
            Metric::RescuesErrored => event(Counted::RescueErrored),
            Metric::MisplacementsPerRequest => rate(Counted::Misplaced),
            Metric::FailedBuildsPerRequest => rate(Counted::BuildFailed),
            Metric::BreachesPerRequest => rate(Counted::Breach),
            Metric::EvictionsPerRequest => rate(Counted::Evicted),
            Metric::InterruptionsPerRequest => rate(Counted::Interrupted),
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
}
