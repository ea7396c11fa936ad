//! The fleet's capacity: integrals over the standings of nodes.
//!
//! A node's stretch is booked when its standing changes, under the standing that it had: a handful
//! of additions per change, however large the fleet.

use super::{average, node_hours, share};
use crate::fleet::NodeId;
use crate::kernel::{Span, Time};
use crate::world::{PROVISIONS, Standing};

/// Node-milliseconds by how the node stood (`Standing::place`): one addition a change, and every integral is
/// a sum over some of them.
#[derive(Debug)]
struct Integrals(Vec<u64>);

impl Integrals {
    #[inline]
    fn add(&mut self, standing: Standing, ms: u64) {
        self.0[standing.place()] += ms;
    }

    /// The time spent in the standings that are `wanted`.
    fn of(&self, wanted: impl Fn(Standing) -> bool) -> u64 {
        let places = self.0.iter().enumerate();
        let sum = places.filter(|&(place, &ms)| ms > 0 && wanted(Standing::at(place)));
        sum.map(|(_, ms)| ms).sum()
    }

    fn installed(&self) -> u64 {
        self.of(Standing::installed)
    }

    fn occupied(&self) -> u64 {
        self.of(|standing| standing.is(Standing::TENANT))
    }

    fn schedulable(&self) -> u64 {
        self.of(Standing::schedulable)
    }
}

/// The largest request that one class could serve, as a step function.
#[derive(Debug)]
struct Fit {
    /// Offered nodes, by class.
    offered: Vec<u32>,
    largest: u32,
    since: Time,
    integral: u64,
}

impl Fit {
    #[inline(always)]
    fn change(&mut self, at: Time, from: Standing, to: Standing) {
        if from.is(Standing::OFFERED) == to.is(Standing::OFFERED) && from.class() == to.class() {
            return;
        }
        self.changed(at, from, to);
    }

    fn changed(&mut self, at: Time, from: Standing, to: Standing) {
        let mut largest = self.largest;
        if to.is(Standing::OFFERED) {
            let offered = &mut self.offered[usize::from(to.class())];
            *offered += 1;
            largest = largest.max(*offered);
        }
        if from.is(Standing::OFFERED) {
            let offered = &mut self.offered[usize::from(from.class())];
            *offered -= 1;
            if *offered + 1 == largest {
                // It may have been the largest one: only then are the others looked at.
                largest = self.offered.iter().copied().max().unwrap_or(0);
            }
        }
        if largest != self.largest {
            self.book(at);
            self.largest = largest;
        }
    }

    /// Closes the step that ends now.
    fn book(&mut self, at: Time) {
        self.integral += u64::from(self.largest) * (at - self.since).0;
        self.since = self.since.max(at);
    }
}

#[derive(Debug)]
pub struct Capacity {
    /// Per node: how it stands, and up to when it is booked (the warm-up at the earliest).
    last: Vec<(Standing, Time)>,
    integrals: Integrals,
    fit: Fit,
}

impl Capacity {
    pub fn new(nodes: usize, classes: usize, warm_up: Time) -> Capacity {
        let fit = Fit {
            offered: vec![0; classes.max(1)],
            largest: 0,
            since: warm_up,
            integral: 0,
        };
        Capacity {
            last: vec![(Standing::default(), warm_up); nodes],
            integrals: Integrals(vec![0; Standing::PLACES]),
            fit,
        }
    }

    #[inline(always)]
    pub fn stood(&mut self, at: Time, node: NodeId, from: Standing, to: Standing) {
        let (standing, booked) = &mut self.last[node.at()];
        self.integrals.add(*standing, (at - *booked).0);
        *standing = to;
        *booked = (*booked).max(at);
        self.fit.change(at, from, to);
    }

    pub fn end(&mut self, at: Time) {
        for (standing, booked) in &mut self.last {
            self.integrals.add(*standing, (at - *booked).0);
            *booked = (*booked).max(at);
        }
        self.fit.book(at);
    }

    /// The integral of nodes with a tenant on them.
    pub fn occupied_ms(&self) -> u64 {
        self.integrals.occupied()
    }

    pub fn figure(&self, name: &str, measured: Span) -> Option<Option<f64>> {
        let sums = &self.integrals;
        Some(match name {
            "installed" => average(sums.installed(), measured),
            "schedulable" => average(sums.schedulable(), measured),
            "in_maintenance" => {
                let held = sums.of(|standing| standing.installed() && standing.is(Standing::HELD));
                average(held, measured)
            }
            "occupied" => average(sums.occupied(), measured),
            "installed_node_hours" => Some(node_hours(sums.installed())),
            "stranded_node_hours" => Some(node_hours(sums.of(Standing::stranded))),
            "exposed_node_hours" => Some(node_hours(sums.of(Standing::exposed))),
            "utilisation_installed" => share(sums.occupied(), sums.installed()),
            "utilisation_schedulable" => {
                let occupied = sums.of(|standing| standing.schedulable() && standing.is(Standing::TENANT));
                share(occupied, sums.schedulable())
            }
            "largest_fit" => average(self.fit.integral, measured),
            _ => return None,
        })
    }

    /// Node-hours per provision state, in maintenance and out of it, in the order of the columns.
    pub fn state_hours(&self) -> impl Iterator<Item = f64> {
        let in_state = |state, held| {
            let there = move |standing: Standing| standing.state() == state && standing.is(Standing::HELD) == held;
            node_hours(self.integrals.of(there))
        };
        (0..PROVISIONS).flat_map(move |state| [in_state(state, true), in_state(state, false)])
    }
}
