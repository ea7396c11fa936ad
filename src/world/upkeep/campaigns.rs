//! Campaigns: planned maintenance over a selection of nodes, within hours of the day and under a disruption
//! budget, which all rounds of a campaign share.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::absences::Absences;
use crate::fleet::{NodeId, Provision, TenantId};
use crate::kernel::{Time, part_of};
use crate::workload::{Campaign, Counts, Drain, Job, JobId, Scope};
use crate::world::plane::Plane;
use crate::world::{Event, Observer};

/// A round's nodes that are still to be taken, of one place in the budget's scope.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Jobs on nodes that are away already.
    away: BTreeSet<JobId>,
    /// Jobs on nodes that are in service.
    fresh: BTreeSet<JobId>,
}

/// A round of a campaign.
#[derive(Clone, Debug, Default)]
struct Round {
    /// Its nodes are known.
    fixed: bool,
    lines: BTreeMap<u16, Line>,
    /// It is on the agenda for now.
    woken: bool,
    /// Until when its hours are shut, if it is on the agenda for then.
    asleep: Option<Time>,
    /// Jobs that cannot be done in these hours any more, and when the next ones come, for which it is on the agenda.
    later: BTreeSet<JobId>,
    again: Option<Time>,
}

/// A round and one of its jobs; earlier rounds come first.
type Turn = (u32, JobId);

/// A campaign's jobs on one node. A node has one window of a campaign at a time, and what may be begun with hangs on
/// the node alone: so one job stands for all of them in the rounds' lines, and rounds that can take nothing are never
/// woken, however many there are.
#[derive(Clone, Debug, Default)]
struct Queue {
    /// The first, in its round's line, and the place in the scope where it is; none while a window is open.
    head: Option<(Turn, u16)>,
    behind: BTreeSet<Turn>,
}

/// What all rounds of a campaign share.
#[derive(Clone, Debug, Default)]
struct Shared {
    /// Nodes that the campaign has taken and that are not back, each with the place in the scope that it takes.
    out: BTreeMap<NodeId, u16>,
    /// How many, by place in the scope.
    taken: BTreeMap<u16, u32>,
    /// Nodes on which a window of the campaign is open.
    open: BTreeSet<NodeId>,
    /// Jobs that wait for their turn, by node.
    queues: BTreeMap<NodeId, Queue>,
    ended: CampaignEnd,
}

/// How far a campaign has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignEnd {
    /// Rounds that were due.
    pub rounds: u32,
    /// Nodes that they were to touch, less those that left the fleet or were retired for good first.
    pub nodes: u32,
    /// Windows that opened.
    pub opened: u32,
    /// Windows that closed.
    pub closed: u32,
}

impl CampaignEnd {
    /// Whether it did not open, or did not finish.
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.opened == 0 || self.closed < self.nodes
    }
}

/// All campaigns.
#[derive(Debug, Default)]
pub struct Campaigns {
    rounds: Vec<Round>,
    plans: Vec<Shared>,
    /// Rounds with a job in a line.
    live: BTreeSet<u32>,
    /// Rounds that are on the agenda, and for when.
    due: BTreeSet<(Time, u32)>,
    absences: Absences,
}

/// A round that looks for nodes in one part of its budget's scope.
pub struct Launch {
    pub round: u32,
    scope: u16,
    /// The last wave's nodes are not all back.
    wave_is_out: bool,
}

/// A job whose node a campaign takes.
pub struct Launched {
    pub job: JobId,
    pub node: NodeId,
    pub drain: Drain,
}

/// A campaign's job: those are all on the tape.
fn job_of<'a, O>(plane: &Plane<'a, O>, job: JobId) -> &'a Job {
    &plane.inputs.tape.jobs[job.at()]
}

/// Whether a node is in the fleet and is to stay in use: one that is retired for good is to campaigns as one that has
/// left.
fn is_kept_up<O: Observer>(plane: &Plane<'_, O>, node: NodeId) -> bool {
    let it = plane.node(node);
    let retired = it.retired && it.provision == Provision::Manageable && it.is_empty();
    it.installed() && !retired
}

impl Campaigns {
    /// How far each campaign of the plan has come.
    pub fn ends(&self) -> Vec<CampaignEnd> {
        self.plans.iter().map(|plan| plan.ended).collect()
    }
}

