//! The fleet's capacity: integrals over the standings of nodes.
//!
//! A node's stretch is booked when its standing changes, under the standing that it had: a handful
//! of additions per change, however large the fleet.

use super::{average, node_hours, share};
use crate::fleet::{NodeId, Provision};
use crate::kernel::{Span, Time};
use crate::world::{PROVISIONS, Standing};

/// Integrals in whole node-milliseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Integrals {
    /// By provision state, out of maintenance and in it.
    states: [[u64; 2]; PROVISIONS],
    schedulable: u64,
    occupied: u64,
    occupied_schedulable: u64,
    stranded: u64,
    exposed: u64,
}

impl Integrals {
    fn add(&mut self, standing: Standing, ms: u64) {
        self.states[standing.provision as usize][usize::from(standing.held)] += ms;
        if standing.tenant {
            self.occupied += ms;
        }
        if standing.schedulable() {
            self.schedulable += ms;
            self.occupied_schedulable += u64::from(standing.tenant) * ms;
        }
        if standing.stranded() {
            self.stranded += ms;
        }
        if standing.exposed() {
            self.exposed += ms;
        }
    }

    fn installed(&self) -> u64 {
        self.states.iter().flatten().sum::<u64>() - self.states[Provision::Enroll as usize].iter().sum::<u64>()
    }

    fn in_maintenance(&self) -> u64 {
        let held = self.states.iter().map(|state| state[1]).sum::<u64>();
        held - self.states[Provision::Enroll as usize][1]
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
    fn change(&mut self, at: Time, from: Standing, to: Standing) {
        if (from.offered, from.class) == (to.offered, to.class) {
            return;
        }
        let mut largest = self.largest;
        if to.offered {
            let offered = &mut self.offered[usize::from(to.class)];
            *offered += 1;
            largest = largest.max(*offered);
        }
        if from.offered {
            let offered = &mut self.offered[usize::from(from.class)];
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
            integrals: Integrals::default(),
            fit,
        }
    }

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
        self.integrals.occupied
    }

    pub fn figure(&self, name: &str, measured: Span) -> Option<Option<f64>> {
        let sums = &self.integrals;
        Some(match name {
            "installed" => average(sums.installed(), measured),
            "schedulable" => average(sums.schedulable, measured),
            "in_maintenance" => average(sums.in_maintenance(), measured),
            "occupied" => average(sums.occupied, measured),
            "installed_node_hours" => Some(node_hours(sums.installed())),
            "stranded_node_hours" => Some(node_hours(sums.stranded)),
            "exposed_node_hours" => Some(node_hours(sums.exposed)),
            "utilisation_installed" => share(sums.occupied, sums.installed()),
            "utilisation_schedulable" => share(sums.occupied_schedulable, sums.schedulable),
            "largest_fit" => average(self.fit.integral, measured),
            _ => return None,
        })
    }

    /// Node-hours per provision state, in maintenance and out of it, in the order of the columns.
    pub fn state_hours(&self) -> impl Iterator<Item = f64> {
        self.integrals
            .states
            .iter()
            .flat_map(|&[out, held]| [node_hours(held), node_hours(out)])
    }
}
