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

use super::{Act, Naming, Param, RosterEntry, Route, Step, Strategy, Taken, Terms};
use crate::fleet::{Mark, Marks, Node};

/// The roster's line.
pub const ENTRY: RosterEntry = RosterEntry {
    name: "hidden-via-extra-spec",
    summary: "the node stays published with a spec that no request matches by itself; operators reach it by name",
    plain: || {
        Box::new(Hidden {
            mechanism: Mechanism::IsolatedAggregate,
            coverage: 1.0,
            form: Mark::InverseSpec,
            naming: Naming::Destination,
            flag: false,
            taken: Taken::Wait,
        })
    },
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mechanism {
    IsolatedAggregate,
    ResourceClass,
    FlavorSpec,
    PostFilter,
    SpecOnly,
}

#[derive(Debug)]
struct Hidden {
    mechanism: Mechanism,
    coverage: f64,
    form: Mark,
    naming: Naming,
    flag: bool,
    taken: Taken,
}

impl Hidden {
    /// What is put on the node.
    fn marks(&self) -> Vec<Mark> {
        match self.mechanism {
            Mechanism::IsolatedAggregate => vec![Mark::IsolatedAggregate, Mark::MaintenanceTrait],
            Mechanism::ResourceClass => vec![Mark::MaintenanceClass],
            Mechanism::FlavorSpec => vec![self.form],
            Mechanism::PostFilter => vec![Mark::PostFilter],
            Mechanism::SpecOnly => vec![Mark::SpecOnly],
        }
    }

    /// What an errand's boot asks for. Under an inverse requirement it asks for nothing: its flavor lacks the requirement.
    fn asks(&self) -> Marks {
        let none = Marks::default();
        match self.mechanism {
            Mechanism::IsolatedAggregate => none.with(Mark::MaintenanceTrait),
            Mechanism::ResourceClass => none.with(Mark::MaintenanceClass),
            Mechanism::PostFilter => none.with(Mark::PostFilter),
            Mechanism::FlavorSpec | Mechanism::SpecOnly => none,
        }
    }

    fn acts(&self, on_mark: fn(Mark) -> Act, on_flag: Act) -> Vec<Step> {
        let mut acts: Vec<Act> = self.marks().into_iter().map(on_mark).collect();
        if self.flag {
            acts.push(on_flag);
        }
        vec![Step::human(&acts)]
    }
}

impl Strategy for Hidden {
    fn params(&mut self) -> Vec<Param<'_>> {
        vec![
            Param::choice(
                "mechanism",
                &mut self.mechanism,
                &[
                    ("isolated-aggregate", Mechanism::IsolatedAggregate),
                    ("resource-class", Mechanism::ResourceClass),
                    ("flavor-spec", Mechanism::FlavorSpec),
                    ("post-filter", Mechanism::PostFilter),
                    ("spec-only", Mechanism::SpecOnly),
                ],
                "what the mark is, and so whom it keeps off and how fast it is seen",
            ),
            Param::share(
                "coverage",
                &mut self.coverage,
                "the share of ordinary flavors that carry the inverse requirement",
            )
            .under("flavor-spec"),
            Param::choice(
                "form",
                &mut self.form,
                &[("capability", Mark::InverseSpec), ("trait", Mark::MaintenanceTrait)],
                "the inverse requirement, on a capability (a filter) or on a trait (Placement)",
            )
            .under("flavor-spec"),
            Param::choice(
                "naming",
                &mut self.naming,
                &[
                    ("destination", Naming::Destination),
                    ("hint", Naming::Hint),
                    ("forced", Naming::Forced),
                ],
                "how the errand's boot names the node: --hypervisor-hostname (filters run), JsonFilter's hint \
                 (off by default), or forced (filters skipped, no retry)",
            ),
            Param::flag(
                "flag",
                &mut self.flag,
                "also set Ironic's flag; reachable then only with ironic.deploy_in_maintenance",
            ),
            self.taken.param(),
        ]
    }

    fn entry(&self, _node: &Node) -> Vec<Step> {
        self.acts(Act::Put, Act::SetFlag)
    }

    fn back(&self, _node: &Node) -> Vec<Step> {
        self.acts(Act::Drop, Act::ClearFlag)
    }

    fn route(&self, _node: &Node) -> Route {
        Route::Boot {
            naming: self.naming,
            asks: self.asks(),
            lift_flag: false,
            taken: self.taken,
        }
    }

    fn terms(&self) -> Terms {
        let mut terms = Terms::default();
        match self.mechanism {
            Mechanism::IsolatedAggregate => terms.needs.isolate_aggregates = true,
            Mechanism::FlavorSpec => {
                terms.coverage = self.coverage;
                terms.refuses = Marks::default().with(self.form);
                terms.needs.filters = &["ComputeCapabilitiesFilter"];
            }
            Mechanism::PostFilter => terms.needs.filters = &["MaintenanceFilter"],
            Mechanism::ResourceClass | Mechanism::SpecOnly => {}
        }
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::{marks_are, node, on_entry, set, with};

    /// What a mechanism puts on the node, asks for, has flavors refuse, and which filters it needs.
    type Case = (
        &'static str,
        &'static [Mark],
        Option<Mark>,
        Option<Mark>,
        &'static [&'static str],
    );

    #[test]
    fn each_mechanism_has_its_mark() {
        use Mark::{InverseSpec, MaintenanceClass, MaintenanceTrait, PostFilter, SpecOnly};
        let none: &[&str] = &[];
        let cases: [Case; 5] = [
            (
                "isolated-aggregate",
                &[Mark::IsolatedAggregate, MaintenanceTrait],
                Some(MaintenanceTrait),
                None,
                none,
            ),
            (
                "resource-class",
                &[MaintenanceClass],
                Some(MaintenanceClass),
                None,
                none,
            ),
            (
                "flavor-spec",
                &[InverseSpec],
                None,
                Some(InverseSpec),
                &["ComputeCapabilitiesFilter"],
            ),
            (
                "post-filter",
                &[PostFilter],
                Some(PostFilter),
                None,
                &["MaintenanceFilter"],
            ),
            ("spec-only", &[SpecOnly], None, None, none),
        ];
        for (mechanism, put, asks, refuses, filters) in cases {
            let hidden = with(&ENTRY, &[("mechanism", mechanism)]);
            marks_are(&*hidden, put, asks, mechanism);
            let terms = hidden.terms();
            assert_eq!(
                (terms.refuses, terms.needs.filters),
                (set(refuses), filters),
                "{mechanism}"
            );
            let isolated = mechanism == "isolated-aggregate";
            assert_eq!(terms.needs.isolate_aggregates, isolated, "{mechanism}");
        }
    }

    #[test]
    fn coverage_and_form_are_the_flavors_alone() {
        let params = [("coverage", "0.25"), ("form", "trait")];
        let of = |mechanism| with(&ENTRY, &[params[0], params[1], ("mechanism", mechanism)]).terms();
        let flavors = of("flavor-spec");
        let refused = Marks::default().with(Mark::MaintenanceTrait);
        assert_eq!((flavors.coverage, flavors.refuses), (0.25, refused));
        assert_eq!(of("post-filter").coverage, 1.0);
    }

    #[test]
    fn the_flag_comes_last_and_the_errand_leaves_it() {
        let hidden = with(&ENTRY, &[("flag", "true"), ("naming", "forced")]);
        assert_eq!(on_entry(&*hidden).last(), Some(&Act::SetFlag));
        let Route::Boot { naming, lift_flag, .. } = hidden.route(&node()) else {
            panic!("no boot")
        };
        assert_eq!((naming, lift_flag), (Naming::Forced, false));
    }
}
