//! Which users are monitoring robots: those that are named, or else those that ask as no person does. In the
//! published trace of CHI@TACC the rule finds one user, with 11.8 leases a day of which 99 % are over within an
//! hour; nobody else with 100 leases has more than 0.8 a day, or more than 78 % that short.

use std::collections::{BTreeMap, BTreeSet};

use super::leases::Lease;
use super::{ImportError, ROBOT_LEASES, ROBOT_PER_DAY, ROBOT_SHORT_MS, ROBOT_SHORT_SHARE};

const DAY_MS: f64 = 86_400_000.0;

/// What a user has asked for.
#[derive(Default)]
struct Habits {
    leases: usize,
    short: usize,
    first: Option<i64>,
    last: i64,
}

impl Habits {
    fn add(&mut self, lease: &Lease) {
        self.leases += 1;
        self.short += usize::from(lease.end() - lease.start() <= ROBOT_SHORT_MS);
        self.last = self.first.map_or(lease.created, |_| self.last.max(lease.created));
        self.first = Some(self.first.map_or(lease.created, |first| first.min(lease.created)));
    }

    fn are_a_robots(&self) -> bool {
        // Whoever asked on one day only asked for a day.
        let days = (self.last.saturating_sub(self.first.unwrap_or(0)) as f64 / DAY_MS).max(1.0);
        self.leases >= ROBOT_LEASES
            && self.leases as f64 / days >= ROBOT_PER_DAY
            && self.short as f64 >= ROBOT_SHORT_SHARE * self.leases as f64
    }
}

/// The robots among the users of these leases.
pub(super) fn robots(leases: &[Lease], named: &[String]) -> Result<BTreeSet<String>, ImportError> {
    let mut users: BTreeMap<&str, Habits> = BTreeMap::new();
    for lease in leases {
        users.entry(&lease.user).or_default().add(lease);
    }
    if let Some(stranger) = named.iter().find(|user| !users.contains_key(user.as_str())) {
        return Err(ImportError::NoSuchUser(stranger.clone()));
    }
    if !named.is_empty() {
        return Ok(named.iter().cloned().collect());
    }
    let robots = users.into_iter().filter(|(_, habits)| habits.are_a_robots());
    Ok(robots.map(|(user, _)| user.to_owned()).collect())
}
