//! Those who wait: how they get into their line, when it is looked at, and how they leave it.

use super::Tenancy;
use super::gangs::Hope;
use super::lines::Kin;
use crate::fleet::{ClassId, RequestId, TenantId};
use crate::kernel::{Span, Time};
use crate::workload::{Line as Order, Patience, Request};
use crate::world::plane::Plane;
use crate::world::{Cause, Event, Fact, Observer};

/// How long a request whose builds failed in no time waits before it asks again: a second, and twice as long each time
/// they do so again, up to some minute. Else a broken node under someone who waits for weeks would be asked every second.
const fn pause(at_once: u32) -> Span {
    let doublings = if at_once < 6 { at_once } else { 6 };
    Span(1000 << doublings)
}

/// Whether a request was asked for in advance, where leases are kept.
fn asks_ahead<O: Observer>(plane: &Plane<'_, O>, it: &Request) -> bool {
    plane.terms.lease.is_some() && it.arrival < it.start
}

impl Tenancy {
    /// A request was refused: it gives up, asks again, or waits in line. What can never be served does
    /// not wait.
    pub fn denied<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, cause: Cause) {
        let it = plane.request(request);
        let start = it.start;
        let patience = plane.inputs.demand.sources[usize::from(it.source)].patience;
        let (tries, rounds, at_once) = self
            .hopes
            .get(&request)
            .map_or((0, 0, 0), |hope| (hope.tries, hope.rounds, hope.at_once));
        let hope = Hope {
            cause,
            tries: tries.saturating_add(1),
            rounds,
            in_line: matches!(patience, Patience::Wait { .. }),
            at_once,
            pauses: None,
        };
        match patience {
            _ if cause == Cause::NeverFits => self.refuse(plane, request, cause),
            Patience::Retry { times, backoff } if tries < times => {
                let pause = Span(backoff.0.saturating_mul(1 << tries.min(32)));
                if self.hopes.insert(request, hope).is_none() {
                    self.look_when_lease_is_over(plane, request);
                }
                plane.tell(Fact::Waits { request, cause });
                plane.after(pause, Event::Retry(request));
            }
            Patience::Wait { patience } if plane.now < start + patience => {
                if self.hopes.insert(request, hope).is_none() {
                    plane.at(start + patience, Event::GiveUp(request));
                    self.look_when_lease_is_over(plane, request);
                }
                self.stand_in_line(plane, request);
                plane.tell(Fact::Waits { request, cause });
                if cause.is_of_builds() {
                    // Nodes may have come free for it while its builds failed.
                    self.wake_soon(plane, request);
                }
            }
            _ => self.refuse(plane, request, cause),
        }
        plane.ring_stirred();
    }

    /// Machines that a request has leased and does not get in time are anybody's again when its leases are over: those
    /// who wait are asked then.
    fn look_when_lease_is_over<O: Observer>(&self, plane: &mut Plane<'_, O>, request: RequestId) {
        if let Some(end) = plane.leased_until(request).filter(|&end| end > plane.now) {
            let class = plane.request(request).class;
            plane.at(end, Event::Wake(class.0));
        }
    }

    /// A request is refused for good.
    pub fn refuse<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, cause: Cause) {
        self.hopes.remove(&request);
        plane.drop_leases(request);
        plane.tell(Fact::Refused { request, cause });
    }

    /// A request's tenant uses so many machines less: this is booked where there is a quota.
    #[inline(always)]
    pub fn uses_less<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, machines: u32) {
        if plane.rules.policy().quota.is_some() {
            self.quota_freed(plane, request, machines);
        }
    }

    fn kin<O: Observer>(&self, plane: &Plane<'_, O>, request: RequestId) -> Kin {
        let it = &plane.request(request);
        let source = &plane.inputs.demand.sources[usize::from(it.source)];
        // A lease and announced work look at the planned end, and nothing else does.
        let keep_clear = plane.rules.policy().keep_clear;
        let ends_matter = plane.terms.lease.is_some() || keep_clear;
        Kin {
            spec: plane.clerk.ask(it, plane.now).spec,
            count: it.count,
            min_count: it.min_count,
            multi: it.multi,
            planned: if ends_matter { it.planned } else { Span::ZERO },
            plans: it.plans && keep_clear,
            strict: source.line == Order::Strict,
            leases: asks_ahead(plane, it).then_some(request),
        }
    }

    /// A request waits in its class's line.
    pub fn stand_in_line<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId) {
        let kin = self.kin(plane, request);
        self.lines.join(&mut plane.bells, kin, request);
    }

    /// A request's tenant has so many machines less: who waits for that is looked at.
    #[inline(never)]
    pub fn quota_freed<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, machines: u32) {
        let it = plane.request(request);
        plane.truth.usage.less(it.tenant, it.class, machines);
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
        plane.truth.usage.add(tenant, class, machines);
        self.lines.of_tenant(tenant).for_each(|class| plane.bells.stir(class));
    }

    /// A request that has come back to its line is asked again as soon as it may be.
    pub fn wake_soon<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId) {
        let class = plane.request(request).class;
        if plane.has_free(class) {
            plane.ring(class);
        }
    }

    /// All builds of a request that asks again have failed. Whether in no time: then it pauses.
    pub(super) fn builds_failed(&mut self, request: RequestId, now: Time, at_once: bool) {
        // Only who asks again has a hope now: `build_word` gives its next builds new luck.
        if let Some(hope) = self.hopes.get_mut(&request) {
            hope.rounds += 1;
            hope.pauses = at_once.then(|| now + pause(hope.at_once));
            hope.at_once = if at_once { hope.at_once + 1 } else { 0 };
        }
    }

    /// Until when a request of a line pauses, if it does.
    pub fn pauses<O: Observer>(&self, plane: &Plane<'_, O>, request: RequestId) -> Option<Time> {
        self.hopes.get(&request)?.pauses.filter(|&until| plane.now < until)
    }

    /// A line is looked at once more when a pause is over, and not for each that ends later: who still pauses then sees to
    /// that anew. Were it once for each, they would double from pause to pause.
    pub fn look_again_at<O: Observer>(&mut self, plane: &mut Plane<'_, O>, class: ClassId, then: Time) {
        let look = &mut self.lines.lines[class.at()].look;
        if look.is_none_or(|due| due <= plane.now || then < due) {
            *look = Some(then);
            plane.at(then, Event::Wake(class.0));
        }
    }

    /// Those who wait in vain, now that the fleet has changed, are refused.
    pub fn send_away<O: Observer>(&mut self, plane: &mut Plane<'_, O>, class: ClassId) {
        let kins: Vec<Kin> = self.lines.lines[class.at()].kins.keys().copied().collect();
        for kin in kins {
            let members = self.lines.lines[class.at()].kins.get(&kin).cloned().unwrap_or_default();
            let hopeless = members.first().map(|&head| plane.request(head));
            if hopeless.is_some_and(|head| self.reach.never_fits(plane, &head)) {
                for request in members {
                    self.lines.leave(&mut plane.bells, &kin, request);
                    self.refuse(plane, request, Cause::NeverFits);
                }
            }
        }
        plane.ring_stirred();
    }

    /// A waiting request's patience ends; where it held others back, they are asked.
    pub fn give_up<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId) {
        let Some(Hope {
            cause, in_line: true, ..
        }) = self.hopes.get(&request).copied()
        else {
            return;
        };
        let it = plane.request(request);
        let kin = self.kin(plane, request);
        self.lines.leave(&mut plane.bells, &kin, request);
        let cause = self.cause_now(plane, request, cause);
        self.refuse(plane, request, cause);
        plane.ring_stirred();
        if kin.strict {
            plane.ring(it.class);
        }
    }
}
