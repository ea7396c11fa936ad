//! The fleet's capacity: integrals over the standings of nodes.
//!
//! An integral of how many nodes stand in some way is the sum of the instants at which they cease to,
//! less those at which they begin to: two additions a change, however large the fleet, and nothing is
//! kept of a node.

use super::split::SplitPart;
use super::sums::{Stretches, average, node_hours, share};
use crate::cells::columns::{Dimension, Metric, NODE_HOURS};
use crate::fleet::{Fleet, NodeId};
use crate::kernel::{Span, Time};
use crate::scenario::Scenario;
use crate::world::Standing;

/// Node-milliseconds by how nodes stand (`Standing::place`), for each slot; all integrals are sums over some places of
/// one slot or of all.
#[derive(Debug)]
struct Integrals {
    /// A row of `Standing::PLACES` for each slot.
    places: Vec<Stretches>,
    /// The slot of each class or rack: those that are told apart have their own, the others share the first.
    slots: Vec<u16>,
    /// Up to when they are taken.
    end: Time,
}

impl Integrals {
    /// Integrals of so many classes or racks, of which some are told apart.
    fn new(many: usize, apart: impl Iterator<Item = u16>, warm_up: Time) -> Integrals {
        let mut slots = vec![0_u16; many.max(1)];
        let mut last = 0;
        for number in apart {
            if let Some(slot @ 0) = slots.get_mut(usize::from(number)) {
                last += 1;
                *slot = last;
            }
        }
        Integrals {
            places: vec![Stretches::default(); Standing::PLACES * (usize::from(last) + 1)],
            slots,
            end: warm_up,
        }
    }

    #[inline(always)]
    fn place(&self, number: u16, standing: Standing) -> usize {
        usize::from(self.slots[usize::from(number)]) * Standing::PLACES + standing.index()
    }

    #[inline(always)]
    fn change(&mut self, at: Time, (before, from): (u16, Standing), (after, to): (u16, Standing)) {
        let (before, after) = (self.place(before, from), self.place(after, to));
        self.places[before].end(at);
        self.places[after].begin(at);
    }

    /// The time spent in the standings that are `wanted`, of one number or of all; none where it is not told apart.
    fn of(&self, number: Option<u16>, wanted: impl Fn(Standing) -> bool) -> Option<u64> {
        let slots = match number.map(|number| self.slots.get(usize::from(number)).copied().unwrap_or(0)) {
            None => 0..self.places.len(),
            Some(0) => return None,
            Some(slot) => {
                let from = usize::from(slot) * Standing::PLACES;
                from..from + Standing::PLACES
            }
        };
        let places = self.places[slots].iter().enumerate();
        let wanted = places.filter(|&(place, _)| wanted(Standing::at(place % Standing::PLACES)));
        Some(wanted.map(|(_, stretches)| stretches.up_to(self.end)).sum())
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
    classes: Integrals,
    /// Kept where racks are told apart.
    racks: Option<Integrals>,
    fit: Fit,
}

impl Capacity {
    /// Of a scenario; `apart` are the classes and racks that are told apart.
    pub fn new(scenario: &Scenario, warm_up: Time, apart: &[(Dimension, u16)]) -> Capacity {
        let (nodes, names) = (&scenario.fleet, &scenario.fleet.names);
        let of = |wanted: Dimension| {
            let own = apart.iter().filter(move |(dimension, _)| *dimension == wanted);
            own.map(|(_, number)| *number)
        };
        let mut classes = Integrals::new(names.classes.len(), of(Dimension::Class), warm_up);
        // Until they are told to stand somewhere, nodes stand in the default way, of class 0.
        let nowhere = classes.place(0, Standing::default());
        classes.places[nowhere].begin_many(nodes.nodes.len() as u64, warm_up);
        let racks = of(Dimension::Rack).next().is_some().then(|| {
            let mut racks = Integrals::new(names.racks.len(), of(Dimension::Rack), warm_up);
            for node in nodes.ids() {
                let nowhere = racks.place(nodes.kind(node).rack.0, Standing::default());
                racks.places[nowhere].begin(warm_up);
            }
            racks
        });
        Capacity {
            warm_up,
            classes,
            racks,
            fit: Fit {
                offered: vec![0; names.classes.len().max(1)],
                largest: 0,
                since: warm_up,
                integral: 0,
            },
        }
    }

    #[inline(always)]
    pub fn stood(&mut self, at: Time, node: NodeId, (from, to): (Standing, Standing), fleet: &Fleet) {
        let measured = at.max(self.warm_up);
        self.classes.change(measured, (from.class(), from), (to.class(), to));
        if let Some(racks) = &mut self.racks {
            let rack = fleet.kind(node).rack.0;
            racks.change(measured, (rack, from), (rack, to));
        }
        self.fit.change(at, from, to);
    }

    pub fn end(&mut self, at: Time) {
        self.classes.end = at.max(self.warm_up);
        if let Some(racks) = &mut self.racks {
            racks.end = self.classes.end;
        }
        self.fit.book(at);
    }

    /// The time that nodes of a part spent in the standings that are `wanted`; none where the part is not told apart.
    fn of(&self, part: SplitPart, wanted: impl Fn(Standing) -> bool) -> Option<u64> {
        match part {
            None => self.classes.of(None, wanted),
            Some((Dimension::Class, class)) => self.classes.of(Some(class), wanted),
            Some((_, rack)) => self.racks.as_ref()?.of(Some(rack), wanted),
        }
    }

    /// The integral of nodes with a tenant on them.
    pub fn occupied_ms(&self) -> u64 {
        self.of(None, |standing| standing.is(Standing::TENANT)).unwrap_or(0)
    }

    /// The integral of schedulable nodes.
    pub fn schedulable_ms(&self, part: SplitPart) -> Option<u64> {
        self.of(part, Standing::schedulable)
    }

    pub fn figure(&self, metric: Metric, part: SplitPart, measured: Span) -> Option<Option<f64>> {
        let time = |wanted: fn(Standing) -> bool| self.of(part, wanted);
        let mean = |wanted: fn(Standing) -> bool| average(time(wanted)?, measured);
        let hours = |wanted: fn(Standing) -> bool| time(wanted).map(node_hours);
        let occupied = |standing: Standing| standing.is(Standing::TENANT);
        Some(match metric {
            Metric::Installed => mean(Standing::installed),
            Metric::Schedulable => mean(Standing::schedulable),
            Metric::InMaintenance => mean(|standing| standing.installed() && standing.is(Standing::HELD)),
            Metric::Occupied => mean(occupied),
            Metric::InstalledNodeHours => hours(Standing::installed),
            Metric::StrandedNodeHours => hours(Standing::stranded),
            Metric::ExposedNodeHours => hours(Standing::exposed),
            Metric::UtilisationInstalled => part_of(time(occupied), time(Standing::installed)),
            Metric::UtilisationSchedulable => {
                let both = time(|standing| standing.schedulable() && standing.is(Standing::TENANT));
                part_of(both, time(Standing::schedulable))
            }
            Metric::LargestFit if part.is_none() => average(self.fit.integral, measured),
            Metric::LargestFit => mean(|standing| standing.is(Standing::OFFERED)),
            _ => {
                let at = metric.at().checked_sub(NODE_HOURS)?;
                let (state, held) = (at / 2, at % 2 == 0);
                let there = |standing: Standing| standing.state() == state && standing.is(Standing::HELD) == held;
                self.of(part, there).map(node_hours)
            }
        })
    }
}

fn part_of(own: Option<u64>, whole: Option<u64>) -> Option<f64> {
    share(own?, whole?)
}
