//! `naive`: nothing is done. The node stays published and open to all; the scheduler does not
//! know. The control group: what maintenance costs when nobody hides anything.
//!
//! An errand is a boot that names the node and competes with tenants for it.

use std::sync::Arc;

use super::{Entry, Naming, Param, ParamKind, Params, Route, Step, Strategy, Taken, Value};
use crate::fleet::{Marks, Node};

/// The words of `taken`, shared by every strategy whose errands race tenants for the node.
pub const TAKEN: Param = Param {
    name: "taken",
    kind: ParamKind::Choice(&["wait", "evict"]),
    default: Value::Word("wait"),
    doc: "what an operator does who finds a tenant on the machine: wait until it leaves, or evict it",
};

/// The roster's line.
pub const ENTRY: Entry = Entry {
    name: "naive",
    summary: "nothing is hidden: the node stays published and open to all (the control group)",
    params: &[TAKEN],
    build: |params| Arc::new(Naive { taken: taken(params) }),
};

/// Reads `taken`.
#[must_use]
pub fn taken(params: &Params) -> Taken {
    if params.word("taken") == "evict" {
        Taken::Evict
    } else {
        Taken::Wait
    }
}

#[derive(Debug)]
struct Naive {
    taken: Taken,
}

impl Strategy for Naive {
    fn entry(&self, _node: &Node) -> Vec<Step> {
        Vec::new()
    }

    fn back(&self, _node: &Node) -> Vec<Step> {
        Vec::new()
    }

    fn route(&self, _node: &Node) -> Route {
        let none = Marks::default();
        Route::Boot {
            naming: Naming::Destination,
            asks: none,
            lift_flag: false,
            taken: self.taken,
        }
    }
}
