//! What is due of requests: arrivals, retries, ends of holds, and lines that are to be looked at.

use super::state::World;
use super::tenancy::Kin;
use super::{Cause, Fact, Observer};
use crate::fleet::{ClassId, NodeId, Occupant, Party, RequestId};

impl<O: Observer> World<'_, O> {
    /// A request is due; the one after it is put onto the agenda.
    pub fn arrival(&mut self, request: RequestId) {
        self.plane.next_arrival();
        self.plane.truth.requests.take_up(request);
        self.plane.tell_here(Fact::Arrived { request });
        let count = self.plane.request(request).count;
        self.plane.asked.note(self.plane.now, u64::from(count));
        self.asks(request);
    }

    /// Those who run when the run begins sit on their nodes, before anything happens: nobody decides, and nothing is built.
    /// They count as asked for and accepted then, as those of a trace do that start at the begin.
    pub fn take_seats(&mut self) {
        for _ in 0..self.plane.truth.requests.seated() {
            let Some((request, _)) = self.plane.truth.requests.advance() else {
                return;
            };
            let Some(node) = self.plane.truth.requests.seat(request) else {
                continue;
            };
            self.plane.truth.requests.take_up(request);
            self.plane.tell(Fact::Arrived { request });
            self.tenancy.seat(&mut self.plane, request, node);
            self.built(node);
        }
    }

    /// A refused request asks again.
    pub fn retry(&mut self, request: RequestId) {
        self.asks(request);
    }

    /// A request is decided, unless somebody whom it may not pass waits for its class.
    #[inline(always)]
    fn asks(&mut self, request: RequestId) {
        let answer = if self.plane.bells.nobody_waits() {
            self.tenancy.decide(&mut self.plane, request)
        } else {
            self.ask_behind(request)
        };
        match answer {
            Ok(None) => {}
            Ok(Some(node)) => self.built(node),
            Err(cause) => self.tenancy.denied(&mut self.plane, request, cause),
        }
    }

    #[inline(never)]
    fn ask_behind(&mut self, request: RequestId) -> Result<Option<NodeId>, Cause> {
        let it = self.plane.request(request);
        if !self.tenancy.lines.is_behind(it.class, request) {
            return self.tenancy.decide(&mut self.plane, request);
        }
        Err(if self.tenancy.reach.never_fits(&mut self.plane, &it) {
            Cause::NeverFits
        } else {
            Cause::Line
        })
    }

    /// An instance's hold ends.
    #[inline]
    pub fn hold_ends(&mut self, node: NodeId, epoch: u32) {
        let it = self.plane.node(node);
        let Some(Occupant {
            party: Party::Tenant(request),
            ..
        }) = it.occupant()
        else {
            return;
        };
        if it.epoch != epoch {
            return;
        }
        self.plane.tell_here(Fact::Released { request, node });
        self.tenancy.uses_less(&mut self.plane, request, 1);
        self.vacate(node);
    }

    /// The line of a class is served: whoever fits, in order of arrival.
    pub fn wake(&mut self, class: u16) {
        let class = ClassId(class);
        if self.plane.bells.heard(class) {
            self.tenancy.send_away(&mut self.plane, class);
        }
        let mut heads = self.tenancy.lines.heads(class);
        while let Some((request, kin)) = heads.pop_first() {
            if !self.plane.has_free(class) {
                return;
            }
            let pauses = self.tenancy.pauses(&self.plane, request);
            let served = pauses.is_none() && self.ask_again(request, &kin);
            if let Some(until) = pauses {
                self.tenancy.look_again_at(&mut self.plane, class, until);
            }
            if !served && self.tenancy.lines.bars(&kin, request) {
                return;
            }
            // Below the cap each has candidates of its own: of two that are alike the second may find what the first did not.
            if served || pauses.is_some() || self.plane.cap_binds(class) {
                let next = self.tenancy.lines.next(&kin, request);
                heads.extend(next.map(|next| (next, kin)));
            }
        }
    }

    /// Asks for one who waits; whether he is gone from the line.
    fn ask_again(&mut self, request: RequestId, kin: &Kin) -> bool {
        match self.tenancy.decide(&mut self.plane, request) {
            Ok(built) => {
                if let Some(node) = built {
                    self.built(node);
                }
                if let Some(hope) = self.tenancy.hopes.get_mut(&request) {
                    hope.in_line = false;
                }
                self.tenancy.lines.leave(&mut self.plane.bells, kin, request);
                true
            }
            Err(Cause::NeverFits) => {
                self.tenancy.lines.leave(&mut self.plane.bells, kin, request);
                self.tenancy.refuse(&mut self.plane, request, Cause::NeverFits);
                true
            }
            Err(cause) => {
                if let Some(hope) = self.tenancy.hopes.get_mut(&request) {
                    hope.cause = cause;
                }
                false
            }
        }
    }
}
