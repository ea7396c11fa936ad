//! `tenant-reservation`: Devananda van der Veen's answer of 2014, and Chameleon's practice (a
//! 168 h Blazar lease of the node in project "maintenance"). The node is moved to the operators'
//! tenant and is schedulable for that tenant alone.
//!
//! `mechanism` says how the move is made:
//! - `isolated-aggregate`: a trait that only the operators' private flavor asks for, on an isolated
//!   aggregate; per node, hides at once, reachable once the trait has travelled by the loop.
//! - `multi-tenancy-filter`: AggregateMultiTenancyIsolation. It sees compute services, not nodes, so
//!   the node's whole conductor group moves; it keeps others out and does not confine its own.
//! - `tenant-aggregate`: require_tenant_aggregate; per node, confines the operators, and keeps
//!   others out only when every tenant has an aggregate (`closed`).
//! - `ironic-owner`: owner and lessee with Ironic's allocation API; a request that names no owner
//!   still takes owned nodes.
//! - `blazar-lease`: an operators' lease that begins at the earliest gap after the leases that the
//!   node already has and ends after `lease`, whether or not the work is done. Requests in advance
//!   have leases of their own; those that fall into it are healed: moved to another node when they
//!   are nearer than `healing`, or degraded.
//!
//! `route` says how the operators boot: `named`, or `any` (the scheduler picks among their free
//! nodes; a wrong one is seen only after the deploy, deleted, cleaned, and tried again).
//! `pool = "owned"`: the node's owner is replaced and restored, and may be restored wrongly.

use std::sync::Arc;

use super::naive::{TAKEN, taken};
use super::{Act, Entry, Lease, Naming, Param, ParamKind, Route, Step, Strategy, Taken, Terms, Value};
use crate::fleet::{Mark, Marks, Node};
use crate::kernel::Span;
use crate::scheduler::Needs;

/// The roster's line.
pub const ENTRY: Entry = Entry {
    name: "tenant-reservation",
    summary: "the node moves to the operators' tenant and is schedulable for that tenant alone",
    params: &[
        Param {
            name: "mechanism",
            kind: ParamKind::Choice(&[
                "isolated-aggregate",
                "multi-tenancy-filter",
                "tenant-aggregate",
                "ironic-owner",
                "blazar-lease",
            ]),
            default: Value::Word("isolated-aggregate"),
            doc: "how the node is moved, and so whom the move keeps out",
        },
        Param {
            name: "route",
            kind: ParamKind::Choice(&["named", "any"]),
            default: Value::Word("named"),
            doc: "how the operators boot in their tenant: by the node's name, or wherever the scheduler picks",
        },
        Param {
            name: "pool",
            kind: ParamKind::Choice(&["shared", "owned"]),
            default: Value::Word("shared"),
            doc: "a common fleet, or nodes that belong to tenants, whose owner is replaced and restored",
        },
        Param {
            name: "flag",
            kind: ParamKind::Flag,
            default: Value::Flag(false),
            doc: "also set Ironic's flag, as Chameleon does",
        },
        Param {
            name: "closed",
            kind: ParamKind::Flag,
            default: Value::Flag(false),
            doc: "tenant-aggregate: every tenant has an aggregate, so that the operators' one keeps others out",
        },
        Param {
            name: "lease",
            kind: ParamKind::SpanOr("open"),
            default: Value::Span(Span::hours(168)),
            doc: "blazar-lease: how long the operators lease the node, or \"open\"",
        },
        Param {
            name: "healing",
            kind: ParamKind::Span,
            default: Value::Span(Span::hours(1)),
            doc: "blazar-lease: leases to come are moved off the node when they are so near (Blazar's healing_interval); \
                  0s: all at once",
        },
        TAKEN,
    ],
    build: |params| {
        let (none, mut needs, mut lease) = (Marks::default(), Needs::default(), None);
        let (marks, asks) = match params.word("mechanism") {
            "multi-tenancy-filter" => {
                needs.filters = &["AggregateMultiTenancyIsolation"];
                (&[Mark::ServiceTenancy][..], none)
            }
            "tenant-aggregate" => {
                needs.limit_tenants = true;
                needs.tenants_have_aggregates = params.flag("closed");
                (&[Mark::TenantAggregate][..], none)
            }
            "ironic-owner" => (&[Mark::OperatorsOwner][..], none.with(Mark::OperatorsOwner)),
            "blazar-lease" => {
                needs.filters = &["BlazarFilter"];
                lease = Some(Lease {
                    length: params.span("lease"),
                    healing: params.span("healing").unwrap_or_default(),
                });
                (&[Mark::OperatorsLease][..], none.with(Mark::OperatorsLease))
            }
            _ => {
                needs.isolate_aggregates = true;
                (
                    &[Mark::OperatorsAggregate, Mark::OperatorsTrait][..],
                    none.with(Mark::OperatorsTrait),
                )
            }
        };
        Arc::new(Tenant {
            marks,
            asks,
            naming: if params.word("route") == "any" {
                Naming::Unnamed
            } else {
                Naming::Destination
            },
            owned: params.word("pool") == "owned",
            flag: params.flag("flag"),
            terms: Terms {
                needs,
                lease,
                ..Terms::default()
            },
            taken: taken(params),
        })
    },
};

#[derive(Debug)]
struct Tenant {
    marks: &'static [Mark],
    asks: Marks,
    naming: Naming,
    owned: bool,
    flag: bool,
    terms: Terms,
    taken: Taken,
}

impl Strategy for Tenant {
    /// Two human steps: the hold (the flag, if it is used), and the move.
    fn entry(&self, _node: &Node) -> Vec<Step> {
        let hold: &[Act] = if self.flag { &[Act::SetFlag] } else { &[] };
        let mut moved: Vec<Act> = self.marks.iter().map(|&mark| Act::Put(mark)).collect();
        if self.owned {
            moved.push(Act::TakeOver);
        }
        vec![Step::human(hold), Step::human(&moved)]
    }

    /// The same two back, the flag first so that the node is whole when it is moved.
    fn back(&self, _node: &Node) -> Vec<Step> {
        let hold: &[Act] = if self.flag { &[Act::ClearFlag] } else { &[] };
        let mut moved: Vec<Act> = self.marks.iter().map(|&mark| Act::Drop(mark)).collect();
        if self.owned {
            moved.push(Act::GiveBack);
        }
        vec![Step::human(hold), Step::human(&moved)]
    }

    fn route(&self, _node: &Node) -> Route {
        Route::Boot {
            naming: self.naming,
            asks: self.asks,
            lift_flag: self.flag,
            taken: self.taken,
        }
    }

    fn terms(&self) -> Terms {
        self.terms
    }
}
