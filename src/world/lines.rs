//! Those who wait, by class. A line is open: whoever fits by the scheduler's view is served, in order
//! of arrival; but behind somebody of a workload whose line is strict nobody is served before him.
//!
//! A line is looked at when something may have come free for it: a node of its class in the view,
//! quota of a tenant who waits in it, or, where it is strict, its head. Requests that are alike (one
//! spec, one size) are a kin: where one of them fails, the others are not asked in the same round,
//! for a round only takes.

use std::collections::{BTreeMap, BTreeSet};

use super::desk::Hope;
use super::event::Event;
use super::fact::{Cause, Fact, Observer};
use super::state::World;
use crate::fleet::{ClassId, NodeId, TenantId};
use crate::kernel::{Agenda, Span, Time};
use crate::scheduler::Spec;
use crate::workload::{Line as Order, Multi, Request};

/// What requests have in common that fail together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kin {
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
    /// It is to be looked at at this instant.
    waking: bool,
    /// When it is to be looked at for the sake of those whose builds failed in no time.
    breath: Option<Time>,
    /// The fleet has changed since it was looked at last.
    fleet_changed: bool,
}

/// The lines of all classes.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    lines: Vec<Line>,
    /// How many wait.
    number: usize,
    /// How many of a tenant wait in which class.
    tenants: BTreeMap<(TenantId, ClassId), u32>,
    /// Classes whose lines are to be looked at as soon as the agenda is at hand.
    stirred: BTreeSet<ClassId>,
}

/// How long a request whose builds failed in no time waits before it asks again.
const BREATH: Span = Span(1000);

impl Lines {
    /// Nobody waits for any of these classes.
    pub fn new(classes: usize) -> Lines {
        Lines {
            lines: vec![Line::default(); classes],
            number: 0,
            tenants: BTreeMap::new(),
            stirred: BTreeSet::new(),
        }
    }

    /// Whether nobody waits.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// Whether somebody whom a request may not pass waits for its class.
    #[inline]
    pub fn hold_back(&self, class: ClassId, request: u32) -> bool {
        self.number > 0
            && self.lines[class.at()]
                .strict
                .first()
                .is_some_and(|&head| head < request)
    }

    fn join(&mut self, kin: Kin, request: u32) {
        let line = &mut self.lines[kin.spec.class.at()];
        line.kins.entry(kin).or_default().insert(request);
        if kin.strict {
            line.strict.insert(request);
        }
        self.number += 1;
        *self.tenants.entry((kin.spec.tenant, kin.spec.class)).or_default() += 1;
    }

