//! Which users are monitoring robots: those that are named, or else those that ask as no person does
//! ([`Habits::are_a_robots`]).

use std::collections::{BTreeMap, BTreeSet};

use super::ImportError;
use super::leases::Lease;
use crate::import::robots::Habits;

/// The robots among the users of these leases.
pub(super) fn robots(leases: &[Lease], named: &[String]) -> Result<BTreeSet<String>, ImportError> {
    let mut users: BTreeMap<&str, Habits> = BTreeMap::new();
    for lease in leases {
        let habits = users.entry(&lease.user).or_default();
        habits.add(lease.created, lease.end() - lease.start());
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
