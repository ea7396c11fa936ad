//! The tape: everything that no policy may influence. All but the requests is drawn before the run.

use super::ids::JobId;
pub use super::luck::{chance, span_by, span_of};
use super::requests::Requests;
use crate::fleet::{Hold, NodeId};
use crate::kernel::{Digest, Span, Time};

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
    pub job: JobId,
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
    pub job: JobId,
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
    pub jobs: Vec<JobId>,
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
                u64::from(spell.job.0),
            );
        }
        for fault in &self.faults {
            digest.stamp(
                fault.at,
                u64::from(fault.kind) << 32 | u64::from(fault.job.0),
                fault.detection.0,
            );
        }
        for campaign in &self.campaigns {
            digest.stamp(campaign.start, u64::from(campaign.plan), campaign.jobs.len() as u64);
            campaign.jobs.iter().for_each(|&job| digest.word(u64::from(job.0)));
        }
        digest
    }
}