    fn leave(&mut self, kin: &Kin, request: u32) {
        let line = &mut self.lines[kin.spec.class.at()];
        if let Some(kins) = line.kins.get_mut(kin)
            && kins.remove(&request)
        {
            self.number -= 1;
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

    /// The line of a class is to be looked at.
    pub fn stir(&mut self, class: ClassId) {
        self.stirred.insert(class);
    }

    /// Every line is to be looked at.
    pub fn stir_all(&mut self) {
        if self.number > 0 {
            self.stirred
                .extend((0..self.lines.len()).map(|class| ClassId(class as u16)));
        }
    }

    /// The fleet changes: somebody who waits may wait in vain.
    pub fn fleet_changes(&mut self) {
        if self.number > 0 {
            self.lines.iter_mut().for_each(|line| line.fleet_changed = true);
            self.stir_all();
        }
    }

    /// The lines in which a tenant waits are to be looked at.
    fn stir_tenant(&mut self, tenant: TenantId) {
        let of = (tenant, ClassId(0))..=(tenant, ClassId(u16::MAX));
        self.stirred
            .extend(self.tenants.range(of).map(|((_, class), _)| *class));
    }
}

impl<O: Observer> World<'_, O> {
    fn kin(&self, it: &Request) -> Kin {
        let source = &self.inputs.demand.sources[usize::from(it.source)];
        // A lease and announced work look at the planned end, and nothing else does.
        let ends_matter = self.terms.lease.is_some() || self.rules.policy().keep_clear;
        Kin {
            spec: self.clerk.ask(it, self.now).spec,
            count: it.count,
            min_count: it.min_count,
            multi: it.multi,
            planned: if ends_matter { it.planned } else { Span::ZERO },
            strict: source.line == Order::Strict,
        }
    }

    /// A request waits in its class's line.
    pub fn stand_in_line(&mut self, request: u32) {
        let kin = self.kin(&self.request(request));
        self.lines.join(kin, request);
    }

    /// A request's tenant has so many machines less: who waits for that is looked at.
    #[inline(never)]
    pub fn quota_freed(&mut self, request: u32, machines: u32) {
        let it = self.request(request);
        self.sight.usage.less(it.tenant, it.class, machines);
        if !self.lines.is_empty() {
            self.lines.stir_tenant(it.tenant);
        }
    }

    /// A tenant has so many machines more. Where Nova lowers a count to what the quota leaves, that
    /// can bring a waiting request of his within reach, too.
    #[inline(never)]
    pub fn quota_taken(&mut self, tenant: TenantId, class: ClassId, machines: u32) {
        self.sight.usage.add(tenant, class, machines);
        if !self.lines.is_empty() {
            self.lines.stir_tenant(tenant);
        }
    }

    /// A node has changed while somebody waits: the line of its class is looked at if the view has it
    /// as free, and whatever else has been stirred.
    #[inline(never)]
    pub fn look_at_lines(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let class = self.sight.view.shape_of(node).class;
        if self.sight.view.free(node) || self.cap_binds(class) {
            self.wake_line(class, agenda);
        }
        self.stir_lines(agenda);
    }

    /// Whether one free node less of a class may bring another one below Placement's limit of candidates, to somebody
    /// for whom those before it were none.
    pub fn cap_binds(&self, class: ClassId) -> bool {
        let view = &self.sight.view;
        let free = view.shapes_of(class).iter().map(|&shape| view.shelf(shape).len());
        self.rules.policy().cap.is_some_and(|cap| free.sum::<u32>() >= cap)
    }

    /// Puts the lines that have been stirred onto the agenda.
    pub fn stir_lines(&mut self, agenda: &mut Agenda<Event>) {
        while let Some(class) = self.lines.stirred.pop_first() {
            self.wake_line(class, agenda);
        }
    }

    /// A request that has come back to its line is asked again as soon as it may be.
    pub fn wake_soon(&mut self, request: u32, agenda: &mut Agenda<Event>) {
        let class = self.request(request).class;
        if self.has_free(class) {
            self.wake_line(class, agenda);
        }
    }

    /// A line is looked at when what happens now is finished.
    fn wake_line(&mut self, class: ClassId, agenda: &mut Agenda<Event>) {
        let line = &mut self.lines.lines[class.at()];
        if !line.kins.is_empty() && !std::mem::replace(&mut line.waking, true) {
            agenda.push(self.now, Event::Wake(class.0));
        }
    }

    /// A line is looked at once more for all in it whose builds failed at this instant: were it once for each, they
    /// would double from breath to breath.
    fn take_breath(&mut self, class: ClassId, agenda: &mut Agenda<Event>) {
        let then = self.now + BREATH;
        if self.lines.lines[class.at()].breath.replace(then) != Some(then) {
            agenda.push(then, Event::Wake(class.0));
        }
    }

    /// The line of a class is served: whoever fits, in order of arrival.
    pub fn wake(&mut self, class: u16, agenda: &mut Agenda<Event>) {
        let class = ClassId(class);
        let line = &mut self.lines.lines[class.at()];
        line.waking = false;
        if std::mem::take(&mut line.fleet_changed) {
            self.send_away(class, agenda);
        }
        let line = &self.lines.lines[class.at()];
        let first = |(kin, requests): (&Kin, &BTreeSet<u32>)| Some((*requests.first()?, *kin));
        let mut heads: BTreeMap<u32, Kin> = line.kins.iter().filter_map(first).collect();
        while let Some((request, kin)) = heads.pop_first() {
            if !self.has_free(class) {
                return;
            }
            let failed = self.hopes.get(&request).and_then(|hope| hope.failed);
            let served = failed != Some(self.now) && self.ask_again(request, &kin, agenda);
            if failed == Some(self.now) {
                self.take_breath(class, agenda);
            }
            if !served && kin.strict && self.lines.lines[class.at()].strict.contains(&request) {
                return;
            }
            // Below the cap each has candidates of its own: of two that are alike the second may find what the first did not.
            if served || failed == Some(self.now) || self.cap_binds(class) {
                let kins = self.lines.lines[class.at()].kins.get(&kin);
                let next = kins.and_then(|kins| kins.range(request + 1..).next());
                heads.extend(next.map(|&next| (next, kin)));
            }
        }
    }

    /// Asks for one who waits; whether he is gone from the line.
    fn ask_again(&mut self, request: u32, kin: &Kin, agenda: &mut Agenda<Event>) -> bool {
        match self.decide(request, agenda) {
            Ok(()) => {
                if let Some(hope) = self.hopes.get_mut(&request) {
                    hope.in_line = false;
                }
                self.lines.leave(kin, request);
                true
            }
            Err(Cause::NeverFits) => {
                self.lines.leave(kin, request);
                self.refuse(request, Cause::NeverFits);
                true
            }
            Err(cause) => {
                if let Some(hope) = self.hopes.get_mut(&request) {
                    hope.cause = cause;
                }
                false
            }
        }
    }

    /// Those who wait in vain, now that the fleet has changed, are refused.
    fn send_away(&mut self, class: ClassId, agenda: &mut Agenda<Event>) {
        let kins: Vec<Kin> = self.lines.lines[class.at()].kins.keys().copied().collect();
        for kin in kins {
            let members = self.lines.lines[class.at()].kins.get(&kin).cloned().unwrap_or_default();
            let hopeless = members.first().map(|&head| self.request(head));
            if hopeless.is_some_and(|head| self.never_fits(&head)) {
                for request in members {
                    self.lines.leave(&kin, request);
                    self.refuse(request, Cause::NeverFits);
                }
            }
        }
        self.stir_lines(agenda);
    }

    /// Whether the view has a free node of a class.
    fn has_free(&self, class: ClassId) -> bool {
        let view = &self.sight.view;
        view.shapes_of(class).iter().any(|&shape| !view.shelf(shape).is_empty())
    }

    /// A request is refused for good.
    pub fn refuse(&mut self, request: u32, cause: Cause) {
        self.hopes.remove(&request);
        self.drop_leases(request);
        self.tell(Fact::Refused { request, cause });
    }

    /// A waiting request's patience ends; where it held others back, they are asked.
    pub fn give_up(&mut self, request: u32, agenda: &mut Agenda<Event>) {
        let Some(Hope {
            cause, in_line: true, ..
        }) = self.hopes.get(&request).copied()
        else {
            return;
        };
        let it = self.request(request);
        let kin = self.kin(&it);
        self.lines.leave(&kin, request);
        self.refuse(request, cause);
        self.stir_lines(agenda);
        if kin.strict {
            self.wake_line(it.class, agenda);
        }
    }
}
