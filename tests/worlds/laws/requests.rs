//! Laws of requests, at the facts about them.

use super::*;
use sickbay::fleet::RequestId;

impl Laws<'_> {
    pub(super) fn of_requests(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        let Some(request) = fact.request() else { return };
        if let Fact::Arrived { .. } = fact {
            self.comes_in_its_hours(at, request, sight);
            if self.books.asked.contains_key(&request) {
                self.broken("a request arrives once", at, format!("request {request}"));
            }
            return;
        }
        let Some(asked) = self.books.asked.get(&request).cloned() else {
            self.broken(
                "a request is told of after it arrived",
                at,
                format!("request {request}: {fact:?}"),
            );
            return;
        };
        match *fact {
            Fact::Decided { .. } => {
                if asked.retry_at.is_some_and(|due| due != at) {
                    self.broken(
                        "a refused request asks again when its pause is over",
                        at,
                        self.who(request),
                    );
                }
                self.decided = Some((request, self.allowed(&asked)));
            }
            Fact::Waits { .. } if self.never_fits(&asked) => {
                self.broken("what never fits does not wait", at, self.who(request));
            }
            Fact::Refused { cause, .. } => self.refused(at, request, &asked, cause, sight),
            Fact::Accepted { .. } if asked.fate != Fate::Open => {
                self.broken("a request is decided once", at, self.who(request));
            }
            Fact::BuildFailed { node, error, .. } => self.build_failed(at, request, node, error, sight),
            Fact::Claimed { node, attempt, .. } => self.claimed(at, request, &asked, node, attempt, sight),
            Fact::Active { node, .. } if !asked.instances.contains_key(&node) => {
                self.broken(
                    "no instance is active without a claim",
                    at,
                    format!("{} on {}", self.who(request), Self::name(sight, node)),
                );
            }
            Fact::Released { node, .. } => self.released(at, request, &asked, node, sight),
            Fact::Evicted { node, .. } | Fact::Interrupted { node, .. } => {
                self.ended_early(at, request, &asked, node, fact, sight)
            }
            _ => {}
        }
    }

    pub(super) fn refused(&mut self, at: u64, request: RequestId, asked: &Asked, cause: Cause, sight: &Sight<'_>) {
        if asked.fate != Fate::Open {
            self.broken("a request is decided once", at, self.who(request));
        }
        if cause == Cause::NeverFits && self.could_be_served(at, asked, sight) {
            self.broken(
                "what could be served is not refused as what never could",
                at,
                self.who(request),
            );
        }
        // What was decided and failed in its builds is refused for those.
        if asked.picks > 0 || self.held_back(request, asked) {
            return;
        }
        if cause == Cause::OtherTenants && !asked.in_line && !self.one_is_free(asked, sight) {
            self.broken(
                "other tenants are named beside a free node alone",
                at,
                self.who(request),
            );
        }
        if cause == Cause::Quota {
            let least = i64::from(asked.it.min_count.min(asked.it.count).max(1));
            if !asked.in_line && self.allowed(asked).is_none_or(|allowed| allowed >= least) {
                self.broken("a quota refuses what exceeds it", at, self.who(request));
            }
        } else if self.fits(request, sight) && !(cause == Cause::NeverFits && self.one_goes(at, asked, sight)) {
            self.broken(
                "nobody is refused beside free machines that fit",
                at,
                format!("{}: {cause:?}", self.who(request)),
            );
        }
    }

    /// Whether a node of a request's class is free in the view, and neither in maintenance nor marked.
    fn one_is_free(&self, asked: &Asked, sight: &Sight<'_>) -> bool {
        sight.fleet.ids().any(|node| {
            let listed = sight.view.listing(node);
            listed.class == asked.it.class && sight.view.free(node) && listed.marks.is_empty()
        })
    }

    /// Whether somebody waits for a request's class whom nobody may pass, and who came before it.
    pub(super) fn held_back(&self, request: RequestId, asked: &Asked) -> bool {
        let strict = |other: &Asked| self.plan.strict.get(usize::from(other.it.source)) == Some(&true);
        self.books
            .alive()
            .take_while(|&(other, _)| other < request)
            .any(|(_, other)| other.in_line && other.it.class == asked.it.class && strict(other))
    }

    pub(super) fn claimed(
        &mut self,
        at: u64,
        request: RequestId,
        asked: &Asked,
        node: NodeId,
        attempt: u8,
        sight: &Sight<'_>,
    ) {
        let what = format!("{} claims {}", self.who(request), Self::name(sight, node));
        if asked.fate == Fate::Refused {
            self.broken("who is refused claims nothing", at, what.clone());
        }
        // An alternate was chosen before; and a lease has its place in the calendar.
        if attempt <= 1 && asked.it.kind != Kind::Operator && !self.leases() && self.held_back(request, asked) {
            self.broken("nobody is served before who waits in a strict line", at, what.clone());
        }
        if u32::from(attempt) > u32::from(self.scenario.policy.attempts) {
            self.broken("a build has so many attempts and no more", at, what.clone());
        }
        let name = Self::name(sight, node);
        if let Some((from, until)) = self.plan.stay(&name)
            && (at < from || until.is_some_and(|until| at >= until))
            // Behind a loop Placement lists a node that has gone until the next pass; the driver refuses it then.
            && self.plan.instant
        {
            self.broken("nobody is sent to a node that is not in the fleet", at, what.clone());
        }
        let operators = asked.it.kind == Kind::Operator || asked.it.tenant == sickbay::fleet::TenantId::OPERATORS;
        if attempt <= 1 && !operators && self.plan.instant && self.tight() && self.books.hidden.contains(&node) {
            self.broken("no automatic claim on a node that is hidden", at, what.clone());
        }
        if attempt <= 1 && !operators {
            self.keeps_off_the_lease(at, request, node, sight);
        }
        if self.plan.keep_clear && attempt == 1 && !operators {
            self.sent.entry(node).or_default().push((at, request));
        }
    }

    /// A machine ends before its hold is over for maintenance on its node, or for broken hardware, and for nothing else.
    fn ended_early(
        &mut self,
        at: u64,
        request: RequestId,
        asked: &Asked,
        node: NodeId,
        fact: &Fact,
        sight: &Sight<'_>,
    ) {
        let what = format!("{} on {}: {fact:?}", self.who(request), Self::name(sight, node));
        if !asked.instances.contains_key(&node) {
            self.broken("every claim has one end", at, what.clone());
        }
        let has_reason = match fact {
            Fact::Interrupted { .. } => sight.fleet.node(node).health() != sickbay::fleet::Health::Healthy,
            _ => self.books.windows_on(node) > 0,
        };
        if !has_reason {
            self.broken(
                "a machine ends early for maintenance or broken hardware alone",
                at,
                what,
            );
        }
    }

    pub(super) fn released(&mut self, at: u64, request: RequestId, asked: &Asked, node: NodeId, sight: &Sight<'_>) {
        let what = format!("{} on {}", self.who(request), Self::name(sight, node));
        match asked.instances.get(&node) {
            None => self.broken("every claim has one end", at, what),
            Some(instance) => match instance.active {
                Some(since) if since + asked.it.hold.0 == at => {}
                Some(_) => self.broken("an active machine is kept until its hold is over", at, what),
                None => self.broken("a sibling's failure takes no build away", at, what),
            },
        }
    }

    /// What a decision took: all that was asked for, or what the quota allowed of it.
    pub(super) fn decision_over(&mut self, at: u64) {
        let Some((request, allowed)) = self.decided.take() else {
            return;
        };
        let asked = &self.books.asked[&request];
        let full = i64::from(asked.it.count);
        let wanted = allowed.map_or(full, |allowed| allowed.min(full));
        if asked.picks > 0 && i64::from(asked.picks) != wanted && !self.takes_less(asked) && !self.leases() {
            let what = format!("{}: {} of {wanted}", self.who(request), asked.picks);
            self.broken("a multi-create is all or nothing but for the quota", at, what);
        }
    }
}
