//! Drawing a tape from the laws, before a run. One stream per (purpose, entity): adding a node,
//! a flavor or a campaign does not shift what another one meets. Requests are not drawn here but
//! as they fall due (`requests`).

use super::laws::{Campaign, Demand, ErrandLaw, FaultLaw, MaintenancePlan, SpellUse};
use super::requests::Requests;
use super::shares::walk;
use super::tape::{CampaignTape, Fault, Job, Origin, SpellTape, Tape};
use crate::fleet::{Fleet, NodeId};
use crate::kernel::streams::{Seed, Stream};
use crate::kernel::{Span, Time};

/// What a stream is for.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum Purpose {
    Demand = 1,
    Given = 2,
    Spell = 3,
    Fault = 4,
    CampaignPick = 5,
    CampaignJob = 6,
    Rest = 7,
}

/// Uses of a request's luck, apart from each other. See `tape::chance`.
pub mod luck {
    /// Whether the instance needs a rescue.
    pub const RESCUE: u64 = 1;
    /// When in its life.
    pub const RESCUE_AT: u64 = 2;
    /// How long.
    pub const RESCUE_LENGTH: u64 = 3;
    /// Whether the request names an owner.
    pub const OWNER: u64 = 4;
    /// Ties among equally weighed candidates.
    pub const TIE: u64 = 5;
    /// Deploy time, by attempt and member.
    pub const DEPLOY: u64 = 1 << 16;
    /// Failure of a build, by attempt and member.
    pub const BUILD: u64 = 2 << 16;
    /// Cleaning time.
    pub const CLEAN: u64 = 3 << 16;
    /// Failure of a clean.
    pub const CLEAN_FAILS: u64 = 4 << 16;
    /// Latency of an operators' step, by step.
    pub const STEP: u64 = 5 << 16;
    /// Slip of an operators' step, by step.
    pub const SLIP: u64 = 6 << 16;
    /// Time of a deploy by hand, by errand.
    pub const BY_HAND: u64 = 7 << 16;
    /// Whether a forgotten return goes to a wrong pool.
    pub const WRONG_POOL: u64 = 8 << 16;
    /// Whether a human takes the flag off under others.
    pub const SLIP_FLAG: u64 = 9 << 16;
}

/// Draws the tape of one replication.
#[must_use]
pub fn draw(demand: &Demand, plan: &MaintenancePlan, fleet: &Fleet, horizon: Time, seed: Seed) -> Tape {
    let mut tape = Tape {
        requests: Requests::new(demand, horizon, seed),
        luck: seed.stream(Purpose::Rest as u64, 0).word(),
        ..Tape::default()
    };
    draw_spells(&mut tape, plan, horizon, seed);
    for (law_number, law) in plan.faults.iter().enumerate() {
        draw_faults(&mut tape, law, law_number, plan, fleet, horizon, seed);
    }
    tape.faults
        .sort_by_key(|fault| (fault.at, tape.jobs[fault.job as usize].node, fault.kind));
    for (number, campaign) in plan.campaigns.iter().enumerate() {
        draw_campaign(&mut tape, campaign, number as u16, fleet, horizon, seed);
    }
    tape
}

fn draw_errands(law: &ErrandLaw, stream: &mut Stream) -> Vec<Span> {
    let count = law.counts.at(stream.unit());
    (0..count).map(|_| law.duration.draw(stream)).collect()
}

