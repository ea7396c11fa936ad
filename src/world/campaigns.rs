//! Campaigns: planned maintenance over a selection of nodes, within hours of the day and under a disruption
//! budget, which all rounds of a campaign share.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;
use super::fact::Observer;
use super::places::Places;
use super::state::World;
use crate::fleet::{Hold, NodeId, Provision, TenantId};
use crate::kernel::{Agenda, Time, part_of};
use crate::workload::{Campaign, Counts, Scope};

/// A round's nodes that are still to be taken, of one place in the budget's scope.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Jobs on nodes that are away already.
    away: BTreeSet<u32>,
    /// Jobs on nodes that are in service.
    fresh: BTreeSet<u32>,
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
    /// Jobs in no line because they cannot be done in these hours any more, and when the next ones come, for which
    /// it is on the agenda.
    later: BTreeSet<u32>,
    again: Option<Time>,
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
    /// Rounds and jobs that wait until such a window is closed.
    held: BTreeMap<NodeId, Vec<(u32, u32)>>,
    ended: CampaignEnd,
}

/// How far a campaign has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignEnd {
    /// Rounds that were due.
    pub rounds: u32,
    /// Nodes that they were to touch, less those that left the fleet first.
    pub nodes: u32,
    /// Windows that opened.
    pub opened: u32,
    /// Windows that closed.
    pub closed: u32,
}

/// All campaigns.
#[derive(Debug, Default)]
pub(super) struct Campaigns {
    rounds: Vec<Round>,
    plans: Vec<Shared>,
    /// Rounds that have nodes left.
    live: BTreeSet<u32>,
    /// Jobs that wait for their turn, by node, with their rounds and the places in the scope where they wait.
    waiting: BTreeMap<NodeId, Vec<(u32, u32, u16)>>,
    pub places: Places,
    /// Work that is announced, by node: from when on, and its job. Kept only where requests are kept clear of it.
    announced: BTreeMap<NodeId, Vec<(Time, u32)>>,
}

impl Campaigns {
    /// From when on announced work is to be done on a node.
    pub fn announced(&self, node: NodeId) -> Option<Time> {
        self.announced.get(&node)?.iter().map(|&(at, _)| at).min()
    }

    /// How far each campaign of the plan has come.
    pub fn ends(&self) -> Vec<CampaignEnd> {
        self.plans.iter().map(|plan| plan.ended).collect()
    }
}

