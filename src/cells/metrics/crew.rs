//! Technicians and campaigns: hands at work, nodes that wait for hands, and when campaigns were done.

use std::collections::BTreeMap;

use super::split::SplitPart;
use super::sums::{Stretches, average, count, share};
use crate::cells::columns::Metric;
use crate::fleet::WindowId;
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Clock, Hours, Span, Time};
use crate::scenario::Scenario;
use crate::world::CampaignEnd;

/// A campaign so far.
#[derive(Clone, Debug)]
struct Campaigned {
    hours: Option<Hours>,
    /// When its last window so far closed.
    last: Time,
    /// Hands-on work outside of its hours.
    outside: u64,
    end: CampaignEnd,
}

#[derive(Debug)]
pub struct Crews {
    warm_up: Time,
    end: Time,
    clock: Clock,
    /// How many technicians work in which hours; empty where there is no number of them.
    shifts: Vec<(u64, Option<Hours>)>,
    /// Work under way, by window: since when, and its campaign.
    working: BTreeMap<WindowId, (Time, u16)>,
    work: Stretches,
    waited: u64,
    campaigns: Vec<Campaigned>,
}

impl Crews {
    pub fn new(scenario: &Scenario, warm_up: Time) -> Crews {
        let operators = &scenario.settings.operators;
        let one = operators.technicians.map(|n| (u64::from(n), operators.shift));
        let crews = operators
            .crews
            .iter()
            .map(|crew| (u64::from(crew.technicians), crew.hours));
        let campaign = |hours| Campaigned {
            hours,
            last: Time::ZERO,
            outside: 0,
            end: CampaignEnd::default(),
        };
        Crews {
            warm_up,
            end: warm_up,
            clock: scenario.settings.clock.clone(),
            shifts: if operators.crews.is_empty() {
                one.into_iter().collect()
            } else {
                crews.collect()
            },
            working: BTreeMap::new(),
            work: Stretches::default(),
            waited: 0,
            campaigns: scenario
                .maintenance
                .campaigns
                .iter()
                .map(|it| campaign(it.hours))
                .collect(),
        }
    }

    pub fn began(&mut self, at: Time, (window, campaign): (WindowId, u16)) {
        self.working.insert(window, (at, campaign));
        self.work.begin(at.max(self.warm_up));
    }

    /// A node has waited for hands until now: the part of it that lies in the measured time.
    pub fn waited(&mut self, at: Time, waited: Span) {
        self.waited += waited.0.min((at - self.warm_up.min(at)).0);
    }

    pub fn ended(&mut self, at: Time, window: WindowId) {
        let Some((since, campaign)) = self.working.remove(&window) else {
            return;
        };
        self.work.end(at.max(self.warm_up));
        let outside = |hours| (at - since).0 - within(hours, &self.clock, since, at);
        if let Some(own) = self.campaigns.get_mut(usize::from(campaign)) {
            own.outside += own.hours.map_or(0, outside);
        }
    }

    /// A window of a campaign closed; of none, if there is none of this number.
    pub fn closed(&mut self, at: Time, campaign: u16) {
        if let Some(own) = self.campaigns.get_mut(usize::from(campaign)) {
            own.last = at;
        }
    }

    pub fn end(&mut self, at: Time) {
        self.end = at.max(self.warm_up);
        while let Some((&window, _)) = self.working.first_key_value() {
            self.ended(at, window);
        }
    }

    /// How far campaigns have come, as the world says at the end.
    pub fn know(&mut self, ends: &[CampaignEnd]) {
        for (own, end) in self.campaigns.iter_mut().zip(ends) {
            own.end = *end;
        }
    }

    /// Time of all technicians on shift, in the measured time.
    fn on_shift(&self) -> u64 {
        let (from, to) = (self.warm_up, self.end);
        let of = |&(n, hours): &(u64, Option<Hours>)| {
            n * hours.map_or((to - from).0, |hours| within(hours, &self.clock, from, to))
        };
        self.shifts.iter().map(of).sum()
    }

    pub fn figure(&self, metric: Metric, part: SplitPart) -> Option<Option<f64>> {
        let measured = self.end - self.warm_up;
        let mine = || {
            let all = self.campaigns.iter().enumerate();
            all.filter(move |(at, _)| part.is_none_or(|(_, number)| usize::from(number) == *at))
                .map(|(_, own)| own)
        };
        let sum = |of: fn(&CampaignEnd) -> u32| count(mine().map(|own| u64::from(of(&own.end))).sum());
        Some(match metric {
            Metric::TechniciansBusy => share(self.work.up_to(self.end), self.on_shift()).map(|share| share.min(1.0)),
            Metric::TechnicianHours => {
                let paid = if self.shifts.is_empty() {
                    self.work.up_to(self.end)
                } else {
                    self.on_shift()
                };
                Some(paid as f64 / HOUR_MS as f64)
            }
            Metric::TechnicianQueue => average(self.waited, measured),
            Metric::CampaignEnd => {
                let ended = |own: &Campaigned| if own.end.unfinished() { self.end } else { own.last };
                mine().map(ended).max().map(|at| at.0 as f64 / HOUR_MS as f64)
            }
            Metric::CampaignUnfinished => count(mine().filter(|own| own.end.unfinished()).count() as u64),
            Metric::CampaignNodes => sum(|end| end.nodes),
            Metric::CampaignNodesDone => sum(|end| end.closed.min(end.nodes)),
            Metric::CampaignNodesLeft => sum(|end| end.nodes.saturating_sub(end.closed)),
            Metric::CampaignWorkOutside => Some(mine().map(|own| own.outside).sum::<u64>() as f64 / HOUR_MS as f64),
            _ => return None,
        })
    }
}

/// How much of the time from `from` to `to` lies within hours of the day.
fn within(hours: Hours, clock: &Clock, from: Time, to: Time) -> u64 {
    let (mut at, mut sum) = (from, 0);
    loop {
        let opens = hours.opens(clock, at);
        if opens >= to {
            return sum;
        }
        at = hours.closes(clock, opens).min(to);
        sum += (at - opens).0;
        if at >= to {
            return sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: u64 = HOUR_MS;

    #[test]
    fn time_within_hours_agrees_with_the_hand() {
        let (clock, day) = (Clock::default(), Hours::daily(Span::hours(8), Span::hours(16)));
        let of = |from: u64, to: u64| within(day, &clock, Time(from * H), Time(to * H)) / H;
        assert_eq!(
            [of(0, 8), of(0, 9), of(10, 12), of(15, 30), of(0, 48)],
            [0, 1, 2, 1, 16]
        );
        let always = Hours::daily(Span::hours(0), Span::hours(24));
        assert_eq!(within(always, &clock, Time(5 * H), Time(50 * H)) / H, 45);
        let never = Hours { days: 0, ..day };
        assert_eq!(within(never, &clock, Time(0), Time(500 * H)), 0);
    }
}
