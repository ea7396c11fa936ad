//! `withdraw`: Ironic today. The operator sets the maintenance flag; the nova driver then reports
//! `reserved = total = 1` (nova 34.0 virt/ironic/driver.py:874-964), so that the node is counted
//! but schedulable by nobody, not even by a hint. The flag reaches Placement by the compute
//! service's loop.
//!
//! Because deploy is refused under the flag, an errand goes either `out-of-band` (by hand,
//! outside Nova, in its own time) or by `expose`: clear the flag, wait for the loop, race the
//! tenants for the node, set the flag again.

use std::sync::Arc;

use super::naive::{TAKEN, taken};
use super::{Act, Entry, Naming, Param, ParamKind, Route, Step, Strategy, Taken, Value};
use crate::fleet::{Marks, Node};
use crate::kernel::{Law, Span};

/// The roster's line.
pub const ENTRY: Entry = Entry {
    name: "withdraw",
    summary: "Ironic today: the maintenance flag reserves the node in Placement, for everybody",
    params: &[
        Param {
            name: "route",
            kind: ParamKind::Choice(&["out-of-band", "expose"]),
            default: Value::Word("out-of-band"),
            doc: "how an errand gets an image onto the node: by hand outside Nova, or by clearing the flag and racing the tenants",
        },
        Param {
            name: "out_of_band",
            kind: ParamKind::Span,
            default: Value::Span(Span::hours(2)),
            doc: "mean time (exponential) of a deploy by hand outside Nova; an assumption, no trace records it",
        },
        TAKEN,
    ],
    build: |params| {
        let time = Law::Exponential(params.span("out_of_band").unwrap_or(Span::hours(2)));
        let by_hand = (params.word("route") == "out-of-band").then_some(time);
        Arc::new(Withdraw {
            by_hand,
            taken: taken(params),
        })
    },
};

#[derive(Debug)]
struct Withdraw {
    by_hand: Option<Law>,
    taken: Taken,
}

impl Strategy for Withdraw {
    fn entry(&self, _node: &Node) -> Vec<Step> {
        vec![Step::human(&[Act::SetFlag])]
    }

    fn back(&self, _node: &Node) -> Vec<Step> {
        vec![Step::human(&[Act::ClearFlag])]
    }

    fn route(&self, _node: &Node) -> Route {
        match &self.by_hand {
            Some(time) => Route::OutOfBand { time: time.clone() },
            None => {
                let none = Marks::default();
                Route::Boot {
                    naming: Naming::Destination,
                    asks: none,
                    lift_flag: true,
                    taken: self.taken,
                }
            }
        }
    }
}