fn draw_spells(tape: &mut Tape, plan: &MaintenancePlan, horizon: Time, seed: Seed) {
    let mut nth: std::collections::BTreeMap<NodeId, u64> = std::collections::BTreeMap::new();
    for (place, spell) in plan.spells.iter().enumerate() {
        let ordinal = nth.entry(spell.node).and_modify(|n| *n += 1).or_insert(0);
        let mut stream = seed.stream(Purpose::Spell as u64, u64::from(spell.node.0) << 32 | *ordinal);
        let luck = stream.word();
        let errands = draw_errands(&plan.spell_errands, &mut stream);
        let work = match plan.spell_use {
            SpellUse::AsRecorded => Span::ZERO,
            SpellUse::AsWork { route } => {
                let length = spell.end.unwrap_or(horizon) - spell.start;
                errands.iter().fold(length, |left, errand| left.less(*errand + route))
            }
        };
        let job = tape.jobs.len() as u32;
        tape.jobs.push(Job {
            node: spell.node,
            origin: Origin::Spell(place as u32),
            work,
            errands,
            luck,
        });
        tape.spells.push(SpellTape {
            job,
            start: spell.start,
            end: spell.end,
            hold: spell.hold,
        });
    }
}

fn draw_faults(
    tape: &mut Tape,
    law: &FaultLaw,
    number: usize,
    plan: &MaintenancePlan,
    fleet: &Fleet,
    horizon: Time,
    seed: Seed,
) {
    let first_kind: usize = plan.faults[..number].iter().map(|earlier| earlier.kinds.len()).sum();
    for id in fleet.ids() {
        if !law.classes.is_empty() && !law.classes.contains(&fleet.node(id).class) {
            continue;
        }
        let mut stream = seed.stream(Purpose::Fault as u64, (number as u64) << 32 | u64::from(id.0));
        let mut at = Time::ZERO;
        loop {
            at += law.between.draw(&mut stream);
            if at >= horizon {
                break;
            }
            let kind = walk(law.kinds.iter().map(|kind| kind.share), stream.unit());
            let kind = kind.unwrap_or(law.kinds.len() - 1);
            let (detection, work) = (
                law.kinds[kind].detection.draw(&mut stream),
                law.kinds[kind].work.draw(&mut stream),
            );
            let luck = stream.word();
            let errands = draw_errands(&law.errands, &mut stream);
            let (job, fault) = (tape.jobs.len() as u32, tape.faults.len() as u32);
            tape.jobs.push(Job {
                node: id,
                origin: Origin::Fault(fault),
                work,
                errands,
                luck,
            });
            tape.faults.push(Fault {
                job,
                at,
                kind: (first_kind + kind) as u16,
                law: number as u16,
                detection,
            });
        }
    }
}

fn draw_campaign(tape: &mut Tape, campaign: &Campaign, number: u16, fleet: &Fleet, horizon: Time, seed: Seed) {
    let mut start = campaign.start;
    let mut round = 0;
    while start < horizon {
        let jobs = campaign_jobs(tape, campaign, u64::from(number) << 16 | round, fleet, seed);
        tape.campaigns.push(CampaignTape {
            plan: number,
            start,
            jobs,
        });
        let Some(every) = campaign.every else { break };
        start += every;
        round += 1;
    }
}

fn campaign_jobs(tape: &mut Tape, campaign: &Campaign, round: u64, fleet: &Fleet, seed: Seed) -> Vec<u32> {
    let entity = |id: NodeId| round << 32 | u64::from(id.0);
    let mut chosen: Vec<(u64, NodeId)> = fleet
        .ids()
        .filter(|&id| campaign.classes.is_empty() || campaign.classes.contains(&fleet.node(id).class))
        .map(|id| (seed.stream(Purpose::CampaignPick as u64, entity(id)).word(), id))
        .collect();
    chosen.sort_unstable();
    let wanted = (chosen.len() as f64 * campaign.share + 0.5) as usize;
    chosen.truncate(wanted);
    chosen.sort_unstable_by_key(|&(_, id)| id);
    let first = tape.jobs.len() as u32;
    for (_, id) in &chosen {
        let mut stream = seed.stream(Purpose::CampaignJob as u64, entity(*id));
        let (luck, work) = (stream.word(), campaign.work.draw(&mut stream));
        let errands = draw_errands(&campaign.errands, &mut stream);
        let origin = Origin::Campaign(tape.campaigns.len() as u16);
        tape.jobs.push(Job {
            node: *id,
            origin,
            work,
            errands,
            luck,
        });
    }
    (first..tape.jobs.len() as u32).collect()
}
