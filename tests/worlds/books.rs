//! The tests' own books of a run, kept from facts alone and by plain means: who asks, who has what, which windows are
//! open. The laws read them.

use std::collections::{BTreeMap, BTreeSet};

use sickbay::fleet::{NodeId, Provision, RequestId, WindowId};
use sickbay::scenario::Scenario;
use sickbay::workload::{Origin, Patience, Request};
use sickbay::world::{Fact, Sight, Standing};

/// An instance on a node.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    pub active: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Open,
    Accepted,
    Refused,
}

/// A request's page.
#[derive(Clone, Debug)]
pub struct Asked {
    pub it: Request,
    /// It runs when the run begins: nobody has decided on it.
    pub seated: bool,
    pub patience: Patience,
    pub fate: Fate,
    /// It waits in its class's line.
    pub in_line: bool,
    /// When it asks again, if it does.
    pub retry_at: Option<u64>,
    pub tries: u32,
    /// When it was decided last, and when all builds of a decision last failed at its very instant.
    pub decided: u64,
    pub failed_at_once: Option<u64>,
    /// How often in a row they did.
    pub times_at_once: u32,
    pub instances: BTreeMap<NodeId, Instance>,
    /// Claims that were lost at once and whose builds are still to fail.
    pub ghosts: u32,
    /// Machines claimed at the last decision.
    pub picks: u32,
    pub ever_active: u32,
}

/// A window's page.
#[derive(Clone, Debug)]
pub struct Window {
    pub node: NodeId,
    pub closed: Option<u64>,
    /// The campaign that it is of, by its place in the scenario.
    pub campaign: Option<usize>,
    /// The class of its node when it opened.
    pub class: sickbay::fleet::ClassId,
    /// A recorded spell without an end opened it.
    pub endless: bool,
    /// The return from the node's last window was not done when it opened.
    pub before_return: bool,
    pub working: Option<u64>,
    pub worked: bool,
    pub in_hand: bool,
}

#[derive(Debug)]
pub struct Books {
    pub names: sickbay::fleet::Names,
    patiences: Vec<Patience>,
    pub asked: BTreeMap<RequestId, Asked>,
    /// Those of them that are not decided, or have machines.
    pub live: BTreeSet<RequestId>,
    pub accepted: u64,
    pub refused: u64,
    pub windows: BTreeMap<WindowId, Window>,
    pub open: BTreeMap<NodeId, BTreeSet<WindowId>>,
    /// Windows whose image runs on their node.
    pub booted: BTreeMap<NodeId, WindowId>,
    pub standing: BTreeMap<NodeId, Standing>,
    /// Nodes whose entry is done.
    pub hidden: BTreeSet<NodeId>,
    /// Nodes that were wanted and whose return is not done; and those of them of which nothing was forgotten in it.
    pub under_way: BTreeSet<NodeId>,
    pub on_the_way: BTreeSet<NodeId>,
    /// Nodes that were away and are not back on offer: one that is cleaned after it is still missing.
    missing: BTreeSet<NodeId>,
}

impl Books {
    pub fn new(scenario: &Scenario) -> Books {
        Books {
            names: scenario.fleet.names.clone(),
            patiences: scenario.demand.sources.iter().map(|source| source.patience).collect(),
            asked: BTreeMap::new(),
            live: BTreeSet::new(),
            accepted: 0,
            refused: 0,
            windows: BTreeMap::new(),
            open: BTreeMap::new(),
            booted: BTreeMap::new(),
            standing: BTreeMap::new(),
            hidden: BTreeSet::new(),
            under_way: BTreeSet::new(),
            on_the_way: BTreeSet::new(),
            missing: BTreeSet::new(),
        }
    }

    /// Machines that a tenant uses: all, and of one class.
    pub fn in_use(&self, tenant: sickbay::fleet::TenantId, class: sickbay::fleet::ClassId) -> (i64, i64) {
        self.held(tenant, class, |_| true)
    }

    /// Of these, those that it had when the run began, whatever its quota.
    pub fn seats(&self, tenant: sickbay::fleet::TenantId, class: sickbay::fleet::ClassId) -> (i64, i64) {
        self.held(tenant, class, |asked| asked.seated)
    }

