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
//!   flavors that carry it; each forgotten flavor leaks.
//! - `post-filter`: a filter after the candidate cap; hidden nodes eat the cap.
//! - `spec-only`: the spec on the node and nothing else. It hides from nobody: the wording of the
//!   thread taken literally (nova 34.0 compute_capabilities_filter.py:68-114).

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
            name: "naming",
            kind: ParamKind::Choice(&["hint", "forced"]),
            default: Value::Word("hint"),
            doc: "how the errand's boot names the node: by a hint (filters run) or forced (filters skipped, no retry)",
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
        let marks = match params.word("mechanism") {
            "resource-class" => &[Mark::MaintenanceClass][..],
            "flavor-spec" => &[Mark::InverseSpec],
            "post-filter" => &[Mark::PostFilter],
            "spec-only" => &[Mark::SpecOnly],
            _ => &[Mark::IsolatedAggregate, Mark::MaintenanceTrait],
        };
        let naming = if params.word("naming") == "forced" {
            Naming::Forced
        } else {
            Naming::Hint
        };
        let coverage = if params.word("mechanism") == "flavor-spec" {
            params.share("coverage")
        } else {
            1.0
        };
        Arc::new(Hidden {
            marks,
            naming,
            coverage,
            flag: params.flag("flag"),
            taken: taken(params),
        })
    },
};

#[derive(Debug)]
struct Hidden {
    marks: &'static [Mark],
    naming: Naming,
    coverage: f64,
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
        let all = self
            .marks
            .iter()
            .fold(Marks::default(), |marks, &mark| marks.with(mark));
        let asks = Marks(
            all.0
                & Marks::default()
                    .with(Mark::MaintenanceTrait)
                    .with(Mark::MaintenanceClass)
                    .0,
        );
        Route::Boot {
            naming: self.naming,
            asks,
            tolerates: all,
            lift_flag: false,
            taken: self.taken,
        }
    }

    fn terms(&self) -> Terms {
        Terms {
            coverage: self.coverage,
            ..Terms::default()
        }
    }
}
