//! How much of a spell is waiting. A spell is recorded from the order to the return: where the work waits for a node's tenant, the
//! wait is in it, and a profile whose work were as long as the spell would wait a second time. So the wait that tenants make on
//! average is taken out of the lengths.
//!
//! A spell finds a node as any instant does: occupied for the share of time that its class is, and then a tenant whose hold is
//! drawn by its length and who is anywhere in it. Where tenants would stay longer than whole spells last, the operators did
//! not wait for all of them: the profile's wait has a deadline.

use std::collections::BTreeMap;

use super::bench::FitInput;
use super::inventory::stays;
use crate::kernel::Span;

/// The part of a spell that is work, at least.
const WORK: f64 = 0.1;

/// What of a spell's length is work, and how the profile waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaitPart {
    /// Work / length.
    pub work: f64,
    /// How long the work waits at most, where not as the scenario says.
    pub deadline: Option<Span>,
}

/// The tenants of some classes over the trace.
pub(crate) struct Tenancy {
    /// Holds in seconds, with their machines.
    holds: Vec<(f64, f64)>,
    /// Node-seconds that were there.
    there: f64,
}

impl Tenancy {
    /// Of these classes, as the profile calls them.
    pub fn of(input: &FitInput<'_>, names: &BTreeMap<String, String>, classes: &[&str]) -> Tenancy {
        let ours = |class: &str| names.get(class).is_some_and(|name| classes.contains(&name.as_str()));
        let asked = input
            .requests
            .iter()
            .filter(|it| it.start_ms < input.horizon.0 && ours(&it.resource_class));
        let hold = |it: &crate::import::neutral::RequestRecord| {
            let hold = it.hold_ms.min(input.horizon.0 - it.start_ms);
            (hold as f64 / 1000.0, f64::from(it.count))
        };
        let stays = input.nodes.iter().flat_map(|node| stays(node, input.horizon.0));
        let ms: u64 = stays
            .filter(|(class, ..)| ours(class))
            .map(|(_, from, to)| to - from)
            .sum();
        Tenancy {
            holds: asked.map(hold).collect(),
            there: (ms as f64 / 1000.0).max(1.0),
        }
    }

    /// How long work waits on average that comes at any instant and waits for so long at most, seconds.
    fn wait(&self, most: f64) -> f64 {
        // Over all instants of a hold: what is left of it, or the most.
        let waits = self.holds.iter().map(|(hold, machines)| {
            let (last, long) = (hold.min(most), (hold - most).max(0.0));
            machines * (last * last / 2.0 + if long > 0.0 { most * long } else { 0.0 })
        });
        waits.sum::<f64>() / self.there
    }

    /// What is work of spells that last so long on average, seconds.
    pub fn part(&self, mean: f64, longest_wait: Option<Span>) -> WaitPart {
        let most = longest_wait.map_or(f64::MAX, |most| most.0 as f64 / 1000.0);
        let (wait, room) = (self.wait(most), (1.0 - WORK) * mean);
        if !(mean > 0.0 && mean.is_finite()) || wait <= room {
            return WaitPart {
                work: if wait > 0.0 && mean > 0.0 {
                    1.0 - wait / mean
                } else {
                    1.0
                },
                deadline: None,
            };
        }
        let longest = self.holds.iter().fold(0.0_f64, |longest, hold| longest.max(hold.0));
        let (mut low, mut high) = (0.0, longest.min(most));
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if self.wait(middle) < room {
                low = middle;
            } else {
                high = middle;
            }
        }
        // To whole minutes.
        let minutes = (low / 60.0).round().max(1.0) as u64;
        WaitPart {
            work: WORK,
            deadline: Some(Span(minutes * 60_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of the nodes' time is held, a day at a time: work waits for half a day in one case of two.
    #[test]
    fn the_wait_is_what_is_left_of_holds() {
        let day = 86_400.0;
        let tenancy = Tenancy {
            holds: vec![(day, 1.0); 5],
            there: 10.0 * day,
        };
        assert_eq!(tenancy.wait(f64::MAX), day / 4.0);
        // For six hours at most: three quarters of the tenants are waited for so long, and the others for three hours.
        let (six, three) = (day / 4.0, day / 8.0);
        assert_eq!(tenancy.wait(six), 0.5 * (0.75 * six + 0.25 * three));
        let part = |mean, most| tenancy.part(mean, most);
        assert_eq!(
            part(day, None),
            WaitPart {
                work: 0.75,
                deadline: None
            }
        );
        assert_eq!(part(day, Some(Span::ZERO)).work, 1.0);
        let short = part(day / 8.0, None);
        let deadline = short.deadline.expect("spells are shorter than tenants stay");
        assert_eq!(short.work, WORK);
        let whole = tenancy.wait(deadline.0 as f64 / 1000.0) + WORK * day / 8.0;
        assert!((whole / (day / 8.0) - 1.0).abs() < 0.01, "{whole}");
    }
}
