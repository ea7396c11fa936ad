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

use super::{Act, Lease, Naming, Param, RosterEntry, Route, Step, Strategy, Taken, Terms};
use crate::fleet::{Mark, Marks, Node};
use crate::kernel::Span;

/// The roster's line.
pub const ENTRY: RosterEntry = RosterEntry {
    name: "tenant-reservation",
    summary: "the node moves to the operators' tenant and is schedulable for that tenant alone",
    plain: || {
        Box::new(Tenant {
            mechanism: Mechanism::IsolatedAggregate,
            route: Naming::Destination,
            owned: false,
            flag: false,
            closed: false,
            lease: Some(Span::hours(168)),
            healing: Span::hours(1),
            taken: Taken::Wait,
        })
    },
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mechanism {
    IsolatedAggregate,
    MultiTenancyFilter,
    TenantAggregate,
    IronicOwner,
    BlazarLease,
}

#[derive(Debug)]
struct Tenant {
    mechanism: Mechanism,
    route: Naming,
    owned: bool,
    flag: bool,
    closed: bool,
    lease: Option<Span>,
    healing: Span,
    taken: Taken,
}

impl Tenant {
    /// What is put on the node.
    fn marks(&self) -> &'static [Mark] {
        match self.mechanism {
            Mechanism::IsolatedAggregate => &[Mark::OperatorsAggregate, Mark::OperatorsTrait],
            Mechanism::MultiTenancyFilter => &[Mark::ServiceTenancy],
            Mechanism::TenantAggregate => &[Mark::TenantAggregate],
            Mechanism::IronicOwner => &[Mark::OperatorsOwner],
            Mechanism::BlazarLease => &[Mark::OperatorsLease],
        }
    }

    /// What an errand's boot asks for. The two that look at the tenant alone need nothing said.
    fn asks(&self) -> Marks {
        let none = Marks::default();
        match self.mechanism {
            Mechanism::IsolatedAggregate => none.with(Mark::OperatorsTrait),
            Mechanism::IronicOwner => none.with(Mark::OperatorsOwner),
            Mechanism::BlazarLease => none.with(Mark::OperatorsLease),
            Mechanism::MultiTenancyFilter | Mechanism::TenantAggregate => none,
        }
    }

    /// Two human steps: the hold (the flag, if it is used), and the move.
    fn steps(&self, flag: Act, on_mark: fn(Mark) -> Act, owner: Act) -> Vec<Step> {
        let hold: &[Act] = if self.flag { &[flag] } else { &[] };
        let mut moved: Vec<Act> = self.marks().iter().map(|&mark| on_mark(mark)).collect();
        if self.owned {
            moved.push(owner);
        }
        vec![Step::human(hold), Step::human(&moved)]
    }
}

