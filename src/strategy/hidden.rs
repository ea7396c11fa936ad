//! `hidden-via-extra-spec`: Robert Collins' idea of 2014. The node stays published, with a spec
//! that no request matches by itself; a boot with an operator flavor and the node's name reaches
//! it through the regular machinery. Ironic's flag is not set, because deploy would be refused
//! under it.
//!
//! `flag = true` sets it nevertheless. Under the patched Ironic (`ironic.deploy_in_maintenance`)
//! the node is reached as without it; under Ironic as it is, every errand is refused, the operator
//! gives it up at the first refusal (it counts as failed), and the work goes on without it.
//!
//! `mechanism` says what the mark is:
//! - `isolated-aggregate` (the modern form): aggregate metadata `trait:CUSTOM_MAINTENANCE=required`
//!   plus the trait on the node. The aggregate hides at once from every flavor that does not ask,
//!   forced boots included; the node is reachable once the trait has travelled by the loop.
//! - `resource-class`: the node's class is changed, only while it is free; travels by the loop.
//! - `flavor-spec`: an inverse requirement in the ordinary flavors. `coverage` is the share of
//!   flavors that carry it; each forgotten flavor leaks. `form` says which: an unscoped extra spec
//!   `maintenance=false` against the node's capability `maintenance=true`, looked at by a filter
//!   after the candidate cap and skipped by forced boots; or the trait CUSTOM_MAINTENANCE, which
//!   the flavors forbid and Placement knows.
//! - `post-filter`: a filter after the candidate cap; hidden nodes eat the cap.
//! - `spec-only`: the spec on the node and nothing else. It hides from nobody: the wording of the
//!   thread taken literally (nova 34.0 compute_capabilities_filter.py:68-114).
//!
//! `naming` says how a boot names the node. A `hint` needs JsonFilter among the scenario's filters:
//! Nova has it off by default, the hint is then silently ignored, and the boot lands on any node
//! that its flavor lets it have.

use std::sync::Arc;

use super::naive::{TAKEN, taken};
use super::{Act, Entry, Naming, Param, ParamKind, Route, Step, Strategy, Taken, Terms, Value};
use crate::fleet::{Mark, Marks, Node};

/// The roster's line.
pub const ENTRY: Entry = Entry {
    name: "hidden-via-extra-spec",
    summary: "the node stays published with a spec that no request matches by itself; operators reach it by name",
    params: &[
        Param {
            name: "mechanism",
            kind: ParamKind::Choice(&[
                "isolated-aggregate",
                "resource-class",
                "flavor-spec",
                "post-filter",
                "spec-only",
            ]),
            default: Value::Word("isolated-aggregate"),
            doc: "what the mark is, and so whom it keeps off and how fast it is seen",
        },
        Param {
            name: "coverage",
            kind: ParamKind::Share,
            default: Value::Share(1.0),
            doc: "flavor-spec: the share of ordinary flavors that carry the inverse requirement",
        },
        Param {
            name: "form",
            kind: ParamKind::Choice(&["capability", "trait"]),
            default: Value::Word("capability"),
            doc: "flavor-spec: the inverse requirement, on a capability (a filter) or on a trait (Placement)",
        },
        Param {
            name: "naming",
            kind: ParamKind::Choice(&["destination", "hint", "forced"]),
            default: Value::Word("destination"),
            doc: "how the errand's boot names the node: --hypervisor-hostname (filters run), JsonFilter's hint \
                  (off by default), or forced (filters skipped, no retry)",
        },
        Param {
            name: "flag",
            kind: ParamKind::Flag,
            default: Value::Flag(false),
            doc: "also set Ironic's flag; reachable then only with ironic.deploy_in_maintenance",
        },
        TAKEN,
    ],
    build: |params| {
        let none = Marks::default();
        let (mut terms, mut asks) = (Terms::default(), none);
        let marks = match params.word("mechanism") {
            "resource-class" => {
                asks = none.with(Mark::MaintenanceClass);
                &[Mark::MaintenanceClass][..]
            }
            "flavor-spec" => {
                let by_trait = params.word("form") == "trait";
                let marks = if by_trait {
                    &[Mark::MaintenanceTrait]
                } else {
                    &[Mark::InverseSpec]
                };
                terms.coverage = params.share("coverage");
                terms.refuses = none.with(marks[0]);
                terms.needs.filters = &["ComputeCapabilitiesFilter"];
                &marks[..]
            }
            "post-filter" => {
                asks = none.with(Mark::PostFilter);
                terms.needs.filters = &["MaintenanceFilter"];
                &[Mark::PostFilter]
            }
            "spec-only" => &[Mark::SpecOnly],
            _ => {
                asks = none.with(Mark::MaintenanceTrait);
                terms.needs.isolate_aggregates = true;
                &[Mark::IsolatedAggregate, Mark::MaintenanceTrait]
            }
        };
        let naming = match params.word("naming") {
            "forced" => Naming::Forced,
            "hint" => Naming::Hint,
            _ => Naming::Destination,
        };
        Arc::new(Hidden {
            marks,
            asks,
            naming,
            terms,
            flag: params.flag("flag"),
            taken: taken(params),
        })
    },
};

#[derive(Debug)]
struct Hidden {
    marks: &'static [Mark],
    asks: Marks,
    naming: Naming,
    terms: Terms,
    flag: bool,
    taken: Taken,
}

impl Hidden {
    fn acts(&self, on_mark: fn(Mark) -> Act, on_flag: Act) -> Vec<Step> {
        let mut acts: Vec<Act> = self.marks.iter().map(|&mark| on_mark(mark)).collect();
        if self.flag {
            acts.push(on_flag);
        }
        vec![Step::human(&acts)]
    }
}

impl Strategy for Hidden {
    fn entry(&self, _node: &Node) -> Vec<Step> {
        self.acts(Act::Put, Act::SetFlag)
    }

    fn back(&self, _node: &Node) -> Vec<Step> {
        self.acts(Act::Drop, Act::ClearFlag)
    }

    fn route(&self, _node: &Node) -> Route {
        Route::Boot {
            naming: self.naming,
            asks: self.asks,
            lift_flag: false,
            taken: self.taken,
        }
    }

    fn terms(&self) -> Terms {
        self.terms
    }
}
