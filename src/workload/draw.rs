//! Drawing a tape from the laws, before a run. One stream per (purpose, entity), and an entity is known by
//! the words of its names (`kernel::streams::word_of`), never by where it stands: adding or moving a node,
//! a law of faults or a campaign does not shift what another one meets. Requests are not drawn here but as
//! they fall due (`requests`), faults in `faults`.

use super::ids::JobId;
use std::collections::BTreeMap;

use super::faults::{draw_faults, joins};
use super::laws::{Campaign, Demand, ErrandLaw, MaintenancePlan, SpellUse};
pub use super::luck;
use super::luck::Purpose;
use super::requests::Requests;
use super::tape::{CampaignTape, Job, Origin, SpellTape, Tape};
use crate::fleet::{Boundary, Change, Fleet, NodeId};
use crate::kernel::streams::{Seed, Stream, word_of_all};
use crate::kernel::{Span, Time, part_of};

/// Draws the tape of one replication.
#[must_use]
pub fn draw(demand: &Demand, plan: &MaintenancePlan, fleet: &Fleet, horizon: Time, seed: Seed) -> Tape {
    let mut tape = Tape {
        requests: Requests::new(demand, horizon, seed),
        luck: seed.stream(Purpose::Rest as u64, 0).word(),
        ..Tape::default()
    };
    draw_spells(&mut tape, plan, fleet, horizon, seed);
    let joins = joins(fleet, plan);
    for (law_number, law) in plan.faults.iter().enumerate() {
        draw_faults(&mut tape, (law, law_number), plan, (fleet, &joins), horizon, seed);
    }
    tape.faults
        .sort_by_key(|fault| (fault.at, tape.jobs[fault.job.at()].node, fault.kind));
    for (place, fault) in tape.faults.iter().enumerate() {
        tape.jobs[fault.job.at()].origin = Origin::Fault(place as u32);
    }
    let dictated = if plan.campaigns.is_empty() {
        BTreeMap::new()
    } else {
        dictated(fleet)
    };
    for (number, campaign) in plan.campaigns.iter().enumerate() {
        draw_campaign(&mut tape, (campaign, number as u16), (fleet, &dictated), horizon, seed);
    }
    tape
}

pub(super) fn draw_errands(law: &ErrandLaw, stream: &mut Stream) -> Vec<Span> {
    let count = law.counts.at(stream.unit());
    (0..count).map(|_| law.duration.draw(stream)).collect()
}

fn draw_spells(tape: &mut Tape, plan: &MaintenancePlan, fleet: &Fleet, horizon: Time, seed: Seed) {
    let mut nth: BTreeMap<u64, u64> = BTreeMap::new();
    for (place, spell) in plan.spells.iter().enumerate() {
        let known = word_of_all(&[fleet.word(spell.node), spell.start.0, spell.hold as u64]);
        let ordinal = nth.entry(known).and_modify(|n| *n += 1).or_insert(0);
        let mut stream = seed.stream(Purpose::Spell as u64, word_of_all(&[known, *ordinal]));
        let luck = stream.word();
        let errands = draw_errands(&plan.spell_errands, &mut stream);
        let work = match plan.spell_use {
            SpellUse::AsRecorded => Span::ZERO,
            SpellUse::AsWork { route } => match spell.end {
                Some(end) => {
                    let length = end - spell.start;
                    errands.iter().fold(length, |left, errand| left.less(*errand + route))
                }
                // One without an end stays open: its work goes on beyond the horizon.
                None => horizon - spell.start + Span(1),
            },
        };
        let job = JobId(tape.jobs.len() as u32);
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

/// Draws a campaign's rounds.
fn draw_campaign(
    tape: &mut Tape,
    (campaign, number): (&Campaign, u16),
    (fleet, dictated): (&Fleet, &BTreeMap<NodeId, Vec<Boundary>>),
    horizon: Time,
    seed: Seed,
) {
    let mut start = campaign.start;
    let mut round = 0;
    while start < horizon {
        let known = Time(start.0.saturating_sub(campaign.announce.0));
        let may = candidates(campaign, fleet, dictated, known);
        let entity = |id: NodeId| word_of_all(&[campaign.word, round, fleet.word(id)]);
        let jobs = campaign_jobs(tape, campaign, may, &entity, seed);
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

/// The dictated changes of each node, in order.
fn dictated(fleet: &Fleet) -> BTreeMap<NodeId, Vec<Boundary>> {
    let mut dictated: BTreeMap<NodeId, Vec<Boundary>> = BTreeMap::new();
    for boundary in &fleet.boundaries {
        dictated.entry(boundary.node).or_default().push(*boundary);
    }
    dictated
}

/// The nodes that a round which is fixed at `at` may touch, each with whether it is certain that the node is in
/// the fleet and of the campaign's classes then: a change of class waits until nobody is on the node.
fn candidates(
    campaign: &Campaign,
    fleet: &Fleet,
    dictated: &BTreeMap<NodeId, Vec<Boundary>>,
    at: Time,
) -> Vec<(NodeId, bool)> {
    let fits = |class| campaign.touches(class);
    let judge = |id: NodeId| {
        let mut may = fits(fleet.node(id).class);
        let mut certain = may;
        for boundary in dictated.get(&id).into_iter().flatten() {
            match boundary.change {
                Change::Joins if boundary.at > at => return None,
                Change::Leaves if boundary.at <= at => return None,
                Change::Class(class) if boundary.at <= at => {
                    certain &= fits(class);
                    may |= fits(class);
                }
                _ => {}
            }
        }
        may.then_some((id, certain))
    };
    fleet.ids().filter_map(judge).collect()
}

fn campaign_jobs(
    tape: &mut Tape,
    campaign: &Campaign,
    may: Vec<(NodeId, bool)>,
    entity: &dyn Fn(NodeId) -> u64,
    seed: Seed,
) -> Vec<JobId> {
    let most = part_of(campaign.share, may.len() as u64);
    let mut chosen: Vec<(u64, NodeId, bool)> = may
        .into_iter()
        .map(|(id, certain)| {
            (
                seed.stream(Purpose::CampaignPick as u64, entity(id)).word(),
                id,
                certain,
            )
        })
        .collect();
    chosen.sort_unstable();
    // Behind as many as the round can take at most, nobody's turn comes.
    let mut before = 0;
    chosen.retain(|&(_, _, certain)| {
        let comes = before < most;
        before += u64::from(certain);
        comes
    });
    let mut by_node: Vec<NodeId> = chosen.iter().map(|&(_, id, _)| id).collect();
    by_node.sort_unstable();
    let first = tape.jobs.len() as u32;
    for &node in &by_node {
        let mut stream = seed.stream(Purpose::CampaignJob as u64, entity(node));
        let (luck, work) = (stream.word(), campaign.work.draw(&mut stream));
        let errands = draw_errands(&campaign.errands, &mut stream);
        let origin = Origin::Campaign(tape.campaigns.len() as u32);
        tape.jobs.push(Job {
            node,
            origin,
            work,
            errands,
            luck,
        });
    }
    let place = |id: NodeId| by_node.binary_search(&id).unwrap_or_default() as u32;
    chosen.iter().map(|&(_, id, _)| JobId(first + place(id))).collect()
}
