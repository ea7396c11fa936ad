//! The second definition of what is told of parts, of requests that were served well, of technicians and of campaigns.

use std::collections::BTreeMap;

use sickbay::cells::columns::{Column, Dimension, Metric};
use sickbay::fleet::{RequestId, WindowId};
use sickbay::kernel::{Clock, Hours, Time};
use sickbay::scenario::{Costs, Price, Scenario};
use sickbay::workload::{ErrandId, Kind, Request};
use sickbay::world::{CampaignEnd, Fact, Standing};

use super::{HOUR, Recount, Told, ratio};

const MINUTE: u64 = 60_000;

/// What a scenario says of its technicians and campaigns.
#[derive(Clone, Debug)]
pub struct Crewed {
    clock: Clock,
    /// How many technicians in which hours; none where there is no number of them.
    crews: Option<Vec<(u32, Option<Hours>)>>,
    campaigns: Vec<(String, Option<Hours>)>,
    workloads: Vec<String>,
    costs: Option<Costs>,
}

impl Crewed {
    pub fn new(scenario: &Scenario) -> Crewed {
        let operators = &scenario.settings.operators;
        let crews = if operators.crews.is_empty() {
            operators.technicians.map(|n| vec![(n, operators.shift)])
        } else {
            Some(
                operators
                    .crews
                    .iter()
                    .map(|crew| (crew.technicians, crew.hours))
                    .collect(),
            )
        };
        let campaigns = scenario.maintenance.campaigns.iter();
        Crewed {
            clock: scenario.settings.clock.clone(),
            crews,
            campaigns: campaigns.map(|it| (it.name.clone(), it.hours)).collect(),
            costs: scenario.costs.clone(),
            workloads: scenario.demand.sources.iter().map(|it| it.name.clone()).collect(),
        }
    }

    /// How much of a time lies within hours of the day, minute by minute: hours begin and end with minutes.
    fn within(&self, hours: Option<Hours>, from: u64, to: u64) -> u64 {
        let Some(hours) = hours else {
            return to - from;
        };
        let (mut at, mut sum) = (from, 0);
        while at < to {
            let next = (at / MINUTE * MINUTE + MINUTE).min(to);
            if hours.has(&self.clock, Time(at)) {
                sum += next - at;
            }
            at = next;
        }
        sum
    }
}

impl Recount {
    /// A column by its definition; none where there is no definition here, `Some(None)` where it has no value.
    pub fn column(&self, column: &Column, campaigns: &[CampaignEnd]) -> Option<Option<f64>> {
        if let Some(due) = self.of_campaigns(column, campaigns) {
            return Some(due);
        }
        match (column.metric, column.of) {
            (Metric::ServedWell, of) => Some(self.served_well(|it| self.is_of(it, of))),
            (Metric::OfferedLoad, of) => Some(self.offered_load(of)),
            (Metric::Acceptance, of @ Some(_)) => Some(self.acceptance(Kind::People, |it| self.is_of(it, of))),
            (Metric::Accepted, of @ Some(_)) => {
                Some(Some(self.people(|told| matches!(told.fact, Fact::Accepted { .. }), of)))
            }
            (Metric::Refused, of @ Some(_)) => {
                Some(Some(self.people(|told| matches!(told.fact, Fact::Refused { .. }), of)))
            }
            (Metric::RefusedNodeHours, None) => Some(Some(self.refused_hours())),
            (Metric::ErrandWaitHours, None) => Some(Some(self.errand_hours())),
            (Metric::TechnicianHours, _) => Some(Some(self.technician_hours())),
            (Metric::Cost, of) => Some(self.cost(of)),
            (Metric::TechniciansBusy, _) => Some(self.busy()),
            (Metric::TechnicianQueue, _) => Some(self.queue()),
            (metric, None) => self.rate(metric).or_else(|| self.metric(metric)),
            _ => None,
        }
    }

