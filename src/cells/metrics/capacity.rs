//! The fleet's capacity: integrals over the standings of nodes.
//!
//! An integral of how many nodes stand in some way is the sum of the instants at which they cease to,
//! less those at which they begin to: two additions a change, however large the fleet, and nothing is
//! kept of a node.

use super::sums::{Stretches, average, node_hours, share};
use crate::cells::columns::Metric;
use crate::kernel::{Span, Time};
use crate::world::{PROVISIONS, Standing};

/// Node-milliseconds by how nodes stand (`Standing::place`); all integrals are sums over some places.
#[derive(Debug)]
struct Integrals {
    places: Vec<Stretches>,
    /// Up to when they are taken.
    end: Time,
}

impl Integrals {
    #[inline(always)]
    fn change(&mut self, at: Time, from: Standing, to: Standing) {
        self.places[from.place()].end(at);
        self.places[to.place()].begin(at);
    }

    /// The time spent in the standings that are `wanted`.
    fn of(&self, wanted: impl Fn(Standing) -> bool) -> u64 {
        let places = self.places.iter().enumerate();
        let wanted = places.filter(|&(place, _)| wanted(Standing::at(place)));
        wanted.map(|(_, stretches)| stretches.up_to(self.end)).sum()
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
    /// Nothing is measured before.
    warm_up: Time,
    integrals: Integrals,
    fit: Fit,
}

impl Capacity {
    pub fn new(nodes: usize, classes: usize, warm_up: Time) -> Capacity {
        let mut places = vec![Stretches::default(); Standing::PLACES];
        places[Standing::default().place()].begin_many(nodes as u64, warm_up);
        Capacity {
            warm_up,
            integrals: Integrals { places, end: warm_up },
            fit: Fit {
                offered: vec![0; classes.max(1)],
                largest: 0,
                since: warm_up,
                integral: 0,
            },
        }
    }

    #[inline(always)]
    pub fn stood(&mut self, at: Time, from: Standing, to: Standing) {
        self.integrals.change(at.max(self.warm_up), from, to);
        self.fit.change(at, from, to);
    }

    pub fn end(&mut self, at: Time) {
        self.integrals.end = at.max(self.warm_up);
        self.fit.book(at);
    }

    /// The integral of nodes with a tenant on them.
    pub fn occupied_ms(&self) -> u64 {
        self.integrals.occupied()
    }

    pub fn figure(&self, metric: Metric, measured: Span) -> Option<Option<f64>> {
        let sums = &self.integrals;
        Some(match metric {
            Metric::Installed => average(sums.installed(), measured),
            Metric::Schedulable => average(sums.schedulable(), measured),
            Metric::InMaintenance => {
                let held = sums.of(|standing| standing.installed() && standing.is(Standing::HELD));
                average(held, measured)
            }
            Metric::Occupied => average(sums.occupied(), measured),
            Metric::InstalledNodeHours => Some(node_hours(sums.installed())),
            Metric::StrandedNodeHours => Some(node_hours(sums.of(Standing::stranded))),
            Metric::ExposedNodeHours => Some(node_hours(sums.of(Standing::exposed))),
            Metric::UtilisationInstalled => share(sums.occupied(), sums.installed()),
            Metric::UtilisationSchedulable => {
                let occupied = sums.of(|standing| standing.schedulable() && standing.is(Standing::TENANT));
                share(occupied, sums.schedulable())
            }
            Metric::LargestFit => average(self.fit.integral, measured),
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
