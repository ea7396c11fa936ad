//! What is done with a node in maintenance. A strategy sees a node and answers with data: the
//! steps on entry and on return, and the route by which an errand reaches the node. It never
//! sees the agenda, a random stream or a fleet that it could change.

pub mod hidden;
pub mod naive;
pub mod params;
pub mod tenant;
pub mod withdraw;

#[cfg(test)]
pub mod testing;

use crate::fleet::{Mark, Marks, Node};
use crate::kernel::Law;
use crate::scheduler::Needs;
pub use params::{Field, Param, Typed};

/// Every strategy, in the order of the roster. Adding one is its file, its `mod` and one line here.
pub const ROSTER: [&RosterEntry; 4] = [&naive::ENTRY, &withdraw::ENTRY, &hidden::ENTRY, &tenant::ENTRY];

/// A strategy's line in the roster.
#[derive(Debug)]
pub struct RosterEntry {
    /// Its name in scenario files.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Makes it with the defaults of its parameters.
    pub plain: fn() -> Box<dyn Strategy>,
}

/// The entry of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static RosterEntry> {
    ROSTER.into_iter().find(|entry| entry.name == name)
}

/// A way of dealing with nodes in maintenance.
pub trait Strategy: Send + Sync + std::fmt::Debug {
    /// Its parameters, in the order of the manual.
    fn params(&mut self) -> Vec<Param<'_>> {
        Vec::new()
    }

    /// What is done when the node goes into maintenance, in order.
    fn entry(&self, node: &Node) -> Vec<Step>;

    /// What is done when its last hold is gone, in order.
    fn back(&self, node: &Node) -> Vec<Step>;

    /// How an errand's boot reaches the node.
    fn route(&self, node: &Node) -> Route;

    /// What it changes for all requests, whether or not a node is in maintenance.
    fn terms(&self) -> Terms {
        Terms::default()
    }
}

/// What a strategy changes for all requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The share of ordinary flavors that carry the inverse requirement.
    pub coverage: f64,
    /// What those flavors refuse.
    pub refuses: Marks,
    /// What it needs of the control plane.
    pub needs: Needs,
    /// Whether the operators hold the node by a lease that begins only when the occupant's planned
    /// time is over, and for how long they lease it; none: no lease.
    pub lease: Option<Lease>,
}

/// The operators' lease on a node (Blazar).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How long it lasts; none: until it is given back.
    pub length: Option<crate::kernel::Span>,
    /// Leases to come that fall into it are moved when they are so near; 0: at once.
    pub healing: crate::kernel::Span,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            coverage: 1.0,
            refuses: Marks::default(),
            needs: Needs::default(),
            lease: None,
        }
    }
}

/// Who does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Automation: at once, and never slips.
    Automation,
    /// A human: after a latency, and with a probability to forget it on the way back.
    Human,
}

/// One step of an entry or a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who does it.
    pub by: Actor,
    /// What is done, all at once.
    pub acts: Vec<Act>,
}

/// A single act on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Set Ironic's maintenance flag.
    SetFlag,
    /// Clear it.
    ClearFlag,
    /// Put a mark on the node.
    Put(Mark),
    /// Take it off.
    Drop(Mark),
    /// Make the operators the node's owner; the world remembers whose it was.
    TakeOver,
    /// Give it back to its owner.
    GiveBack,
}

/// How an errand's boot names its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Not at all: the scheduler picks.
    Unnamed,
    /// `--hypervisor-hostname`: filters run.
    Destination,
    /// JsonFilter's `query` hint: it narrows what the candidate cap has left, and where the filter
    /// is not enabled it is silently ignored and the boot lands anywhere.
    Hint,
    /// `--availability-zone az:host:node`: filters are skipped, Placement is not; no retry.
    Forced,
}

/// What an operator does who finds a tenant on the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Taken {
    /// Waits until the tenant leaves.
    #[default]
    Wait,
    /// Evicts the tenant.
    Evict,
}

/// How an errand reaches its node.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// A boot through the regular machinery.
    Boot {
        /// How it names the machine.
        naming: Naming,
        /// The marks that its flavor, tenant or hint speaks to.
        asks: Marks,
        /// Whether Ironic's flag must be cleared first and set again afterwards.
        lift_flag: bool,
        /// What is done about a tenant on the machine.
        taken: Taken,
    },
    /// A deploy by hand, outside Nova, that takes its own time.
    OutOfBand {
        /// How long until the image runs.
        time: Law,
    },
}

impl Step {
    /// A human's step.
    #[must_use]
    pub fn human(acts: &[Act]) -> Step {
        Step {
            by: Actor::Human,
            acts: acts.to_vec(),
        }
    }

    /// A step of automation.
    #[must_use]
    pub fn automatic(acts: &[Act]) -> Step {
        Step {
            by: Actor::Automation,
            acts: acts.to_vec(),
        }
    }
}

