//! Tenancy: the requests under way, those who wait, and quotas. A request's course:
//!
//! ```text
//!            ┌───────────── asks again (retry) ◄─────────┐
//!            ▼                                           │
//! arrival ─ decide ─ refused ─ waits in line, or ────────┤
//!            │                                           │
//!            │ claim, on each machine                    │
//!            ▼                                           │
//!          build ─ fails ─ next attempt, on an alternate │
//!            │               └─ none left ─ machine lost ┘ (all lost: denied)
//!            ▼
//!          active ─ accepted ─ released, evicted, interrupted
//! ```
//!
//! It acts on the control plane alone. What follows on a node (an instance comes onto it or goes) is returned.
//!
//! - `builds`: claims, deploys and their failures
//! - `lines`: who waits; `waiting`: when they are asked again; `reach`: what could ever serve a request
//! - `gangs`: what is kept of a request under way

mod builds;
mod gangs;
mod lines;
mod reach;
mod waiting;

use std::collections::BTreeMap;

use super::asking::wanted;
use super::plane::Plane;
use super::slab::Slab;
use super::{Cause, Fact, Observer};
use crate::fleet::{NodeId, RequestId};
use crate::scheduler::choose::{choose_planned, tally};
use crate::scheduler::{Ask, Choice, Denial, Stage, choose};
use crate::workload::Request;
use crate::workload::draw::luck;
pub(super) use gangs::{Build, Hope};
use gangs::{Doomed, Gangs};
pub(super) use lines::Kin;
use lines::Lines;
use reach::Reach;

/// The indexes of specs are kept for so many pairs of feed and tenant; others are found by their spec.
const MOST_INDEXES: usize = 1 << 20;

/// The requests of a run that are under way.
pub(super) struct Tenancy {
    gangs: Gangs,
    pub hopes: BTreeMap<RequestId, Hope>,
    pub lines: Lines,
    /// Builds that are bound to fail.
    doomed: Slab<Doomed>,
    /// What could ever serve a request.
    pub reach: Reach,
    /// The indexes of specs in the rules, by feed and tenant of the requests that have them, plus one.
    spec_indexes: Vec<u32>,
}

impl Tenancy {
    /// Nobody has asked yet for any of these classes.
    pub fn new(classes: usize) -> Tenancy {
        Tenancy {
            gangs: Gangs::default(),
            hopes: BTreeMap::new(),
            lines: Lines::new(classes),
            doomed: Slab::default(),
            reach: Reach::default(),
            spec_indexes: Vec::new(),
        }
    }

    /// One pass of the scheduler for one request, and its claims. The node, where it is built at once.
    pub fn decide<O: Observer>(
        &mut self,
        plane: &mut Plane<'_, O>,
        request: RequestId,
    ) -> Result<Option<NodeId>, Cause> {
        let it = plane.request(request);
        let (tenant, class) = (it.tenant, it.class);
        let quota = plane.rules.policy().quota.as_deref();
        let Some(wanted) = wanted(&it, quota, &plane.truth.usage) else {
            return Err(self.over_quota(plane, &it));
        };
        match self.choose_for(plane, request, wanted) {
            Ok(choice) => {
                plane.tell_here(Fact::Decided {
                    request,
                    examined: choice.examined,
                    capped: choice.capped,
                });
                let count = choice.picks().len();
                if plane.rules.policy().quota.is_some() {
                    self.quota_taken(plane, tenant, class, count as u32);
                }
                plane.drop_leases(request);
                let gang = self.gangs.begin(request);
                (gang.decided, gang.wanted) = (plane.now, count as u16);
                choice.alternates().iter().for_each(|&node| gang.alternates.push(node));
                let mut built = None;
                for &node in choice.picks() {
                    let attempt = 1;
                    built = self.claim(plane, Build { request, node, attempt });
                }
                Ok(built)
            }
            Err(denial) => {
                plane.tell(Fact::Decided {
                    request,
                    examined: denial.examined,
                    capped: denial.capped,
                });
                Err(self.cause(plane, request, wanted, denial))
            }
        }
    }

