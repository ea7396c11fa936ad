//! The tape: everything that no policy may influence. All but the requests is drawn before the run.

use super::laws::Multi;
use super::requests::Requests;
use crate::fleet::{ClassId, Hold, NodeId, TenantId, TraitSet};
use crate::kernel::streams::{mix, unit};
use crate::kernel::{Digest, Law, Span, Time};

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Kind {
    /// People.
    #[default]
    People = 0,
    /// A monitoring robot; reported apart.
    Monitoring = 1,
    /// Operators; not part of any acceptance figure.
    Operator = 2,
}

/// A request for whole machines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    /// When it was asked for.
    pub arrival: Time,
    /// When it is to begin, and is decided; equals `arrival` unless it was asked in advance.
    pub start: Time,
    /// How long it holds its machines, from their becoming active.
    pub hold: Span,
    /// How long it said it would, or as long as it does where it said nothing.
    pub planned: Span,
    /// Whether it said so.
    pub plans: bool,
    /// Who asks.
    pub tenant: TenantId,
    /// The resource class.
    pub class: ClassId,
    /// Traits that a machine must have.
    pub required: TraitSet,
    /// Traits that it must not have.
    pub forbidden: TraitSet,
    /// Extra specs, hint and availability zone, by their place in `Demand::extras`.
    pub extras: u16,
    /// How many machines.
    pub count: u16,
    /// With how few it is content.
    pub min_count: u16,
    /// Who may lower the count to that.
    pub multi: Multi,
    /// People, robots or operators.
    pub kind: Kind,
    /// Which workload of the scenario it belongs to.
    pub source: u16,
    /// Seeds what happens to it: deploy times, failures of builds, tie-breaks.
    pub luck: u64,
}

impl Request {
    /// The least number of machines with which it can be served. Nova lowers the count only where
    /// there is a quota, Blazar always.
    #[must_use]
    #[inline]
    pub fn least(&self, quota: bool) -> u16 {
        if quota || self.multi == Multi::Blazar {
            self.min_count.min(self.count).max(1)
        } else {
            self.count.max(1)
        }
    }
}

/// A tenant's need for Ironic's rescue during the life of its first instance (Case A).
#[derive(Clone, Copy, Debug)]
pub struct RescueNeed {
    /// How long after the instance became active.
    pub after: Span,
    /// How long the tenant works in the rescue image.
    pub length: Span,
}

/// Work to be done on a node in maintenance.
#[derive(Clone, Debug)]
pub struct Job {
    /// The node.
    pub node: NodeId,
    /// Where it comes from.
    pub origin: Origin,
    /// Hands-on work by a technician.
    pub work: Span,
    /// The operators' boots on this node, each with the time that it runs; the first comes
    /// before the hands-on work, the others after it.
    pub errands: Vec<Span>,
    /// Seeds the operators' latencies and slips.
    pub luck: u64,
}

/// Where a job comes from, by its place among its like on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A recorded spell.
    Spell(u32),
    /// A fault.
    Fault(u32),
    /// A campaign.
    Campaign(u32),
    /// Automated cleaning that failed; the job is made during the run, its numbers from the tape.
    Clean,
}

/// A recorded maintenance spell.
#[derive(Clone, Debug)]
pub struct SpellTape {
    /// The job, by its place on the tape.
    pub job: u32,
    /// When the node went into maintenance.
    pub start: Time,
    /// When it came back, if it did.
    pub end: Option<Time>,
    /// The reason.
    pub hold: Hold,
}

/// A fault of a node's hardware.
#[derive(Clone, Copy, Debug)]
pub struct FaultTape {
    /// The job that mends it, by its place on the tape.
    pub job: u32,
    /// When it strikes.
    pub at: Time,
    /// Its kind, by its place among all kinds of all laws of the plan.
    pub kind: u16,
    /// Its law, by its place in the plan.
    pub law: u16,
    /// How long it takes the operators to notice.
    pub detection: Span,
}

/// A campaign's jobs in their order.
#[derive(Clone, Debug)]
pub struct CampaignTape {
    /// Which campaign of the plan.
    pub plan: u16,
    /// When it begins.
    pub start: Time,
    /// The jobs of all nodes that it may touch, by their place on the tape. Which of them it does is known when it
    /// begins: the first ones whose nodes are in the fleet by then and of its classes, as many as its share is.
    pub jobs: Vec<u32>,
}

/// Everything that no policy may influence.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Requests by (start, arrival, source, order in the source): none made yet. A run makes its own
    /// from a copy of this.
    pub requests: Requests,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Recorded spells by (start, node).
    pub spells: Vec<SpellTape>,
    /// Faults by (at, node).
    pub faults: Vec<FaultTape>,
    /// Campaigns, in the plan's order, each with its repetitions.
    pub campaigns: Vec<CampaignTape>,
    /// Seeds what has no other place on the tape, by node.
    pub luck: u64,
}

/// A uniform number for use `purpose` of something whose luck is `luck`.
#[must_use]
#[inline]
pub fn chance(luck: u64, purpose: u64) -> f64 {
    unit(mix(luck ^ mix(purpose)))
}

/// The span that `law` gives for use `purpose` of something whose luck is `luck`.
#[must_use]
#[inline]
pub fn span_by(law: &Law, luck: u64, purpose: u64) -> Span {
    span_of(law, || luck, purpose)
}

/// The same, where the luck is only worked out for a law that asks for it.
#[must_use]
#[inline]
pub fn span_of(law: &Law, luck: impl FnOnce() -> u64, purpose: u64) -> Span {
    match law {
        Law::Fixed(span) => *span,
        _ => drawn_by(law, luck(), purpose),
    }
}

/// Apart, so that what is fixed is known where `span_of` is compiled in.
#[inline(never)]
fn drawn_by(law: &Law, luck: u64, purpose: u64) -> Span {
    law.at(chance(luck, purpose), chance(luck, purpose ^ (1 << 63)))
}

impl Tape {
    /// A digest of the whole tape: it does not depend on the strategy. Makes all requests once.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut requests = self.requests.clone();
        while let Some((request, _)) = requests.advance() {
            requests.release(request);
        }
        self.digest_with(requests.digest())
    }

    /// The same, where the requests have been made and digested already.
    #[must_use]
    pub fn digest_with(&self, requests: Digest) -> Digest {
        let mut digest = requests;
        for job in &self.jobs {
            digest.stamp(Time(job.work.0), u64::from(job.node.0), job.luck);
            job.errands.iter().for_each(|e| digest.word(e.0));
        }
        for spell in &self.spells {
            digest.stamp(
                spell.start,
                spell.end.map_or(u64::MAX, |end| end.0),
                u64::from(spell.job),
            );
        }
        for fault in &self.faults {
            digest.stamp(
                fault.at,
                u64::from(fault.kind) << 32 | u64::from(fault.job),
                fault.detection.0,
            );
        }
        for campaign in &self.campaigns {
            digest.stamp(campaign.start, u64::from(campaign.plan), campaign.jobs.len() as u64);
            campaign.jobs.iter().for_each(|&job| digest.word(u64::from(job)));
        }
        digest
    }
}