    /// Whether a request is of a part; an hour is not the request's but the refusal's.
    fn is_of(&self, it: &Request, of: Option<(Dimension, &str)>) -> bool {
        match of {
            Some((Dimension::Class, name)) => self.classes[it.class.at()] == name,
            Some((Dimension::Tenant, name)) => self.tenants[it.tenant.at()] == name,
            Some((Dimension::Workload, name)) => self.crewed.workloads[usize::from(it.source)] == name,
            Some((Dimension::Size, name)) => it.count.to_string() == name,
            _ => true,
        }
    }

    fn people(&self, what: impl Fn(&Told) -> bool, of: Option<(Dimension, &str)>) -> f64 {
        let in_hour = |told: &Told| match of {
            Some((Dimension::Hour, hour)) => {
                (self.crewed.clock.local(Time(told.at)) / 3_600_000 % 24).to_string() == hour
            }
            _ => true,
        };
        let all = self.requests(Kind::People, what);
        let own = all
            .iter()
            .filter(|told| told.request.is_some_and(|it| self.is_of(&it, of)) && in_hour(told));
        own.count() as f64
    }

    /// The story of each person's request, fact by fact.
    fn stories(&self) -> BTreeMap<RequestId, Vec<&Told>> {
        let mut stories: BTreeMap<RequestId, Vec<&Told>> = BTreeMap::new();
        for told in self.requests(Kind::People, |_| true) {
            if let Some(request) = told.fact.request() {
                stories.entry(request).or_default().push(told);
            }
        }
        stories
    }

    fn served_well(&self, of: impl Fn(&Request) -> bool) -> Option<f64> {
        let unsound = self.begun_on_broken();
        let (mut well, mut decided) = (0, 0);
        for story in self.stories().values() {
            if !story.iter().any(|told| told.request.is_some_and(|it| of(&it))) {
                continue;
            }
            let accepted = story.iter().any(|told| matches!(told.fact, Fact::Accepted { .. }));
            let refused = story.iter().any(|told| matches!(told.fact, Fact::Refused { .. }));
            decided += u32::from(accepted || refused);
            // What was decided and failed altogether is no part of what the request has in the end.
            let last = story
                .iter()
                .rposition(|told| matches!(told.fact, Fact::Waits { .. }))
                .unwrap_or(0);
            let marred = story[last..].iter().any(|told| {
                matches!(
                    told.fact,
                    Fact::Breach { .. } | Fact::SiblingLost { .. } | Fact::Evicted { .. } | Fact::Interrupted { .. }
                ) || matches!(told.fact, Fact::Active { .. }) && unsound.contains(&std::ptr::from_ref::<Told>(told))
            });
            well += u32::from(accepted && !marred);
        }
        ratio(f64::from(well), f64::from(decided))
    }

    /// The instances that became active on a node that stood broken.
    fn begun_on_broken(&self) -> Vec<*const Told> {
        let (mut broken, mut found) = (vec![false; self.nodes], Vec::new());
        for told in &self.told {
            match told.fact {
                Fact::Stood { node, to, .. } => broken[node.at()] = to.is(Standing::BROKEN),
                Fact::Active { node, .. } if broken[node.at()] => found.push(std::ptr::from_ref(told)),
                _ => {}
            }
        }
        found
    }

    fn offered_load(&self, of: Option<(Dimension, &str)>) -> Option<f64> {
        let arrived = self
            .told
            .iter()
            .filter(|told| matches!(told.fact, Fact::Arrived { .. }));
        let asked = arrived
            .filter_map(|told| told.request)
            .filter(|it| it.start.0 >= self.warm && self.is_of(it, of));
        let asked = asked.map(|it| it.hold.0.min(self.end - it.start.0) * u64::from(it.count));
        let schedulable = |standing: Standing| {
            let of_class = of.is_none_or(|(_, name)| self.classes[usize::from(standing.class())] == name);
            of_class && standing.schedulable()
        };
        ratio(asked.sum::<u64>() as f64, self.node_ms(schedulable))
    }

