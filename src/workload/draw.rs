//! Drawing a tape from the laws, before a run. One stream per (purpose, entity): adding a node,
//! a flavor or a campaign does not shift what another one meets.

use super::laws::{Campaign, Demand, ErrandLaw, FaultLaw, MaintenancePlan, Poisson, Source, SpellUse, Stock};
use super::tape::{CampaignTape, Fault, Job, Origin, Request, RescueNeed, SpellTape, Tape, chance, span_by};
use crate::fleet::{Fleet, NodeId};
use crate::kernel::streams::{Seed, Stream, mix};
use crate::kernel::time::{DAY_MS, HOUR_MS};
use crate::kernel::{Law, Span, Time};

/// What a stream is for.
#[derive(Clone, Copy)]
#[repr(u64)]
enum Purpose {
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
}

/// Draws the tape of one replication.
#[must_use]
pub fn draw(demand: &Demand, plan: &MaintenancePlan, fleet: &Fleet, horizon: Time, seed: Seed) -> Tape {
    let mut tape = Tape {
        luck: seed.stream(Purpose::Rest as u64, 0).word(),
        ..Tape::default()
    };
    draw_requests(&mut tape, demand, horizon, seed);
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

fn draw_requests(tape: &mut Tape, demand: &Demand, horizon: Time, seed: Seed) {
    let mut drawn: Vec<(Request, String)> = Vec::new();
    for (number, source) in demand.sources.iter().enumerate() {
        match &source.stock {
            Stock::Given(requests, names) => draw_given(&mut drawn, source, number, requests, names, seed),
            Stock::Poisson(poisson) => draw_poisson(&mut drawn, source, number, poisson, horizon, seed),
        }
    }
    drawn.retain(|(request, _)| request.start < horizon);
    drawn.sort_by_key(|(request, _)| (request.start, request.arrival, request.source));
    let named = drawn.iter().any(|(_, name)| !name.is_empty());
    for (place, (request, name)) in drawn.into_iter().enumerate() {
        if let Some((share, length)) = &demand.sources[usize::from(request.source)].rescue
            && chance(request.luck, luck::RESCUE) < *share
        {
            let after = Span((chance(request.luck, luck::RESCUE_AT) * request.hold.0 as f64) as u64);
            let length = span_by(length, request.luck, luck::RESCUE_LENGTH);
            tape.rescues.push(RescueNeed {
                request: place as u32,
                after,
                length,
            });
        }
        tape.requests.push(request);
        if named {
            tape.request_names.push(name);
        }
    }
}

fn draw_given(
    drawn: &mut Vec<(Request, String)>,
    source: &Source,
    number: usize,
    requests: &[Request],
    names: &[String],
    seed: Seed,
) {
    let word = seed.stream(Purpose::Given as u64, number as u64).word();
    for (place, request) in requests.iter().enumerate() {
        let luck = mix(word ^ mix(place as u64));
        let whole = source.scale as u64;
        let copies = whole + u64::from(chance(luck, u64::MAX) < source.scale - whole as f64);
        for copy in 0..copies {
            let luck = if copy == 0 { luck } else { mix(luck ^ copy) };
            let name = names.get(place).map_or(String::new(), |name| {
                if copy == 0 {
                    name.clone()
                } else {
                    format!("{name}+{copy}")
                }
            });
            drawn.push((
                Request {
                    luck,
                    source: number as u16,
                    ..*request
                },
                name,
            ));
        }
    }
}

fn draw_poisson(
    drawn: &mut Vec<(Request, String)>,
    source: &Source,
    number: usize,
    poisson: &Poisson,
    horizon: Time,
    seed: Seed,
) {
    let peak = poisson
        .hours_of_week
        .as_ref()
        .map_or(1.0, |hours| hours.iter().copied().fold(0.0, f64::max));
    for (place, flavor) in poisson.flavors.iter().enumerate() {
        let per_day = flavor.per_day * source.scale * peak;
        if per_day <= 0.0 {
            continue;
        }
        let mut stream = seed.stream(Purpose::Demand as u64, (number as u64) << 32 | place as u64);
        let gap = Law::Exponential(Span((DAY_MS as f64 / per_day) as u64));
        let mut at = Time::ZERO;
        loop {
            at += gap.draw(&mut stream);
            if at >= horizon {
                break;
            }
            let (keep, who, size) = (stream.unit(), stream.unit(), stream.unit());
            let (hold, luck) = (flavor.hold.draw(&mut stream), stream.word());
            if let Some(hours) = &poisson.hours_of_week {
                let hour = (at.0 / HOUR_MS + u64::from(poisson.epoch_hour)) % hours.len() as u64;
                if keep * peak >= hours[hour as usize] {
                    continue;
                }
            }
            let count = flavor.sizes.at(size).max(1);
            let request = Request {
                arrival: at,
                start: at,
                hold,
                planned: hold,
                tenant: pick_tenant(poisson, who),
                class: flavor.class,
                required: flavor.required,
                forbidden: flavor.forbidden,
                extras: flavor.extras,
                count,
                min_count: count,
                kind: source.kind,
                source: number as u16,
                luck,
            };
            drawn.push((request, String::new()));
        }
    }
}

fn pick_tenant(poisson: &Poisson, u: f64) -> crate::fleet::TenantId {
    let mut left = u;
    for (tenant, share) in &poisson.tenants {
        left -= share;
        if left < 0.0 {
            return *tenant;
        }
    }
    poisson
        .tenants
        .last()
        .map_or(crate::fleet::TenantId::OPERATORS, |last| last.0)
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
        if !law.classes.is_empty() && !law.classes.contains(&fleet.node(id).spec.class) {
            continue;
        }
        let mut stream = seed.stream(Purpose::Fault as u64, (number as u64) << 32 | u64::from(id.0));
        let mut at = Time::ZERO;
        loop {
            at += law.between.draw(&mut stream);
            if at >= horizon {
                break;
            }
            let mut left = stream.unit();
            let kind = law.kinds.iter().position(|kind| {
                left -= kind.share;
                left < 0.0
            });
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
        .filter(|&id| campaign.classes.is_empty() || campaign.classes.contains(&fleet.node(id).spec.class))
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
