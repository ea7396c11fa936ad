//! Campaigns: planned maintenance over a selection of nodes, under a disruption budget.

use super::desk::Running;
use super::event::Event;
use super::fact::Observer;
use super::state::World;
use crate::fleet::{Hold, NodeId};
use crate::kernel::Agenda;
use crate::workload::{Budget, Scope};

impl<O: Observer> World<'_, O> {
    /// Puts the beginnings of all campaigns onto the agenda.
    pub fn begin_campaigns(&mut self, agenda: &mut Agenda<Event>) {
        for (place, campaign) in self.inputs.tape.campaigns.iter().enumerate() {
            let budget = self.inputs.maintenance.campaigns[usize::from(campaign.plan)].budget;
            let mut running = Running::default();
            for &job in &campaign.jobs {
                let scope = self.scope_of(budget, self.inputs.tape.jobs[job as usize].node);
                running.lines.entry(scope).or_default().push_back(job);
            }
            for &scope in running.lines.keys() {
                running.budget.insert(scope, self.budget_of(budget, scope));
            }
            self.campaigns.push(running);
            agenda.push(campaign.start, Event::Campaign(place as u16));
        }
    }

    fn scope_of(&self, budget: Budget, node: NodeId) -> u16 {
        match budget.scope {
            Scope::Fleet => 0,
            Scope::Rack => self.sight.fleet.kind(node).rack.0,
            Scope::Class => self.sight.fleet.node(node).class.0,
        }
    }

    /// How many nodes of one place in the scope may be out at once; at least one.
    fn budget_of(&self, budget: Budget, scope: u16) -> u32 {
        if let Some(nodes) = budget.nodes {
            return nodes.max(1);
        }
        let members = self
            .sight
            .fleet
            .ids()
            .filter(|&id| self.scope_of(budget, id) == scope)
            .count();
        ((members as f64 * budget.share.unwrap_or(1.0)) as u32).max(1)
    }

    /// A campaign begins with as many nodes as its budget and its daily window allow.
    pub fn launch(&mut self, place: u16, agenda: &mut Agenda<Event>) {
        let campaign = &self.inputs.tape.campaigns[usize::from(place)];
        let plan = &self.inputs.maintenance.campaigns[usize::from(campaign.plan)];
        if let Some((from, to)) = plan.window
            && !self.within(from, to)
        {
            let next = self.next_time_of_day(from);
            let asleep = next - self.now;
            let running = &mut self.campaigns[usize::from(place)];
            if running.lines.values().any(|line| !line.is_empty()) && running.asleep.is_none() {
                running.asleep = Some(asleep);
                agenda.push(next, Event::Campaign(place));
            }
            return;
        }
        self.campaigns[usize::from(place)].asleep = None;
        let whole_waves = plan.waves;
        let scopes: Vec<u16> = self.campaigns[usize::from(place)].lines.keys().copied().collect();
        for scope in scopes {
            let out = self.campaigns[usize::from(place)].out.get(&scope).copied().unwrap_or(0);
            if whole_waves && out > 0 {
                continue;
            }
            self.launch_scope(place, scope, agenda);
        }
    }

    fn launch_scope(&mut self, place: u16, scope: u16, agenda: &mut Agenda<Event>) {
        let plan = self.inputs.tape.campaigns[usize::from(place)].plan;
        let drain = self.inputs.maintenance.campaigns[usize::from(plan)].drain;
        loop {
            let running = &mut self.campaigns[usize::from(place)];
            let out = running.out.entry(scope).or_insert(0);
            if *out >= running.budget[&scope] {
                return;
            }
            let Some(job) = running
                .lines
                .get_mut(&scope)
                .and_then(std::collections::VecDeque::pop_front)
            else {
                return;
            };
            let node = self.inputs.tape.jobs[job as usize].node;
            if !self.sight.fleet.node(node).installed() {
                continue;
            }
            *out += 1;
            self.open(job, node, Hold::Planned, drain, Some(place), agenda);
        }
    }

    /// A node of a campaign is back: its place in the budget is free.
    pub fn campaign_node_back(&mut self, place: u16, node: NodeId, agenda: &mut Agenda<Event>) {
        let plan = self.inputs.tape.campaigns[usize::from(place)].plan;
        let budget = self.inputs.maintenance.campaigns[usize::from(plan)].budget;
        let scope = self.scope_of(budget, node);
        if let Some(out) = self.campaigns[usize::from(place)].out.get_mut(&scope) {
            *out = out.saturating_sub(1);
        }
        // By the agenda, so that the return of this node is finished first.
        agenda.push(self.now, Event::Campaign(place));
    }
}