    fn rate(&self, metric: Metric) -> Option<Option<f64>> {
        let per = |of: Metric, to: f64| Some(ratio(self.metric(of)??, to));
        let arrived = || {
            let of = |kind| {
                self.requests(kind, |told| matches!(told.fact, Fact::Arrived { .. }))
                    .len()
            };
            (of(Kind::People) + of(Kind::Monitoring)) as f64
        };
        let count = |of: Metric| self.metric(of).flatten().unwrap_or(0.0);
        match metric {
            Metric::MisplacementsPerRequest => per(Metric::Misplacements, arrived()),
            Metric::FailedBuildsPerRequest => per(Metric::FailedBuilds, arrived()),
            Metric::BreachesPerRequest => per(Metric::Breaches, arrived()),
            Metric::EvictionsPerRequest => per(Metric::Evictions, arrived()),
            Metric::InterruptionsPerRequest => per(Metric::Interruptions, arrived()),
            Metric::RefusalsPerErrand => per(Metric::ErrandRefusals, count(Metric::Errands)),
            Metric::ActionsPerWindow => per(Metric::Actions, count(Metric::Windows)),
            Metric::SlipsPerWindow => per(Metric::Slips, count(Metric::Windows)),
            _ => None,
        }
    }

    /// Hands-on work: from when to when, and of which campaign.
    fn work(&self) -> Vec<(u64, u64, Option<usize>)> {
        let (mut open, mut done) = (BTreeMap::new(), Vec::new());
        for told in &self.told {
            match told.fact {
                Fact::WorkBegan { window, .. } => _ = open.insert(window, told.at),
                Fact::WorkDone { window, .. } | Fact::WorkCut { window, .. } => {
                    let since = open.remove(&window);
                    done.extend(since.map(|since| (since, told.at, self.campaign_of.get(&window).copied())));
                }
                _ => {}
            }
        }
        let rest = open.into_iter();
        done.extend(rest.map(|(window, since)| (since, self.end, self.campaign_of.get(&window).copied())));
        done
    }

    fn refused_hours(&self) -> f64 {
        let refused = self.requests(Kind::People, |told| matches!(told.fact, Fact::Refused { .. }));
        let asked = refused.iter().filter_map(|told| told.request);
        let ms = asked.map(|it| it.hold.0.min(self.end.saturating_sub(it.start.0)) * u64::from(it.count));
        ms.sum::<u64>() as f64 / HOUR
    }

    /// From each errand's need until the first of: its image runs, it ends, the run ends.
    fn errand_hours(&self) -> f64 {
        let over = |window: WindowId, errand: ErrandId| {
            let own = self.told.iter().filter(move |told| match told.fact {
                Fact::ErrandRuns {
                    window: w, errand: e, ..
                }
                | Fact::ErrandEnded {
                    window: w, errand: e, ..
                } => (w, e) == (window, errand),
                _ => false,
            });
            own.map(|told| told.at).min().unwrap_or(self.end)
        };
        let waits = self.errands().into_iter();
        let waits = waits.map(|((window, errand), since)| over(window, errand) - since);
        waits.sum::<u64>() as f64 / HOUR
    }

    fn technician_hours(&self) -> f64 {
        let clip = |at: u64| at.max(self.warm);
        let ms: u64 = match &self.crewed.crews {
            None => self.work().iter().map(|(from, to, _)| clip(*to) - clip(*from)).sum(),
            Some(crews) => {
                let crews = crews.iter();
                crews
                    .map(|(n, hours)| u64::from(*n) * self.crewed.within(*hours, self.warm, self.end))
                    .sum()
            }
        };
        ms as f64 / HOUR
    }

