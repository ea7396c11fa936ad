//! Those who wait, by class. A line is open: whoever fits by the scheduler's view is served, in order
//! of arrival; but behind somebody of a workload whose line is strict nobody is served before him.
//!
//! A line is looked at when something may have come free for it: a node of its class in the view,
//! quota of a tenant who waits in it, or, where it is strict, its head. Requests that are alike (one
//! spec, one size) are a kin: where one of them fails, the others are not asked in the same round,
//! for a round only takes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::fleet::{ClassId, RequestId, TenantId};
use crate::kernel::{Span, Time};
use crate::scheduler::Spec;
use crate::workload::Multi;
use crate::world::plane::Bells;

/// What requests have in common that fail together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kin {
    pub(super) spec: Spec,
    pub(super) count: u16,
    pub(super) min_count: u16,
    pub(super) multi: Multi,
    /// Where leases are kept, or announced work is kept clear of: for how long a node has to be free.
    pub(super) planned: Span,
    /// Where announced work is kept clear of: whether that was said; else it is without end.
    pub(super) plans: bool,
    pub(super) strict: bool,
    /// Who was asked for in advance where leases are kept may have what others may not: he is alike to nobody.
    pub(super) leases: Option<RequestId>,
}

/// The line of a class.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Requests are numbered in the order of arrival.
    pub(super) kins: BTreeMap<Kin, BTreeSet<RequestId>>,
    /// Those of them whom nobody may pass.
    pub(super) strict: BTreeSet<RequestId>,
    /// When it is to be looked at for the sake of those who pause.
    pub(super) look: Option<Time>,
}

/// The lines of all classes.
#[derive(Clone, Debug)]
pub struct Lines {
    pub(super) lines: Vec<Line>,
    /// How many of a tenant wait in which class.
    pub(super) tenants: BTreeMap<(TenantId, ClassId), u32>,
}

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
    pub fn is_behind(&self, class: ClassId, request: RequestId) -> bool {
        let strict = &self.lines[class.at()].strict;
        strict.first().is_some_and(|&head| head < request)
    }

    pub fn join(&mut self, bells: &mut Bells, kin: Kin, request: RequestId) {
        let line = &mut self.lines[kin.spec.class.at()];
        line.kins.entry(kin).or_default().insert(request);
        if kin.strict {
            line.strict.insert(request);
        }
        bells.joined(kin.spec.class);
        *self.tenants.entry((kin.spec.tenant, kin.spec.class)).or_default() += 1;
    }

    pub fn leave(&mut self, bells: &mut Bells, kin: &Kin, request: RequestId) {
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
    pub fn heads(&self, class: ClassId) -> BTreeMap<RequestId, Kin> {
        let first = |(kin, requests): (&Kin, &BTreeSet<RequestId>)| Some((*requests.first()?, *kin));
        self.lines[class.at()].kins.iter().filter_map(first).collect()
    }

    /// Who comes after a request of the same kin.
    pub fn next(&self, kin: &Kin, request: RequestId) -> Option<RequestId> {
        let kins = self.lines[kin.spec.class.at()].kins.get(kin)?;
        kins.range((Bound::Excluded(request), Bound::Unbounded)).next().copied()
    }

    /// Whether nobody may be served before this request, which waits.
    pub fn bars(&self, kin: &Kin, request: RequestId) -> bool {
        kin.strict && self.lines[kin.spec.class.at()].strict.contains(&request)
    }

    /// The classes in whose lines a tenant waits.
    pub fn of_tenant(&self, tenant: TenantId) -> impl Iterator<Item = ClassId> {
        let of = (tenant, ClassId(0))..=(tenant, ClassId(u16::MAX));
        self.tenants.range(of).map(|((_, class), _)| *class)
    }
}