    fn held(
        &self,
        tenant: sickbay::fleet::TenantId,
        class: sickbay::fleet::ClassId,
        counts: impl Fn(&Asked) -> bool,
    ) -> (i64, i64) {
        let of = |class: Option<sickbay::fleet::ClassId>| -> i64 {
            let mine = self
                .alive()
                .map(|(_, asked)| asked)
                .filter(|asked| asked.it.tenant == tenant && counts(asked));
            let mine = mine.filter(|asked| class.is_none_or(|class| asked.it.class == class));
            mine.map(|asked| asked.instances.len() as i64 + i64::from(asked.ghosts))
                .sum()
        };
        (of(None), of(Some(class)))
    }

    /// The request that is on a node.
    pub fn on(&self, node: NodeId) -> Vec<RequestId> {
        let there = self.alive().filter(|(_, asked)| asked.instances.contains_key(&node));
        there.map(|(request, _)| request).collect()
    }

    /// Requests that are not decided, or have machines.
    pub fn alive(&self) -> impl Iterator<Item = (RequestId, &Asked)> {
        self.live.iter().map(|&request| (request, &self.asked[&request]))
    }

    pub fn windows_on(&self, node: NodeId) -> usize {
        self.open.get(&node).map_or(0, BTreeSet::len)
    }

    /// Enters a fact.
    pub fn enter(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        self.of_requests(at, fact, sight);
        self.of_nodes(at, fact, sight);
    }

    fn of_requests(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        let Some(request) = fact.request() else { return };
        if let Fact::Arrived { .. } = fact {
            let it = sight.request(request);
            let asked = Asked {
                it,
                seated: sight.requests.seat(request).is_some(),
                patience: self.patiences[usize::from(it.source)],
                fate: Fate::Open,
                in_line: false,
                retry_at: None,
                tries: 0,
                decided: at,
                failed_at_once: None,
                times_at_once: 0,
                instances: BTreeMap::new(),
                ghosts: 0,
                picks: 0,
                ever_active: 0,
            };
            self.asked.insert(request, asked);
            self.live.insert(request);
            return;
        }
        let Some(asked) = self.asked.get_mut(&request) else {
            return;
        };
        match *fact {
            Fact::Decided { .. } => (asked.retry_at, asked.picks, asked.decided) = (None, 0, at),
            Fact::Waits { .. } => {
                asked.failed_at_once = (asked.picks > 0 && asked.decided == at).then_some(at);
                asked.times_at_once = asked.failed_at_once.map_or(0, |_| asked.times_at_once + 1);
                asked.ghosts = 0;
                match asked.patience {
                    Patience::Retry { backoff, .. } => {
                        asked.retry_at = Some(at + (backoff.0 << asked.tries.min(32)));
                        asked.tries += 1;
                    }
                    _ => asked.in_line = true,
                }
            }
            Fact::Claimed { node, attempt, .. } => {
                asked.in_line = false;
                asked.picks += u32::from(attempt == 1);
                asked.instances.insert(node, Instance { active: None });
            }
            Fact::Conflict { node, .. } => {
                asked.instances.remove(&node);
                asked.ghosts += 1;
            }
            Fact::BuildFailed { node, error, .. } => {
                if error.loses_claim() {
                    asked.ghosts = asked.ghosts.saturating_sub(1);
                } else {
                    asked.instances.remove(&node);
                }
            }
            Fact::Active { node, .. } => {
                if let Some(instance) = asked.instances.get_mut(&node) {
                    instance.active = Some(at);
                }
                asked.ever_active += 1;
            }
            Fact::Released { node, .. } | Fact::Evicted { node, .. } | Fact::Interrupted { node, .. } => {
                asked.instances.remove(&node);
            }
            Fact::Accepted { .. } => {
                asked.fate = Fate::Accepted;
                self.accepted += 1;
            }
            Fact::Refused { .. } => {
                (asked.fate, asked.in_line, asked.retry_at, asked.ghosts) = (Fate::Refused, false, None, 0);
                self.refused += 1;
            }
            _ => {}
        }
        if asked.fate != Fate::Open && asked.instances.is_empty() && asked.ghosts == 0 {
            self.live.remove(&request);
        } else {
            self.live.insert(request);
        }
    }