    fn cost(&self, of: Option<(Dimension, &str)>) -> Option<f64> {
        let costs = self.crewed.costs.as_ref()?;
        let mine = costs
            .prices
            .iter()
            .filter(|(price, _)| of.is_none_or(|(_, part)| part == price.word()));
        let count = |metric: Metric| self.metric(metric).flatten();
        let mut sum = 0.0;
        for (price, amount) in mine {
            sum += amount
                * match price {
                    Price::RefusedRequest => count(Metric::Refused)?,
                    Price::RefusedNodeHour => self.refused_hours(),
                    Price::Breach => count(Metric::Breaches)?,
                    Price::Interruption => count(Metric::Interruptions)?,
                    Price::Eviction => count(Metric::Evictions)?,
                    Price::FailedBuild => count(Metric::FailedBuilds)?,
                    Price::StrandedNodeHour => count(Metric::StrandedNodeHours)?,
                    Price::OperatorAction => count(Metric::Actions)?,
                    Price::ErrandWaitHour => self.errand_hours(),
                    Price::TechnicianHour => self.technician_hours(),
                    Price::NodeMonth => count(Metric::InstalledNodeHours)? / (365.25 * 24.0 / 12.0),
                };
        }
        Some(sum)
    }

    fn busy(&self) -> Option<f64> {
        let crews = self.crewed.crews.as_ref()?;
        let clip = |at: u64| at.max(self.warm);
        let busy: u64 = self.work().iter().map(|(from, to, _)| clip(*to) - clip(*from)).sum();
        let shifts = crews.iter();
        let shifts = shifts.map(|(n, hours)| u64::from(*n) * self.crewed.within(*hours, self.warm, self.end));
        ratio(busy as f64, shifts.sum::<u64>() as f64).map(|share| share.min(1.0))
    }

    fn queue(&self) -> Option<f64> {
        let waited = self.told.iter().filter_map(|told| match told.fact {
            Fact::HandsAwaited { waited, .. } if told.at > self.warm => {
                Some(told.at - (told.at - waited.0).max(self.warm))
            }
            _ => None,
        });
        ratio(waited.sum::<u64>() as f64, (self.end - self.warm) as f64)
    }

    fn of_campaigns(&self, column: &Column, ends: &[CampaignEnd]) -> Option<Option<f64>> {
        let named = self.crewed.campaigns.iter().enumerate();
        let mine: Vec<usize> = named
            .filter(|(_, (name, _))| column.of.is_none_or(|(_, wanted)| wanted == name))
            .map(|(at, _)| at)
            .collect();
        let unfinished = |at: &&usize| ends[**at].opened == 0 || ends[**at].closed < ends[**at].nodes;
        let sum = |of: fn(&CampaignEnd) -> u32| Some(mine.iter().map(|at| f64::from(of(&ends[*at]))).sum());
        match column.metric {
            Metric::CampaignNodes => Some(sum(|end| end.nodes)),
            Metric::CampaignNodesDone => Some(sum(|end| end.closed.min(end.nodes))),
            Metric::CampaignNodesLeft => Some(sum(|end| end.nodes.saturating_sub(end.closed))),
            Metric::CampaignUnfinished => Some(Some(mine.iter().filter(unfinished).count() as f64)),
            Metric::CampaignEnd => {
                let closed = |at: usize| {
                    let own = self.told.iter().filter(move |told| match told.fact {
                        Fact::WindowClosed { window, .. } => self.campaign_of.get(&window) == Some(&at),
                        _ => false,
                    });
                    own.map(|told| told.at).max().unwrap_or(0)
                };
                let end = |at: &usize| if unfinished(&at) { self.end } else { closed(*at) };
                Some(mine.iter().map(end).max().map(|at| at as f64 / HOUR))
            }
            Metric::CampaignWorkOutside => {
                let work = self.work();
                let own = work.iter().filter_map(|(from, to, campaign)| {
                    let at = (*campaign).filter(|at| mine.contains(at))?;
                    Some(to - from - self.crewed.within(self.crewed.campaigns[at].1, *from, *to))
                });
                Some(Some(own.sum::<u64>() as f64 / HOUR))
            }
            _ => None,
        }
    }
}