impl Campaigns {
    /// Puts the beginnings of all campaigns onto the agenda.
    pub fn begin<O: Observer>(&mut self, plane: &mut Plane<'_, O>) {
        let (maintenance, tape) = (plane.inputs.maintenance, plane.inputs.tape);
        self.plans = vec![Shared::default(); maintenance.campaigns.len()];
        self.rounds = vec![Round::default(); tape.campaigns.len()];
        if tape.campaigns.is_empty() {
            return;
        }
        let names = &plane.truth.fleet.names;
        let (racks, classes) = (names.racks.len().max(1), names.classes.len().max(1));
        self.absences = Absences::new(plane.truth.fleet.nodes.len(), racks, classes);
        for node in plane.truth.fleet.ids() {
            self.recount(plane, node, false);
        }
        for (index, round) in tape.campaigns.iter().enumerate() {
            let announce = maintenance.campaigns[usize::from(round.plan)].announce;
            let known = Time(round.start.0.saturating_sub(announce.0));
            self.comes(plane, known, index as u32);
        }
    }

    fn plan_of<'a, O: Observer>(&self, plane: &Plane<'a, O>, round: u32) -> (usize, &'a Campaign) {
        let plan = usize::from(plane.inputs.tape.campaigns[round as usize].plan);
        (plan, &plane.inputs.maintenance.campaigns[plan])
    }

    fn scope_of<O: Observer>(&self, plane: &Plane<'_, O>, scope: Scope, node: NodeId) -> u16 {
        match scope {
            Scope::Fleet => 0,
            Scope::Rack => plane.kind(node).rack.0,
            Scope::Class => plane.node(node).class.0,
        }
    }

    /// Whether a node is away: in maintenance, failed, or not back on offer from it.
    fn is_away<O: Observer>(&self, plane: &Plane<'_, O>, node: NodeId, under_way: bool) -> bool {
        let it = plane.node(node);
        let failed = matches!(
            it.provision,
            Provision::CleanFailed | Provision::DeployFailed | Provision::Error
        );
        let moved = it.owner() == Some(TenantId::OPERATORS)
            && plane.inputs.fleet.node(node).owner() != Some(TenantId::OPERATORS);
        let marked = it.flag() || !it.marks.is_empty() || moved;
        // One that has been away is not back on offer before it is clean; a tenant's clean by itself is no absence.
        let cleans = matches!(it.provision, Provision::Cleaning | Provision::Deleting);
        let still_cleans = cleans && self.absences.is_away(node);
        it.in_maintenance() || failed || marked || still_cleans || under_way
    }

    /// Whether budgets count anything.
    #[inline(always)]
    pub fn count(&self) -> bool {
        self.absences.kept()
    }

    /// After a node has changed: what budgets count of it. Whether it is on its way out of service or back is the desk's.
    #[inline(never)]
    pub fn recount<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId, under_way: bool) {
        let it = plane.node(node);
        let class = is_kept_up(plane, node).then_some(it.class);
        let rack = plane.kind(node).rack.0;
        let away = self.is_away(plane, node, under_way);
        if self.absences.count(node, rack, class, away) {
            self.give_places_back(node);
            self.line_up_anew(plane, node);
            self.wake_all(plane);
        }
    }

    /// A node that is not away takes no campaign's place any more.
    fn give_places_back(&mut self, node: NodeId) {
        if self.absences.is_away(node) {
            return;
        }
        for plan in &mut self.plans {
            if let Some(scope) = plan.out.remove(&node)
                && let Some(taken) = plan.taken.get_mut(&scope)
            {
                *taken = taken.saturating_sub(1);
            }
        }
    }

    /// A node has gone away, come back, changed its class or left: its jobs wait in other lines, or in none.
    fn line_up_anew<O: Observer>(&mut self, plane: &Plane<'_, O>, node: NodeId) {
        for plan in 0..self.plans.len() {
            self.line_up(plane, plan, node);
        }
    }

    /// A job of a round queues for its node.
    fn join<O: Observer>(&mut self, plane: &Plane<'_, O>, round: u32, job: JobId) {
        let (node, plan) = (job_of(plane, job).node, self.plan_of(plane, round).0);
        let queue = self.plans[plan].queues.entry(node).or_default();
        queue.behind.insert((round, job));
        self.line_up(plane, plan, node);
    }

    /// The first of a campaign's jobs on a node gets into the line where the node is; on one that is leaving the fleet, or
    /// is retired for good, nothing is left to do. Whose job it is.
    fn line_up<O: Observer>(&mut self, plane: &Plane<'_, O>, plan: usize, node: NodeId) -> Option<u32> {
        self.leave_line(plan, node);
        let goes = !is_kept_up(plane, node) || plane.dictated(node).leaving;
        let scope = self.scope_of(plane, plane.inputs.maintenance.campaigns[plan].budget.scope, node);
        if goes {
            let dropped = self.plans[plan].queues.remove(&node).unwrap_or_default();
            let number = dropped.behind.len() as u32 + self.drop_put_off(plane, plan, node);
            let ended = &mut self.plans[plan].ended;
            ended.nodes = ended.nodes.saturating_sub(number);
            return None;
        }
        let shared = &mut self.plans[plan];
        if shared.open.contains(&node) {
            return None;
        }
        // One that this campaign has out itself is no other's to be taken along: who has waited for longer goes first.
        let own = shared.out.contains_key(&node);
        let queue = shared.queues.get_mut(&node)?;
        let (round, job) = queue.behind.pop_first()?;
        queue.head = Some(((round, job), scope));
        let line = self.rounds[round as usize].lines.entry(scope).or_default();
        if self.absences.is_away(node) && !own {
            line.away.insert(job);
        } else {
            line.fresh.insert(job);
        }
        self.live.insert(round);
        Some(round)
    }

    /// The jobs of a campaign on a node that wait for new hours wait no more; how many there were.
    fn drop_put_off<O: Observer>(&mut self, plane: &Plane<'_, O>, plan: usize, node: NodeId) -> u32 {
        let mut dropped = 0;
        for (round, due) in self.rounds.iter_mut().zip(&plane.inputs.tape.campaigns) {
            if usize::from(due.plan) == plan && !round.later.is_empty() {
                let before = round.later.len();
                round.later.retain(|&job| job_of(plane, job).node != node);
                dropped += (before - round.later.len()) as u32;
            }
        }
        dropped
    }

    /// The job in a line is one of those behind again.
    fn leave_line(&mut self, plan: usize, node: NodeId) {
        let Some(queue) = self.plans[plan].queues.get_mut(&node) else {
            return;
        };
        let Some(((round, job), scope)) = queue.head.take() else {
            return;
        };
        queue.behind.insert((round, job));
        if let Some(line) = self.rounds[round as usize].lines.get_mut(&scope) {
            line.away.remove(&job);
            line.fresh.remove(&job);
        }
    }

    /// A job that was in a line is in its queue no more.
    fn step_out(&mut self, plan: usize, node: NodeId, turn: Turn) {
        self.leave_line(plan, node);
        self.plans[plan].queues.entry(node).or_default().behind.remove(&turn);
    }

    /// Something that campaigns wait for may have come.
    pub fn wake_all<O: Observer>(&mut self, plane: &mut Plane<'_, O>) {
        let live = std::mem::take(&mut self.live);
        live.iter().for_each(|&round| self.wake(plane, round));
        self.live = live;
    }

    /// A round is to be looked at, by the agenda, so that what happens to a node is finished first.
    fn wake<O: Observer>(&mut self, plane: &mut Plane<'_, O>, round: u32) {
        let it = &mut self.rounds[round as usize];
        if !it.woken && it.asleep.is_none() {
            it.woken = true;
            self.comes(plane, plane.now, round);
        }
    }

    /// A round goes onto the agenda.
    fn comes<O: Observer>(&mut self, plane: &mut Plane<'_, O>, at: Time, round: u32) {
        self.due.insert((at, round));
        plane.at(at, Event::Campaign(round));
    }

    /// A round looks for nodes to begin with: at its start, when its hours come, and whenever a place may be free.
    /// Where it looks: the parts of its scope in which jobs wait.
    pub fn launch<O: Observer>(&mut self, plane: &mut Plane<'_, O>, round: u32) -> Vec<u16> {
        let start = plane.inputs.tape.campaigns[round as usize].start;
        let it = &mut self.rounds[round as usize];
        it.woken = false;
        if !std::mem::replace(&mut it.fixed, true) {
            self.fix_nodes(plane, round);
            if start > plane.now {
                self.sleep(plane, round, start);
                return Vec::new();
            }
        }
        if self.rounds[round as usize]
            .asleep
            .is_some_and(|until| until > plane.now)
        {
            return Vec::new();
        }
        self.rounds[round as usize].asleep = None;
        self.look_again(plane, round);
        let lines = &mut self.rounds[round as usize].lines;
        lines.retain(|_, line| !(line.away.is_empty() && line.fresh.is_empty()));
        if lines.is_empty() {
            self.live.remove(&round);
            return Vec::new();
        }
        let scopes: Vec<u16> = lines.keys().copied().collect();
        if let Some(hours) = self.plan_of(plane, round).1.hours {
            let opens = hours.opens(&plane.inputs.settings.clock, plane.now);
            if opens > plane.now {
                self.sleep(plane, round, opens);
                return Vec::new();
            }
        }
        scopes
    }

    /// The rounds that look when a round is to: older ones of its campaign that are to look at the same instant come before
    /// it, in their order, though their events may come behind.
    pub fn in_turn<O: Observer>(&mut self, plane: &Plane<'_, O>, round: u32) -> Vec<u32> {
        let plan = |round: u32| plane.inputs.tape.campaigns[round as usize].plan;
        let due = self.due.range(..=(plane.now, u32::MAX)).copied();
        let mine: Vec<(Time, u32)> = due
            .filter(|&(_, other)| other <= round && plan(other) == plan(round))
            .collect();
        let mut turns: BTreeSet<u32> = BTreeSet::from([round]);
        for one in mine {
            self.due.remove(&one);
            turns.insert(one.1);
        }
        turns.into_iter().collect()
    }

    /// A round begins to look in one part of its scope.
    pub fn look<O: Observer>(&self, plane: &Plane<'_, O>, round: u32, scope: u16) -> Launch {
        let (plan, campaign) = self.plan_of(plane, round);
        Launch {
            round,
            scope,
            wave_is_out: campaign.waves && self.taken(plan, scope) > 0,
        }
    }

    fn sleep<O: Observer>(&mut self, plane: &mut Plane<'_, O>, round: u32, until: Time) {
        if until < Time::NEVER {
            self.rounds[round as usize].asleep = Some(until);
            self.comes(plane, until, round);
        }
    }

    /// Which nodes a round takes: the first in the order of its draw among those that are in the fleet now, and to
    /// stay in it, and of its classes now.
    fn fix_nodes<O: Observer>(&mut self, plane: &mut Plane<'_, O>, round: u32) {
        let tape = plane.inputs.tape;
        let (plan, campaign) = self.plan_of(plane, round);
        let takes = |node: NodeId| {
            let of_class = campaign.touches(plane.node(node).class);
            is_kept_up(plane, node) && !plane.dictated(node).leaving && of_class
        };
        let there = plane.truth.fleet.ids().filter(|&node| takes(node)).count();
        let wanted = part_of(campaign.share, there as u64) as usize;
        let jobs = tape.campaigns[round as usize].jobs.iter().copied();
        let chosen: Vec<JobId> = jobs
            .filter(|&job| takes(tape.jobs[job.at()].node))
            .take(wanted)
            .collect();
        let ended = &mut self.plans[plan].ended;
        (ended.rounds, ended.nodes) = (ended.rounds + 1, ended.nodes + chosen.len() as u32);
        chosen.iter().for_each(|&job| self.join(plane, round, job));
        if plane.rules.policy().keep_clear {
            self.announce(plane, round, &chosen);
        }
    }

    /// The nodes of a round are known from now on, and that work may begin when its hours come.
    fn announce<O: Observer>(&mut self, plane: &mut Plane<'_, O>, round: u32, jobs: &[JobId]) {
        let start = plane.inputs.tape.campaigns[round as usize].start;
        let hours = self.plan_of(plane, round).1.hours;
        let from = hours.map_or(start, |hours| hours.opens(&plane.inputs.settings.clock, start));
        for &job in jobs {
            let node = job_of(plane, job).node;
            plane.announce(node, from, job);
            plane.settle(node);
        }
    }

    /// How many nodes of one place in the scope may be away for another one to be taken: at least one.
    fn allowed<O: Observer>(&self, plane: &Plane<'_, O>, plan: usize, scope: u16) -> u32 {
        let budget = plane.inputs.maintenance.campaigns[plan].budget;
        let nodes = budget.nodes.unwrap_or_else(|| {
            let members = self.absences.members(budget.scope, scope);
            part_of(budget.share.unwrap_or(1.0), u64::from(members)) as u32
        });
        nodes.max(1)
    }

    /// How many of them are.
    fn counted<O: Observer>(&self, plane: &Plane<'_, O>, plan: usize, scope: u16) -> u32 {
        let budget = plane.inputs.maintenance.campaigns[plan].budget;
        match budget.counts {
            Counts::All => self.absences.away(budget.scope, scope),
            Counts::Campaign => self.taken(plan, scope),
        }
    }

    fn taken(&self, plan: usize, scope: u16) -> u32 {
        self.plans[plan].taken.get(&scope).copied().unwrap_or(0)
    }

    /// The next job that may be begun with, whose node is taken: its window is to be opened.
    pub fn take_next<O: Observer>(&mut self, plane: &mut Plane<'_, O>, launch: &Launch) -> Option<Launched> {
        let &Launch {
            round,
            scope,
            wave_is_out,
        } = launch;
        let (plan, campaign) = self.plan_of(plane, round);
        loop {
            let room = self.counted(plane, plan, scope) < self.allowed(plane, plan, scope);
            let line = self.rounds[round as usize].lines.get(&scope)?;
            let along = campaign.budget.counts == Counts::All || room;
            let away = line.away.first().filter(|_| along);
            let fresh = || line.fresh.first().filter(|_| room && !wave_is_out);
            let &job = away.or_else(fresh)?;
            let node = job_of(plane, job).node;
            if !self.fits_hours(plane, plan, job) {
                self.put_off(plane, round, job);
            } else if plane.dictated(node).leaving {
                self.line_up_anew(plane, node);
            } else {
                self.step_out(plan, node, (round, job));
                self.take_node(plan, node, scope);
                let drain = campaign.drain;
                return Some(Launched { job, node, drain });
            }
        }
    }

    /// What cannot be done in these hours any more keeps nobody up, neither another node nor another round: it waits, in
    /// no line, for the next ones.
    fn put_off<O: Observer>(&mut self, plane: &mut Plane<'_, O>, round: u32, job: JobId) {
        let (plan, campaign) = self.plan_of(plane, round);
        let opens = campaign.hours.map_or(Time::NEVER, |hours| {
            hours.opens_next(&plane.inputs.settings.clock, plane.now)
        });
        let node = job_of(plane, job).node;
        self.step_out(plan, node, (round, job));
        let it = &mut self.rounds[round as usize];
        it.later.insert(job);
        if it.again.is_none() && opens < Time::NEVER {
            it.again = Some(opens);
            self.comes(plane, opens, round);
        }
        if let Some(next) = self.line_up(plane, plan, node) {
            self.wake(plane, next);
        }
    }

    /// New hours have come: what did not fit into the last ones queues again.
    fn look_again<O: Observer>(&mut self, plane: &Plane<'_, O>, round: u32) {
        let it = &mut self.rounds[round as usize];
        if it.again.is_none_or(|again| again > plane.now) {
            return;
        }
        it.again = None;
        for job in std::mem::take(&mut it.later) {
            self.join(plane, round, job);
        }
    }

    /// Whether a job's hands-on work may begin now: its campaign's hours are open, and it is done before they end if
    /// it has to be.
    fn fits_hours<O: Observer>(&self, plane: &Plane<'_, O>, plan: usize, job: JobId) -> bool {
        let campaign = &plane.inputs.maintenance.campaigns[plan];
        let Some(hours) = campaign.hours else { return true };
        let clock = &plane.inputs.settings.clock;
        let within = hours.has(clock, plane.now);
        within && (!campaign.inside || plane.now + job_of(plane, job).work <= hours.closes(clock, plane.now))
    }

    fn take_node(&mut self, plan: usize, node: NodeId, scope: u16) {
        let shared = &mut self.plans[plan];
        // One that is not back yet from its last window has its place still, be its class another one by now.
        if let Entry::Vacant(index) = shared.out.entry(node) {
            index.insert(scope);
            *shared.taken.entry(scope).or_default() += 1;
        }
        shared.open.insert(node);
        shared.ended.opened += 1;
    }

    /// When a campaign's window may be worked on by hand, if not now.
    pub fn work_waits_until<O: Observer>(&self, plane: &Plane<'_, O>, round: u32, job: JobId) -> Option<Time> {
        let (plan, campaign) = self.plan_of(plane, round);
        if self.fits_hours(plane, plan, job) {
            return None;
        }
        let clock = &plane.inputs.settings.clock;
        let hours = campaign.hours?;
        Some(hours.opens_next(clock, plane.now))
    }

    /// A campaign's window is closed: another round may take the node, and if it is back its place is free. A node whose
    /// work was not done, because it leaves or is retired, is none of the campaign's any more.
    pub fn window_closed<O: Observer>(&mut self, plane: &mut Plane<'_, O>, round: u32, (node, done): (NodeId, bool)) {
        let (plan, _) = self.plan_of(plane, round);
        let shared = &mut self.plans[plan];
        shared.open.remove(&node);
        if done {
            shared.ended.closed += 1;
        } else {
            shared.ended.nodes = shared.ended.nodes.saturating_sub(1);
        }
        self.line_up(plane, plan, node);
        self.give_places_back(node);
        self.wake_all(plane);
    }
}