    fn of_nodes(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::Stood { node, to, .. } => {
                self.standing.insert(node, to);
                self.look_at(sight, node);
            }
            Fact::WindowOpened { window, node, job } => {
                let origin = sight.tape.jobs.get(job.at()).map(|job| job.origin);
                let page = Window {
                    node,
                    closed: None,
                    campaign: match origin {
                        Some(Origin::Campaign(round)) => Some(usize::from(sight.tape.campaigns[round as usize].plan)),
                        _ => None,
                    },
                    class: sight.fleet.node(node).class,
                    endless: matches!(origin, Some(Origin::Spell(spell)) if sight.tape.spells[spell as usize].end.is_none()),
                    before_return: self.under_way.contains(&node),
                    working: None,
                    worked: false,
                    in_hand: false,
                };
                self.windows.insert(window, page);
                self.open.entry(node).or_default().insert(window);
                self.under_way.insert(node);
                self.on_the_way.insert(node);
            }
            Fact::InHand { window, .. } => self.of_window(window, |page| page.in_hand = true),
            Fact::WorkBegan { window, .. } => self.of_window(window, |page| page.working = Some(at)),
            Fact::WorkDone { window, .. } => self.of_window(window, |page| (page.working, page.worked) = (None, true)),
            Fact::WorkCut { window, .. } => self.of_window(window, |page| page.working = None),
            Fact::WindowClosed { window, node } => {
                self.of_window(window, |page| page.closed = Some(at));
                self.open.entry(node).or_default().remove(&window);
                self.hidden.remove(&node);
            }
            Fact::ErrandRuns { window, node, .. } => _ = self.booted.insert(node, window),
            Fact::ErrandEnded { window, node, .. } if self.booted.get(&node) == Some(&window) => {
                _ = self.booted.remove(&node)
            }
            Fact::Hidden { node } => _ = self.hidden.insert(node),
            Fact::Returned { node } => {
                self.hidden.remove(&node);
                self.under_way.remove(&node);
                self.on_the_way.remove(&node);
            }
            Fact::Slipped { node } => {
                self.hidden.remove(&node);
                self.on_the_way.remove(&node);
            }
            Fact::LeaseExpired { node, .. } => _ = self.hidden.remove(&node),
            _ => {}
        }
    }

    /// Whether a node is away: held, failed, with a mark or flag on it, or cleaned after that.
    pub fn away(&self, sight: &Sight<'_>, node: NodeId) -> bool {
        let cleans = self.missing.contains(&node) && Self::is_cleaned(sight, node);
        held_or_left(sight, node) || (cleans && sight.fleet.node(node).installed())
    }

    /// Whether a node is away but for its holds.
    pub fn left_behind(&self, sight: &Sight<'_>, node: NodeId) -> bool {
        left_on(sight, node) || (self.missing.contains(&node) && Self::is_cleaned(sight, node))
    }

    fn is_cleaned(sight: &Sight<'_>, node: NodeId) -> bool {
        let provision = sight.fleet.node(node).provision;
        matches!(provision, Provision::Cleaning | Provision::Deleting)
    }

    /// After whatever may have changed a node.
    fn look_at(&mut self, sight: &Sight<'_>, node: NodeId) {
        if held_or_left(sight, node) {
            self.missing.insert(node);
        } else if !Self::is_cleaned(sight, node) {
            self.missing.remove(&node);
        }
    }

    /// After an event.
    pub fn rest(&mut self, sight: &Sight<'_>) {
        sight.fleet.ids().for_each(|node| self.look_at(sight, node));
    }

    fn of_window(&mut self, window: WindowId, what: impl FnOnce(&mut Window)) {
        if let Some(page) = self.windows.get_mut(&window) {
            what(page);
        }
    }
}

/// Whether a node is held, failed, or with a mark or flag on it.
fn held_or_left(sight: &Sight<'_>, node: NodeId) -> bool {
    let it = sight.fleet.node(node);
    it.installed() && (it.in_maintenance() || left_on(sight, node))
}

/// Whether a node has failed, or has a mark or flag on it.
fn left_on(sight: &Sight<'_>, node: NodeId) -> bool {
    let it = sight.fleet.node(node);
    let failed = matches!(
        it.provision,
        Provision::CleanFailed | Provision::DeployFailed | Provision::Error
    );
    failed || it.flag() || !it.marks.is_empty()
}