impl Taken {
    /// The parameter of every strategy whose errands race tenants for the node.
    pub fn param(&mut self) -> Param<'_> {
        Param::choice(
            "taken",
            self,
            &[("wait", Taken::Wait), ("evict", Taken::Evict)],
            "what an operator does who finds a tenant on the machine: wait until it leaves, or evict it",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{everything, node};
    use super::*;

    #[test]
    fn each_strategy_and_each_parameter_has_a_name_of_its_own_and_a_meaning() {
        for entry in ROSTER {
            let named = ROSTER.iter().filter(|other| other.name == entry.name).count();
            assert_eq!(named, 1, "{}", entry.name);
            assert!(find(entry.name).is_some() && !entry.summary.is_empty());
            let mut plain = (entry.plain)();
            let params = plain.params();
            for param in &params {
                let same = params.iter().filter(|other| other.name == param.name).count();
                assert!(same == 1 && !param.doc.is_empty(), "{}.{}", entry.name, param.name);
                // Keys of the table in which parameters stand.
                assert!(!["name", "label"].contains(&param.name), "{}", entry.name);
            }
        }
    }

    #[test]
    fn each_word_of_a_parameter_is_read_as_it_is_printed() {
        for entry in ROSTER {
            let mut plain = (entry.plain)();
            for mut param in plain.params() {
                let default = param.toml();
                for word in param.words() {
                    assert!(param.set(Typed::Text(word, None)), "{}: {word}", entry.name);
                    assert_eq!(param.toml(), format!("\"{word}\""), "{}", entry.name);
                }
                let printed = default.trim_matches('"');
                let span = Some(crate::kernel::Span::hours(5));
                let typed = match (&param.field, printed) {
                    (Field::Flag(_), flag) => Typed::Flag(flag == "true"),
                    (Field::Share(_), share) => Typed::Number(share.parse().unwrap()),
                    (_, text) => Typed::Text(text, span),
                };
                assert!(param.set(typed), "{}.{} = {default}", entry.name, param.name);
            }
        }
    }

    #[test]
    fn a_parameter_refuses_what_it_does_not_take_and_stays_as_it_is() {
        for entry in ROSTER {
            let mut plain = (entry.plain)();
            for mut param in plain.params() {
                let default = param.toml();
                for typed in [Typed::Other, Typed::Number(1.5), Typed::Text("no such word", None)] {
                    assert!(!param.set(typed), "{}.{} takes {typed:?}", entry.name, param.name);
                }
                assert_eq!(param.toml(), default, "{}.{}", entry.name, param.name);
            }
        }
    }

    #[test]
    fn what_is_done_on_entry_is_undone_on_return() {
        for (name, strategy) in everything() {
            let undone = |act: &Act| match *act {
                Act::SetFlag => Act::ClearFlag,
                Act::Put(mark) => Act::Drop(mark),
                Act::TakeOver => Act::GiveBack,
                act => panic!("{name} begins with {act:?}"),
            };
            let entry = strategy.entry(&node());
            let back: Vec<Vec<Act>> = strategy.back(&node()).into_iter().map(|step| step.acts).collect();
            let expected: Vec<Vec<Act>> = entry
                .iter()
                .map(|step| step.acts.iter().map(undone).collect())
                .collect();
            assert_eq!(back, expected, "{name}");
        }
    }

    #[test]
    fn an_errand_lifts_the_flag_only_where_it_was_set() {
        for (name, strategy) in everything() {
            let flagged = testing::on_entry(&*strategy).contains(&Act::SetFlag);
            if let Route::Boot { lift_flag, .. } = strategy.route(&node()) {
                assert!(flagged || !lift_flag, "{name}");
            }
        }
    }

    #[test]
    fn what_ordinary_flavors_refuse_is_on_the_node_and_errands_ask_for_what_is_there() {
        for (name, strategy) in everything() {
            let acts = testing::on_entry(&*strategy);
            let put = acts.iter().fold(Marks::default(), |put, act| match act {
                Act::Put(mark) => put.with(*mark),
                _ => put,
            });
            let within = |marks: Marks| marks.0 & !put.0 == 0;
            assert!(within(strategy.terms().refuses), "{name}");
            if let Route::Boot { asks, .. } = strategy.route(&node()) {
                assert!(within(asks), "{name}");
            }
        }
    }

    #[test]
    fn who_takes_the_node_from_a_tenant_says_so() {
        for entry in ROSTER {
            for (word, taken) in [("wait", Taken::Wait), ("evict", Taken::Evict)] {
                let strategy = testing::with(entry, &[("taken", word)]);
                if let Route::Boot { taken: found, .. } = strategy.route(&node()) {
                    assert_eq!(found, taken, "{}", entry.name);
                }
            }
        }
    }
}
