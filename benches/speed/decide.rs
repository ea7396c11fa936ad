//! What one decision costs, by the size of the fleet and by what has to be looked at.

use std::path::Path;

use sickbay::fleet::{ClassId, Marks, Model, Names, NodeId, TenantId};
use sickbay::kernel::streams::mix;
use sickbay::scenario::load;
use sickbay::scheduler::nova::filters::find;
use sickbay::scheduler::{Ask, Rules, Spec, choose};
use sickbay::view::{Listing, View};
use sickbay::workload::Extras;

/// What makes a decision dear.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Burden {
    /// All candidates, no weighing.
    Bare,
    /// Nova's defaults: at most 1,000 candidates, failed builds weighed (there are none).
    Cap,
    /// The same, where every tenth node has failed builds.
    FailedBuilds,
    /// The same, and a `query` hint that JsonFilter puts to every candidate.
    JsonFilter,
}

pub const BURDENS: [(&str, Burden); 4] = [
    ("no cap", Burden::Bare),
    ("cap of 1,000 (Nova's default)", Burden::Cap),
    ("cap, failed builds", Burden::FailedBuilds),
    ("cap, JsonFilter", Burden::JsonFilter),
];

/// A scenario that says nothing of the scheduler.
const PLAIN: &str = "[scenario]\nname = \"plain\"\nhorizon = \"1d\"\n[[fleet.group]]\nclass = \"c0\"\nnodes = 1\n";

/// A fleet of free nodes and the rules to decide by.
pub struct Desk {
    view: View,
    rules: Rules,
    ask: Ask,
}

impl Desk {
    pub fn new(nodes: usize, burden: Burden) -> Desk {
        let mut view = View::new(nodes, 1, 1);
        for node in 0..nodes as u32 {
            let failed = burden == Burden::FailedBuilds && node % 10 == 0;
            let listing = Listing {
                listed: true,
                failed_builds: u16::from(failed),
                ..Listing::default()
            };
            view.list(NodeId(node), listing);
        }
        let plain = load(PLAIN, "plain", Path::new(""), &[]);
        let mut policy = plain.unwrap_or_else(|problems| panic!("{}", problems[0])).policy;
        let mut extras = vec![Extras::default()];
        match burden {
            Burden::Bare => {
                policy.cap = None;
                policy.weigh_failed_builds = false;
            }
            Burden::Cap | Burden::FailedBuilds => {}
            Burden::JsonFilter => {
                policy.filters.extend(find("JsonFilter"));
                extras.push(Extras {
                    query: Some("[\">\", \"$hypervisor_hostname\", \"n1\"]".to_owned()),
                    ..Extras::default()
                });
            }
        }
        let mut names = Names::default();
        names.classes.enter("c0");
        names.tenants.enter("t0");
        names.groups.enter("g0");
        names.models.push(Model::default());
        let spec = Spec {
            class: ClassId(0),
            tenant: TenantId(0),
            extras: extras.len() as u16 - 1,
            ..Spec::default()
        };
        let ask = Ask {
            spec,
            count: 1,
            min_count: 1,
            ..Ask::default()
        };
        let rules = Rules::new(&names, &extras, policy, Marks::default(), false);
        Desk { view, rules, ask }
    }

    /// So many decisions, each of which takes its node while the one before gives its own back; how many candidates
    /// were looked at.
    pub fn decide(&mut self, times: u64) -> u64 {
        let name = |node: NodeId| format!("n{}", node.0);
        let (mut held, mut examined) = (None, 0);
        for time in 0..times {
            self.ask.tie = mix(time);
            let chosen = choose(&self.view, &mut self.rules, &self.ask, &name);
            let choice = chosen.unwrap_or_else(|_| panic!("nearly all nodes are free"));
            let node = choice.picks()[0];
            assert!(self.view.free(node), "{node:?} is not free");
            if self.rules.policy().weigh_failed_builds {
                assert_eq!(self.view.listing(node).failed_builds, 0, "{node:?} weighs less");
            }
            examined += u64::from(choice.examined);
            self.view.take(node);
            if let Some(before) = held.replace(node) {
                self.view.release(before);
            }
        }
        held.into_iter().for_each(|node| self.view.release(node));
        examined
    }
}
