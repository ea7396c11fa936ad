//! What has acted in a world, as its facts show it: the rows and columns of the table of pairs.

use std::collections::BTreeSet;

use sickbay::fleet::{ClassId, NodeId};
use sickbay::workload::Patience;
use sickbay::world::{BuildError, Cause, ErrandEnd, Fact, Sight, Standing};

use super::books::Books;
use super::plan::Plan;

/// Everything that can have acted.
pub const DEEDS: &[&str] = &[
    "campaign window",
    "other window",
    "two windows on a node",
    "fault",
    "class change",
    "node joins",
    "node leaves",
    "wait in line",
    "served from the line",
    "gave up waiting",
    "retry",
    "quota refusal",
    "quota and wait",
    "several machines",
    "misplaced claim",
    "stale claim",
    "build fails by chance",
    "build fails on broken hardware",
    "alternate",
    "eviction",
    "interruption",
    "breach",
    "rescue",
    "rescue refused",
    "clean fails",
    "work waits for hands",
    "slip",
    "audit",
    "errand runs",
    "errand refused",
    "errand on a wrong node",
    "errand cut",
    "loop publishes",
    "cap",
    "lease begins",
    "lease heals",
    "lease degrades",
    "lease expires",
    "owned node",
];

#[derive(Clone, Debug, Default)]
pub struct Deeds {
    pub done: BTreeSet<&'static str>,
    classes: std::collections::BTreeMap<NodeId, ClassId>,
}

impl Deeds {
    fn note(&mut self, deed: &'static str, so: bool) {
        if so {
            self.done.insert(deed);
        }
    }

    pub fn told(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>, books: &Books, plan: &Plan) {
        let asked = fact.request().and_then(|request| books.asked.get(&request));
        match *fact {
            Fact::WindowOpened { window, node, .. } => {
                let campaign = books.windows.get(&window).is_some_and(|page| page.campaign.is_some());
                self.note(if campaign { "campaign window" } else { "other window" }, true);
                self.note("two windows on a node", books.windows_on(node) > 1);
            }
            Fact::Broke { .. } => self.note("fault", true),
            Fact::Stood { node, from, to } => self.stood(at, node, from, to, sight),
            Fact::Waits { .. } => {
                let waits = asked.is_some_and(|asked| matches!(asked.patience, Patience::Wait { .. }));
                self.note(if waits { "wait in line" } else { "retry" }, true);
                let bound = asked.is_some_and(|asked| {
                    let (all, of_class) = books.in_use(asked.it.tenant, asked.it.class);
                    let (machines, most) = plan.quotas.of(
                        books.names.tenants.name(asked.it.tenant.0),
                        books.names.classes.name(asked.it.class.0),
                    );
                    machines.is_some_and(|most| all >= most) || most.is_some_and(|most| of_class >= most)
                });
                self.note("quota and wait", waits && bound);
            }
            Fact::Claimed { node, attempt, .. } => {
                self.note("alternate", attempt > 1);
                self.note("owned node", sight.fleet.node(node).owner().is_some());
                let started = asked.map_or(at, |asked| asked.it.start.0);
                self.note(
                    "served from the line",
                    attempt == 1
                        && at > started
                        && asked.is_some_and(|asked| matches!(asked.patience, Patience::Wait { .. })),
                );
                self.note("several machines", asked.is_some_and(|asked| asked.instances.len() > 1));
            }
            Fact::Refused { cause, .. } => {
                self.note("quota refusal", cause == Cause::Quota);
                let late =
                    asked.is_some_and(|asked| matches!(asked.patience, Patience::Wait { .. }) && at > asked.it.start.0);
                self.note("gave up waiting", late);
            }
            Fact::Misplaced { .. } => self.note("misplaced claim", true),
            Fact::Conflict { .. } => self.note("stale claim", true),
            Fact::BuildFailed { error, .. } => {
                self.note("build fails by chance", error == BuildError::Chance);
                self.note("build fails on broken hardware", error == BuildError::Broken);
            }
            Fact::Evicted { .. } => self.note("eviction", true),
            Fact::Interrupted { .. } => self.note("interruption", true),
            Fact::Breach { .. } => self.note("breach", true),
            Fact::RescueBegan { .. } => self.note("rescue", true),
            Fact::RescueRefused { .. } => self.note("rescue refused", true),
            Fact::WorkBegan { waited, .. } => self.note("work waits for hands", waited.0 > 0),
            Fact::Slipped { .. } => self.note("slip", true),
            Fact::Audited { .. } => self.note("audit", true),
            Fact::ErrandRuns { .. } => self.note("errand runs", true),
            Fact::ErrandRefused { .. } => self.note("errand refused", true),
            Fact::Mistargeted { .. } => self.note("errand on a wrong node", true),
            Fact::ErrandEnded { end, .. } => self.note("errand cut", end == ErrandEnd::Cut),
            Fact::Published { .. } => self.note("loop publishes", true),
            Fact::Decided { capped, .. } => self.note("cap", capped),
            Fact::LeaseBegan { .. } => self.note("lease begins", true),
            Fact::LeaseHealed { .. } => self.note("lease heals", true),
            Fact::LeaseDegraded { .. } => self.note("lease degrades", true),
            Fact::LeaseExpired { .. } => self.note("lease expires", true),
            _ => {}
        }
    }

    fn stood(&mut self, at: u64, node: NodeId, from: Standing, to: Standing, sight: &Sight<'_>) {
        self.note("node joins", at > 0 && to.installed() && !from.installed());
        self.note("node leaves", from.installed() && !to.installed());
        self.note("clean fails", to.provision() == sickbay::fleet::Provision::CleanFailed);
        let class = sight.fleet.node(node).class;
        let before = self.classes.insert(node, class);
        self.note("class change", before.is_some_and(|before| before != class));
    }
}
