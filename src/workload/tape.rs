//! The tape: everything that no policy may influence, drawn before the run.

use crate::fleet::{ClassId, Hold, NodeId, TenantId, TraitSet};
use crate::kernel::streams::{mix, unit};
use crate::kernel::{Digest, Law, Span, Time};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// People.
    People = 0,
    /// A monitoring robot; reported apart.
    Monitoring = 1,
    /// Operators; not part of any acceptance figure.
    Operator = 2,
}

/// A request for whole machines.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// When it was asked for.
    pub arrival: Time,
    /// When it is to begin, and is decided; equals `arrival` unless it was asked in advance.
    pub start: Time,
    /// How long it holds its machines, from their becoming active.
    pub hold: Span,
    /// How long it said it would.
    pub planned: Span,
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
    /// How many machines, all or nothing.
    pub count: u16,
    /// With how few it is content.
    pub min_count: u16,
    /// People, robots or operators.
    pub kind: Kind,
    /// Which workload of the scenario it belongs to.
    pub source: u16,
    /// Seeds what happens to it: deploy times, failures of builds, tie-breaks.
    pub luck: u64,
}

/// A tenant's need for Ironic's rescue during an instance's life (Case A).
#[derive(Clone, Copy, Debug)]
pub struct RescueNeed {
    /// The request, by its place on the tape; its first machine is meant.
    pub request: u32,
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
    Campaign(u16),
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
pub struct Fault {
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
    /// Jobs, by their place on the tape.
    pub jobs: Vec<u32>,
}

/// Everything that no policy may influence.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Requests by (start, arrival, source, order in the source).
    pub requests: Vec<Request>,
    /// The names of requests that come from a trace; empty where there is none.
    pub request_names: Vec<String>,
    /// Rescues, by request.
    pub rescues: Vec<RescueNeed>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Recorded spells by (start, node).
    pub spells: Vec<SpellTape>,
    /// Faults by (at, node).
    pub faults: Vec<Fault>,
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
    match law {
        Law::Fixed(span) => *span,
        _ => law.at(chance(luck, purpose), chance(luck, purpose ^ (1 << 63))),
    }
}

impl Tape {
    /// A digest of the whole tape: it does not depend on the strategy.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::default();
        for r in &self.requests {
            digest.stamp(r.start, r.hold.0, r.luck);
            digest.stamp(
                r.arrival,
                r.planned.0,
                u64::from(r.tenant.0) << 32 | u64::from(r.class.0),
            );
            digest.stamp(
                Time(r.required.0),
                r.forbidden.0,
                u64::from(r.count) << 32 | u64::from(r.min_count) << 16 | r.kind as u64,
            );
        }
        for need in &self.rescues {
            digest.stamp(Time(need.after.0), need.length.0, u64::from(need.request));
        }
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

    /// How many requests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// A request by its place on the tape.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[inline]
    pub fn request(&self, request: u32) -> Request {
        self.requests[request as usize]
    }

    /// A request by its place on the tape, if there is one.
    #[must_use]
    #[inline]
    pub fn find(&self, request: u32) -> Option<Request> {
        self.requests.get(request as usize).copied()
    }

    /// The name of a request: the trace's, or its number on the tape.
    #[must_use]
    pub fn request_name(&self, request: u32) -> String {
        match self.request_names.get(request as usize) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("r{request}"),
        }
    }
}
