//! Those who wait, by class. A line is open: whoever fits by the scheduler's view is served, in order
//! of arrival; but behind somebody of a workload whose line is strict nobody is served before him.
//!
//! A line is looked at when something may have come free for it: a node of its class in the view,
//! quota of a tenant who waits in it, or, where it is strict, its head. Requests that are alike (one
//! spec, one size) are a kin: where one of them fails, the others are not asked in the same round,
//! for a round only takes.

use std::collections::{BTreeMap, BTreeSet};

use super::Tenancy;
use super::gangs::Hope;
use crate::fleet::{ClassId, TenantId};
use crate::kernel::{Agenda, Span, Time};
use crate::scheduler::Spec;
use crate::workload::{Line as Order, Multi, Request};
use crate::world::plane::{Bells, Plane};
use crate::world::{Cause, Event, Observer};

/// What requests have in common that fail together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::world) struct Kin {
    spec: Spec,
    count: u16,
    min_count: u16,
    multi: Multi,
    /// Where leases are kept: for how long a node has to be free.
    planned: Span,
    strict: bool,
}

/// The line of a class.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Requests are numbered in the order of arrival.
    kins: BTreeMap<Kin, BTreeSet<u32>>,
    /// Those of them whom nobody may pass.
    strict: BTreeSet<u32>,
    /// When it is to be looked at for the sake of those whose builds failed in no time.
    breath: Option<Time>,
}

/// The lines of all classes.
#[derive(Clone, Debug)]
pub(in crate::world) struct Lines {
    lines: Vec<Line>,
    /// How many of a tenant wait in which class.
    tenants: BTreeMap<(TenantId, ClassId), u32>,
}

/// How long a request whose builds failed in no time waits before it asks again.
const BREATH: Span = Span(1000);

impl Lines {
    /// Nobody waits for any of these classes.
    pub fn new(classes: usize) -> Lines {
        Lines {
            lines: vec![Line::default(); classes],
            tenants: BTreeMap::new(),
        }
    }

    /// Whether somebody whom a request may not pass waits for its class.
    #[inline]
    pub fn hold_back(&self, class: ClassId, request: u32) -> bool {
        let strict = &self.lines[class.at()].strict;
        strict.first().is_some_and(|&head| head < request)
    }

    fn join(&mut self, bells: &mut Bells, kin: Kin, request: u32) {
        let line = &mut self.lines[kin.spec.class.at()];
        line.kins.entry(kin).or_default().insert(request);
        if kin.strict {
            line.strict.insert(request);
        }
        bells.joined(kin.spec.class);
        *self.tenants.entry((kin.spec.tenant, kin.spec.class)).or_default() += 1;
    }

    pub fn leave(&mut self, bells: &mut Bells, kin: &Kin, request: u32) {
        let line = &mut self.lines[kin.spec.class.at()];
        if let Some(kins) = line.kins.get_mut(kin)
            && kins.remove(&request)
        {
            bells.left(kin.spec.class);
            if kins.is_empty() {
                line.kins.remove(kin);
            }
            line.strict.remove(&request);
            let key = (kin.spec.tenant, kin.spec.class);
            if let Some(waiting) = self.tenants.get_mut(&key) {
                *waiting -= 1;
                if *waiting == 0 {
                    self.tenants.remove(&key);
                }
            }
        }
    }

    /// The first of each kin in the line of a class, by the order of arrival.
    pub fn heads(&self, class: ClassId) -> BTreeMap<u32, Kin> {
        let first = |(kin, requests): (&Kin, &BTreeSet<u32>)| Some((*requests.first()?, *kin));
        self.lines[class.at()].kins.iter().filter_map(first).collect()
    }

    /// Who comes after a request of the same kin.
    pub fn next(&self, kin: &Kin, request: u32) -> Option<u32> {
        let kins = self.lines[kin.spec.class.at()].kins.get(kin)?;
        kins.range(request + 1..).next().copied()
    }

    /// Whether nobody may be served before this request, which waits.
    pub fn bars(&self, kin: &Kin, request: u32) -> bool {
        kin.strict && self.lines[kin.spec.class.at()].strict.contains(&request)
    }