    /// Why a request that has waited would be refused now. A line is asked only when something has come free for it, so what
    /// kept it off when it was last asked may be long over. Builds that failed stay the reason.
    pub fn cause_now<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, last: Cause) -> Cause {
        let it = plane.request(request);
        if last.is_of_builds() {
            return last;
        }
        if self.lines.is_behind(it.class, request) {
            return Cause::Line;
        }
        let quota = plane.rules.policy().quota.as_deref();
        let Some(wanted) = wanted(&it, quota, &plane.truth.usage) else {
            return self.over_quota(plane, &it);
        };
        match self.choose_for(plane, request, wanted) {
            Ok(_) => last,
            Err(denial) => self.cause(plane, request, wanted, denial),
        }
    }

    /// What the scheduler answers to a request.
    #[inline(always)]
    fn choose_for<O: Observer>(
        &mut self,
        plane: &mut Plane<'_, O>,
        request: RequestId,
        wanted: (u16, u16),
    ) -> Result<Choice, Denial> {
        let it = plane.request(request);
        if plane.truth.calendar.is_empty()
            && !plane.rules.policy().keep_clear
            && let Some(index) = self.index_of(plane, request)
            && let Some((policy, shapes)) = plane.rules.plan(&plane.truth.view, index)
        {
            let least = usize::from(wanted.1.max(1));
            let tie = it.luck ^ luck::TIE;
            return choose_planned(&plane.truth.view, policy, shapes, (wanted.0, least, tie));
        }
        self.choose_at_length(plane, request, wanted)
    }

    #[inline(never)]
    fn choose_at_length<O: Observer>(
        &mut self,
        plane: &mut Plane<'_, O>,
        request: RequestId,
        wanted: (u16, u16),
    ) -> Result<Choice, Denial> {
        let ask = self.ask_for(plane, &plane.request(request), wanted);
        if !plane.truth.calendar.is_empty() {
            return plane.choose_by_calendar(request, &ask);
        }
        let fleet = &plane.truth.fleet;
        choose(&plane.truth.view, &mut plane.rules, &ask, &|node| {
            fleet.name(node).to_owned()
        })
    }

    /// A request as it is asked now, for so many machines and with so few content.
    fn ask_for<O: Observer>(&self, plane: &Plane<'_, O>, it: &Request, (count, min_count): (u16, u16)) -> Ask {
        Ask {
            count,
            min_count,
            ..plane.clerk.ask(it, plane.now)
        }
    }

    /// The index of a request's spec among those that the rules know. Drawn requests of one feed and
    /// tenant are alike, so that it is looked up once.
    #[inline(always)]
    fn index_of<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId) -> Option<usize> {
        let feed = plane.truth.requests.drawn_by(request)?;
        let at = feed as usize * plane.clerk.owners().len() + plane.request(request).tenant.at();
        match self.spec_indexes.get(at) {
            Some(&index) if index > 0 => Some(index as usize - 1),
            _ => self.note_index(plane, at, request),
        }
    }

    #[cold]
    fn note_index<O: Observer>(&mut self, plane: &mut Plane<'_, O>, at: usize, request: RequestId) -> Option<usize> {
        let it = &plane.request(request);
        if at >= MOST_INDEXES || !plane.clerk.alike(it.source) {
            return None;
        }
        if self.spec_indexes.len() <= at {
            self.spec_indexes.resize(at + 1, 0);
        }
        let index = plane.rules.index_of(&plane.clerk.ask(it, plane.now).spec);
        self.spec_indexes[at] = index as u32 + 1;
        Some(index)
    }

    /// Why a request found too few machines, from the counts of free nodes by what became of them. Where
    /// several reasons hold, the first in the documented order is told.
    #[cold]
    fn cause<O: Observer>(
        &mut self,
        plane: &mut Plane<'_, O>,
        request: RequestId,
        asked: (u16, u16),
        denial: Denial,
    ) -> Cause {
        let it = plane.request(request);
        if self.reach.never_fits(plane, &it) {
            return Cause::NeverFits;
        }
        let ask = &self.ask_for(plane, &it, asked);
        let mut counts = tally(&plane.truth.view, &mut plane.rules, ask);
        let away = plane.away(ask);
        let wanted = ask.least() as u32;
        let (ours, theirs) = plane.leased_away(request, ask);
        counts.passing = counts.passing.saturating_sub(ours + theirs);
        if denial.stage == Stage::Filters && counts.passing >= wanted {
            // Without a cap it is a server group that lets no more of them in.
            return if denial.capped {
                Cause::CandidateCap
            } else {
                Cause::NoMatch
            };
        }
        // Those that stand hidden are among those that are away.
        let hidden = away.hidden.max(counts.marked - counts.on_offer) + counts.on_offer + ours;
        let seen = counts.passing + away.unseen;
        if seen >= wanted {
            Cause::StaleView
        } else if seen + counts.others >= wanted {
            Cause::OtherTenants
        } else if seen + hidden >= wanted {
            Cause::OnlyHidden
        } else if seen + hidden + counts.others >= wanted {
            Cause::OtherTenants
        } else if seen + hidden + counts.others + counts.unfit >= wanted {
            Cause::NoMatch
        } else {
            Cause::ClassFull
        }
    }

    /// A quota's refusal, unless the tenant's quota could never hold the request.
    pub fn over_quota<O: Observer>(&mut self, plane: &mut Plane<'_, O>, it: &Request) -> Cause {
        if self.reach.never_fits(plane, it) {
            Cause::NeverFits
        } else {
            Cause::Quota
        }
    }
}