impl<O: Observer> World<'_, O> {
    /// Puts the beginnings of all campaigns onto the agenda.
    pub fn begin_campaigns(&mut self, agenda: &mut Agenda<Event>) {
        let (maintenance, tape) = (self.inputs.maintenance, self.inputs.tape);
        self.campaigns.plans = vec![Shared::default(); maintenance.campaigns.len()];
        self.campaigns.rounds = vec![Round::default(); tape.campaigns.len()];
        if tape.campaigns.is_empty() {
            return;
        }
        let names = &self.sight.fleet.names;
        let (racks, classes) = (names.racks.len().max(1), names.classes.len().max(1));
        self.campaigns.places = Places::new(self.sight.fleet.nodes.len(), racks, classes);
        for node in self.sight.fleet.ids() {
            self.count_place(node, agenda);
        }
        for (place, round) in tape.campaigns.iter().enumerate() {
            let announce = maintenance.campaigns[usize::from(round.plan)].announce;
            let known = Time(round.start.0.saturating_sub(announce.0));
            agenda.push(known, Event::Campaign(place as u32));
        }
    }

    fn plan_of(&self, round: u32) -> (usize, &Campaign) {
        let plan = usize::from(self.inputs.tape.campaigns[round as usize].plan);
        (plan, &self.inputs.maintenance.campaigns[plan])
    }

    fn scope_of(&self, scope: Scope, node: NodeId) -> u16 {
        match scope {
            Scope::Fleet => 0,
            Scope::Rack => self.sight.fleet.kind(node).rack.0,
            Scope::Class => self.sight.fleet.node(node).class.0,
        }
    }

    /// Whether a node is away: in maintenance, failed, or not back on offer from it.
    fn is_away(&self, node: NodeId) -> bool {
        let it = self.sight.fleet.node(node);
        let failed = matches!(
            it.provision,
            Provision::CleanFailed | Provision::DeployFailed | Provision::Error
        );
        let moved = it.owner() == Some(TenantId::OPERATORS)
            && self.inputs.fleet.node(node).owner() != Some(TenantId::OPERATORS);
        let marked = it.flag() || !it.marks.is_empty() || moved;
        it.in_maintenance() || failed || marked || self.desks[node.at()].is_under_way()
    }

    /// After a node has changed: what budgets count of it.
    #[inline]
    pub fn count_place(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if self.campaigns.places.kept() {
            self.count_place_anew(node, agenda);
        }
    }

    #[inline(never)]
    fn count_place_anew(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        let class = it.installed().then_some(it.class);
        let rack = self.sight.fleet.kind(node).rack.0;
        let away = self.is_away(node);
        if self.campaigns.places.count(node, rack, class, away) {
            self.give_places_back(node);
            self.line_up_anew(node);
            self.wake_campaigns(agenda);
        }
    }

    /// A node that is not away takes no campaign's place any more.
    fn give_places_back(&mut self, node: NodeId) {
        if self.campaigns.places.is_away(node) {
            return;
        }
        for plan in &mut self.campaigns.plans {
            if let Some(scope) = plan.out.remove(&node)
                && let Some(taken) = plan.taken.get_mut(&scope)
            {
                *taken = taken.saturating_sub(1);
            }
        }
    }

    /// A waiting node has gone away, come back, changed its class or left: it waits in another line, or in none.
    fn line_up_anew(&mut self, node: NodeId) {
        for (round, job, scope) in self.campaigns.waiting.remove(&node).unwrap_or_default() {
            self.leave_line(round, job, scope);
            self.line_up(round, job);
        }
    }

    /// A job gets into the line of its node; one whose node is leaving the fleet does not.
    fn line_up(&mut self, round: u32, job: u32) {
        let node = self.job(job).node;
        let (plan, of) = self.plan_of(round);
        let scope = self.scope_of(of.budget.scope, node);
        let it = self.sight.fleet.node(node);
        if !it.installed() || self.desks[node.at()].leaving {
            let ended = &mut self.campaigns.plans[plan].ended;
            ended.nodes = ended.nodes.saturating_sub(1);
            return;
        }
        // One that this campaign has out itself is no other's to be taken along: who has waited for longer goes first.
        let own = self.campaigns.plans[plan].out.contains_key(&node);
        let away = self.campaigns.places.is_away(node) && !own;
        let line = self.campaigns.rounds[round as usize].lines.entry(scope).or_default();
        if away {
            line.away.insert(job);
        } else {
            line.fresh.insert(job);
        }
        let waiting = self.campaigns.waiting.entry(node).or_default();
        waiting.push((round, job, scope));
        self.campaigns.live.insert(round);
    }

    /// A job waits in no line any more; whether it did.
    fn step_out_of_line(&mut self, round: u32, job: u32) -> bool {
        let node = self.job(job).node;
        let waiting = self.campaigns.waiting.entry(node).or_default();
        let Some(at) = waiting.iter().position(|&(r, j, _)| (r, j) == (round, job)) else {
            return false;
        };
        let (_, _, scope) = waiting.remove(at);
        self.leave_line(round, job, scope);
        true
    }

    fn leave_line(&mut self, round: u32, job: u32, scope: u16) {
        if let Some(line) = self.campaigns.rounds[round as usize].lines.get_mut(&scope) {
            line.away.remove(&job);
            line.fresh.remove(&job);
        }
    }

    /// Something that campaigns wait for may have come.
    pub fn wake_campaigns(&mut self, agenda: &mut Agenda<Event>) {
        for &round in &self.campaigns.live {
            let it = &mut self.campaigns.rounds[round as usize];
            if !it.woken && it.asleep.is_none() {
                it.woken = true;
                // By the agenda, so that what happens to this node is finished first.
                agenda.push(self.now, Event::Campaign(round));
            }
        }
    }

    /// A round looks for nodes to begin with: at its start, when its hours come, and whenever a place may be free.
    pub fn launch(&mut self, round: u32, agenda: &mut Agenda<Event>) {
        let start = self.inputs.tape.campaigns[round as usize].start;
        let it = &mut self.campaigns.rounds[round as usize];
        it.woken = false;
        if !std::mem::replace(&mut it.fixed, true) {
            self.fix_nodes(round, agenda);
            if start > self.now {
                self.sleep(round, start, agenda);
                return;
            }
        }
        if self.campaigns.rounds[round as usize]
            .asleep
            .is_some_and(|until| until > self.now)
        {
            return;
        }
        self.campaigns.rounds[round as usize].asleep = None;
        self.look_again(round);
        let lines = &mut self.campaigns.rounds[round as usize].lines;
        lines.retain(|_, line| !(line.away.is_empty() && line.fresh.is_empty()));
        if lines.is_empty() {
            self.campaigns.live.remove(&round);
            return;
        }
        let scopes: Vec<u16> = lines.keys().copied().collect();
        if let Some(hours) = self.plan_of(round).1.hours {
            let opens = hours.opens(&self.inputs.settings.clock, self.now);
            if opens > self.now {
                self.sleep(round, opens, agenda);
                return;
            }
        }
        for scope in scopes {
            self.launch_scope(round, scope, agenda);
        }
    }

    fn sleep(&mut self, round: u32, until: Time, agenda: &mut Agenda<Event>) {
        if until < Time::NEVER {
            self.campaigns.rounds[round as usize].asleep = Some(until);
            agenda.push(until, Event::Campaign(round));
        }
    }

    /// Which nodes a round takes: the first in the order of its draw among those that are in the fleet now, and to
    /// stay in it, and of its classes now.
    fn fix_nodes(&mut self, round: u32, agenda: &mut Agenda<Event>) {
        let tape = self.inputs.tape;
        let (plan, campaign) = self.plan_of(round);
        let takes = |node: NodeId| {
            let it = self.sight.fleet.node(node);
            let of_class = campaign.touches(it.class);
            it.installed() && !self.desks[node.at()].leaving && of_class
        };
        let there = self.sight.fleet.ids().filter(|&node| takes(node)).count();
        let wanted = part_of(campaign.share, there as u64) as usize;
        let jobs = tape.campaigns[round as usize].jobs.iter().copied();
        let chosen: Vec<u32> = jobs
            .filter(|&job| takes(tape.jobs[job as usize].node))
            .take(wanted)
            .collect();
        let ended = &mut self.campaigns.plans[plan].ended;
        (ended.rounds, ended.nodes) = (ended.rounds + 1, ended.nodes + chosen.len() as u32);
        chosen.iter().for_each(|&job| self.line_up(round, job));
        if self.rules.policy().keep_clear {
            self.announce(round, &chosen, agenda);
        }
    }

    /// The nodes of a round are known from now on, and that work may begin when its hours come.
    fn announce(&mut self, round: u32, jobs: &[u32], agenda: &mut Agenda<Event>) {
        let start = self.inputs.tape.campaigns[round as usize].start;
        let hours = self.plan_of(round).1.hours;
        let from = hours.map_or(start, |hours| hours.opens(&self.inputs.settings.clock, start));
        for &job in jobs {
            let node = self.job(job).node;
            self.campaigns.announced.entry(node).or_default().push((from, job));
            self.mark_by_api(node);
            self.settle(node, agenda);
        }
    }

    /// Announced work is done, or will not be.
    pub fn work_is_over(&mut self, job: u32, node: NodeId) {
        if let Some(jobs) = self.campaigns.announced.get_mut(&node) {
            jobs.retain(|&(_, other)| other != job);
            if jobs.is_empty() {
                self.campaigns.announced.remove(&node);
            }
            self.mark_by_api(node);
        }
    }

    /// How many nodes of one place in the scope may be away for another one to be taken: at least one.
    fn allowed(&self, plan: usize, scope: u16) -> u32 {
        let budget = self.inputs.maintenance.campaigns[plan].budget;
        let nodes = budget.nodes.unwrap_or_else(|| {
            let members = self.campaigns.places.members(budget.scope, scope);
            part_of(budget.share.unwrap_or(1.0), u64::from(members)) as u32
        });
        nodes.max(1)
    }

    /// How many of them are.
    fn counted(&self, plan: usize, scope: u16) -> u32 {
        let budget = self.inputs.maintenance.campaigns[plan].budget;
        match budget.counts {
            Counts::All => self.campaigns.places.away(budget.scope, scope),
            Counts::Campaign => self.taken(plan, scope),
        }
    }

    fn taken(&self, plan: usize, scope: u16) -> u32 {
        self.campaigns.plans[plan].taken.get(&scope).copied().unwrap_or(0)
    }

    fn launch_scope(&mut self, round: u32, scope: u16, agenda: &mut Agenda<Event>) {
        let (plan, campaign) = self.plan_of(round);
        let (counts, waves) = (campaign.budget.counts, campaign.waves);
        let wave_is_out = waves && self.taken(plan, scope) > 0;
        loop {
            let room = self.counted(plan, scope) < self.allowed(plan, scope);
            let Some(line) = self.campaigns.rounds[round as usize].lines.get(&scope) else {
                break;
            };
            let away = line.away.first().filter(|_| counts == Counts::All || room);
            let fresh = || line.fresh.first().filter(|_| room && !wave_is_out);
            let Some(&job) = away.or_else(fresh) else { break };
            let node = self.job(job).node;
            if self.campaigns.plans[plan].open.contains(&node) {
                self.step_out_of_line(round, job);
                let held = self.campaigns.plans[plan].held.entry(node).or_default();
                held.push((round, job));
            } else if !self.fits_hours(plan, job) {
                self.put_off(round, job, scope, agenda);
            } else if self.desks[node.at()].leaving {
                self.line_up_anew(node);
            } else {
                self.step_out_of_line(round, job);
                self.take_node(round, job, scope, agenda);
            }
        }
    }

    /// What cannot be done in these hours any more keeps nobody up: it waits, in no line, for the next ones.
    fn put_off(&mut self, round: u32, job: u32, scope: u16, agenda: &mut Agenda<Event>) {
        self.leave_line(round, job, scope);
        let Some(hours) = self.plan_of(round).1.hours else {
            return;
        };
        let opens = hours.opens_next(&self.inputs.settings.clock, self.now);
        let it = &mut self.campaigns.rounds[round as usize];
        it.later.insert(job);
        if it.again.is_none() && opens < Time::NEVER {
            it.again = Some(opens);
            agenda.push(opens, Event::Campaign(round));
        }
    }

    /// New hours have come: what did not fit into the last ones gets into its line again.
    fn look_again(&mut self, round: u32) {
        let it = &mut self.campaigns.rounds[round as usize];
        if it.again.is_none_or(|again| again > self.now) {
            return;
        }
        it.again = None;
        for job in std::mem::take(&mut it.later) {
            if self.step_out_of_line(round, job) {
                self.line_up(round, job);
            }
        }
    }

    /// Whether a job's hands-on work may begin now: its campaign's hours are open, and it is done before they end if
    /// it has to be.
    fn fits_hours(&self, plan: usize, job: u32) -> bool {
        let campaign = &self.inputs.maintenance.campaigns[plan];
        let Some(hours) = campaign.hours else { return true };
        let clock = &self.inputs.settings.clock;
        let within = hours.has(clock, self.now);
        within && (!campaign.inside || self.now + self.job(job).work <= hours.closes(clock, self.now))
    }

    fn take_node(&mut self, round: u32, job: u32, scope: u16, agenda: &mut Agenda<Event>) {
        let node = self.job(job).node;
        let (plan, campaign) = self.plan_of(round);
        let drain = campaign.drain;
        let shared = &mut self.campaigns.plans[plan];
        // One that is not back yet from its last window has its place still, be its class another one by now.
        if let Entry::Vacant(place) = shared.out.entry(node) {
            place.insert(scope);
            *shared.taken.entry(scope).or_default() += 1;
        }
        shared.open.insert(node);
        shared.ended.opened += 1;
        self.open(job, node, Hold::Planned, drain, Some(round), agenda);
    }

    /// When a campaign's window may be worked on by hand, if not now.
    pub fn work_waits_until(&self, window: u32) -> Option<Time> {
        let it = &self.windows[window as usize];
        let (plan, campaign) = self.plan_of(it.campaign?);
        if self.fits_hours(plan, it.job) {
            return None;
        }
        let clock = &self.inputs.settings.clock;
        let hours = campaign.hours?;
        Some(hours.opens_next(clock, self.now))
    }

    /// A campaign's window is closed: another round may take the node, and if it is back its place is free.
    pub fn campaign_window_closed(&mut self, round: u32, node: NodeId, agenda: &mut Agenda<Event>) {
        let (plan, _) = self.plan_of(round);
        let shared = &mut self.campaigns.plans[plan];
        shared.open.remove(&node);
        shared.ended.closed += 1;
        for (round, job) in shared.held.remove(&node).unwrap_or_default() {
            self.line_up(round, job);
        }
        self.give_places_back(node);
        self.wake_campaigns(agenda);
    }
}