    /// The classes in whose lines a tenant waits.
    fn of_tenant(&self, tenant: TenantId) -> impl Iterator<Item = ClassId> {
        let of = (tenant, ClassId(0))..=(tenant, ClassId(u16::MAX));
        self.tenants.range(of).map(|((_, class), _)| *class)
    }
}

impl Tenancy {
    fn kin<O: Observer>(&self, plane: &Plane<'_, O>, it: &Request) -> Kin {
        let source = &plane.inputs.demand.sources[usize::from(it.source)];
        // A lease and announced work look at the planned end, and nothing else does.
        let ends_matter = plane.terms.lease.is_some() || plane.rules.policy().keep_clear;
        Kin {
            spec: plane.clerk.ask(it, plane.now).spec,
            count: it.count,
            min_count: it.min_count,
            multi: it.multi,
            planned: if ends_matter { it.planned } else { Span::ZERO },
            strict: source.line == Order::Strict,
        }
    }

    /// A request waits in its class's line.
    pub fn stand_in_line<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: u32) {
        let kin = self.kin(plane, &plane.request(request));
        self.lines.join(&mut plane.bells, kin, request);
    }

    /// A request's tenant has so many machines less: who waits for that is looked at.
    #[inline(never)]
    pub fn quota_freed<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: u32, machines: u32) {
        let it = plane.request(request);
        plane.state.usage.less(it.tenant, it.class, machines);
        self.lines
            .of_tenant(it.tenant)
            .for_each(|class| plane.bells.stir(class));
    }

    /// A tenant has so many machines more. Where Nova lowers a count to what the quota leaves, that
    /// can bring a waiting request of his within reach, too.
    #[inline(never)]
    pub fn quota_taken<O: Observer>(
        &mut self,
        plane: &mut Plane<'_, O>,
        tenant: TenantId,
        class: ClassId,
        machines: u32,
    ) {
        plane.state.usage.add(tenant, class, machines);
        self.lines.of_tenant(tenant).for_each(|class| plane.bells.stir(class));
    }

    /// A request that has come back to its line is asked again as soon as it may be.
    pub fn wake_soon<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: u32, agenda: &mut Agenda<Event>) {
        let class = plane.request(request).class;
        if plane.has_free(class) {
            plane.bells.ring(class, plane.now, agenda);
        }
    }

    /// A line is looked at once more for all in it whose builds failed at this instant: were it once for each, they
    /// would double from breath to breath.
    pub fn take_breath(&mut self, now: Time, class: ClassId, agenda: &mut Agenda<Event>) {
        let then = now + BREATH;
        if self.lines.lines[class.at()].breath.replace(then) != Some(then) {
            agenda.push(then, Event::Wake(class.0));
        }
    }

    /// Those who wait in vain, now that the fleet has changed, are refused.
    pub fn send_away<O: Observer>(&mut self, plane: &mut Plane<'_, O>, class: ClassId, agenda: &mut Agenda<Event>) {
        let kins: Vec<Kin> = self.lines.lines[class.at()].kins.keys().copied().collect();
        for kin in kins {
            let members = self.lines.lines[class.at()].kins.get(&kin).cloned().unwrap_or_default();
            let hopeless = members.first().map(|&head| plane.request(head));
            if hopeless.is_some_and(|head| self.never_fits(plane, &head)) {
                for request in members {
                    self.lines.leave(&mut plane.bells, &kin, request);
                    self.refuse(plane, request, Cause::NeverFits);
                }
            }
        }
        plane.bells.ring_stirred(plane.now, agenda);
    }

    /// A waiting request's patience ends; where it held others back, they are asked.
    pub fn give_up<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: u32, agenda: &mut Agenda<Event>) {
        let Some(Hope {
            cause, in_line: true, ..
        }) = self.hopes.get(&request).copied()
        else {
            return;
        };
        let it = plane.request(request);
        let kin = self.kin(plane, &it);
        self.lines.leave(&mut plane.bells, &kin, request);
        self.refuse(plane, request, cause);
        plane.bells.ring_stirred(plane.now, agenda);
        if kin.strict {
            plane.bells.ring(it.class, plane.now, agenda);
        }
    }
}