impl Strategy for Tenant {
    fn params(&mut self) -> Vec<Param<'_>> {
        vec![
            Param::choice(
                "mechanism",
                &mut self.mechanism,
                &[
                    ("isolated-aggregate", Mechanism::IsolatedAggregate),
                    ("multi-tenancy-filter", Mechanism::MultiTenancyFilter),
                    ("tenant-aggregate", Mechanism::TenantAggregate),
                    ("ironic-owner", Mechanism::IronicOwner),
                    ("blazar-lease", Mechanism::BlazarLease),
                ],
                "how the node is moved, and so whom the move keeps out",
            ),
            Param::choice(
                "route",
                &mut self.route,
                &[("named", Naming::Destination), ("any", Naming::Unnamed)],
                "how the operators boot in their tenant: by the node's name, or wherever the scheduler picks",
            ),
            Param::choice(
                "pool",
                &mut self.owned,
                &[("shared", false), ("owned", true)],
                "a common fleet, or nodes that belong to tenants, whose owner is replaced and restored",
            ),
            Param::flag("flag", &mut self.flag, "also set Ironic's flag, as Chameleon does"),
            Param::flag(
                "closed",
                &mut self.closed,
                "every tenant has an aggregate, so that the operators' one keeps others out",
            )
            .under("tenant-aggregate"),
            Param::span_or(
                "lease",
                "open",
                &mut self.lease,
                "how long the operators lease the node, or \"open\"",
            )
            .under("blazar-lease"),
            Param::span(
                "healing",
                &mut self.healing,
                "leases to come are moved off the node when they are so near (Blazar's healing_interval); \
                 0s: all at once",
            )
            .under("blazar-lease"),
            self.taken.param(),
        ]
    }

    fn entry(&self, _node: &Node) -> Vec<Step> {
        self.steps(Act::SetFlag, Act::Put, Act::TakeOver)
    }

    /// The same two back, the flag first so that the node is whole when it is moved.
    fn back(&self, _node: &Node) -> Vec<Step> {
        self.steps(Act::ClearFlag, Act::Drop, Act::GiveBack)
    }

    fn route(&self, _node: &Node) -> Route {
        Route::Boot {
            naming: self.route,
            asks: self.asks(),
            lift_flag: self.flag,
            taken: self.taken,
        }
    }

    fn terms(&self) -> Terms {
        let mut terms = Terms::default();
        match self.mechanism {
            Mechanism::IsolatedAggregate => terms.needs.isolate_aggregates = true,
            Mechanism::MultiTenancyFilter => terms.needs.filters = &["AggregateMultiTenancyIsolation"],
            Mechanism::TenantAggregate => {
                terms.needs.limit_tenants = true;
                terms.needs.tenants_have_aggregates = self.closed;
            }
            Mechanism::IronicOwner => {}
            Mechanism::BlazarLease => {
                terms.needs.filters = &["BlazarFilter"];
                terms.lease = Some(Lease {
                    length: self.lease,
                    healing: self.healing,
                });
            }
        }
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::{marks_are, node, with};

    /// What a mechanism puts on the node and asks for, and which filters it needs.
    type Case = (&'static str, &'static [Mark], Option<Mark>, &'static [&'static str]);

    #[test]
    fn each_mechanism_has_its_mark() {
        use Mark::{
            OperatorsAggregate, OperatorsLease, OperatorsOwner, OperatorsTrait, ServiceTenancy, TenantAggregate,
        };
        let cases: [Case; 5] = [
            (
                "isolated-aggregate",
                &[OperatorsAggregate, OperatorsTrait],
                Some(OperatorsTrait),
                &[],
            ),
            (
                "multi-tenancy-filter",
                &[ServiceTenancy],
                None,
                &["AggregateMultiTenancyIsolation"],
            ),
            ("tenant-aggregate", &[TenantAggregate], None, &[]),
            ("ironic-owner", &[OperatorsOwner], Some(OperatorsOwner), &[]),
            (
                "blazar-lease",
                &[OperatorsLease],
                Some(OperatorsLease),
                &["BlazarFilter"],
            ),
        ];
        for (mechanism, put, asks, filters) in cases {
            let tenant = with(&ENTRY, &[("mechanism", mechanism)]);
            marks_are(&*tenant, put, asks, mechanism);
            let terms = tenant.terms();
            assert_eq!(terms.needs.filters, filters, "{mechanism}");
            assert_eq!(terms.lease.is_some(), mechanism == "blazar-lease", "{mechanism}");
        }
    }

    #[test]
    fn the_hold_and_the_move_are_two_steps_and_the_flag_is_lifted_for_the_errand() {
        let tenant = with(&ENTRY, &[("flag", "true"), ("pool", "owned"), ("route", "any")]);
        let steps = tenant.entry(&node());
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[0].acts, [Act::SetFlag]);
        assert_eq!(steps[1].acts.last(), Some(&Act::TakeOver));
        let Route::Boot { naming, lift_flag, .. } = tenant.route(&node()) else {
            panic!("no boot")
        };
        assert_eq!((naming, lift_flag), (Naming::Unnamed, true));
    }

    #[test]
    fn only_closed_aggregates_keep_the_others_out() {
        for (closed, word) in [(true, "true"), (false, "false")] {
            let needs = with(&ENTRY, &[("mechanism", "tenant-aggregate"), ("closed", word)])
                .terms()
                .needs;
            assert_eq!((needs.limit_tenants, needs.tenants_have_aggregates), (true, closed));
        }
    }

    #[test]
    fn a_lease_lasts_as_long_as_it_says_or_is_open() {
        let lease = |long| {
            let params = [("mechanism", "blazar-lease"), ("lease", long), ("healing", "2h")];
            with(&ENTRY, &params).terms().lease
        };
        let healing = Span::hours(2);
        let length = Some(Span::hours(5));
        assert_eq!(lease("5h"), Some(Lease { length, healing }));
        assert_eq!(lease("open"), Some(Lease { length: None, healing }));
    }
}
