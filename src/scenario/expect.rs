//! What a scenario expects of its runs: placement behaviour stated as tests, in `[[expect]]`.
//! `sickbay check` verifies them (`judge::expect`); no run depends on them.

use super::diagnose::Problem;
use crate::kernel::Span;

/// One expectation.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is wanted.
    pub wants: Wants,
    /// The labels of the strategies that it is about.
    pub strategies: Vec<String>,
    /// What it is there for, in the words of who wrote it.
    pub why: Option<String>,
    /// Where it stands: a problem without its message, for what only a higher floor can know.
    pub place: Problem,
}

/// What is wanted of a strategy.
#[derive(Clone, Debug, PartialEq)]
pub enum Wants {
    /// A metric keeps to a bound.
    Metric {
        /// Its name in the column table.
        metric: String,
        /// How it relates to the bound.
        relation: Relation,
        /// The bound, in the metric's unit.
        value: f64,
        /// Of what it is asked.
        of: Of,
    },
    /// Something never happens.
    Never {
        /// What.
        what: Never,
        /// For states that last: up to this long they are let pass.
        longer_than: Span,
    },
}

/// Of what a metric's bound is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Of the value of every replication.
    Every,
    /// Of the mean over replications: its whole interval has to lie on the right side.
    Mean,
}

/// How a value relates to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// At least.
    AtLeast,
    /// At most.
    AtMost,
    /// More than.
    More,
    /// Less than.
    Less,
    /// Equal to six decimals, as results are written.
    Equal,
    /// Not equal.
    Unequal,
}

impl Relation {
    /// All relations, as they are typed.
    pub const ALL: [(&'static str, Relation); 6] = [
        (">=", Relation::AtLeast),
        ("<=", Relation::AtMost),
        (">", Relation::More),
        ("<", Relation::Less),
        ("==", Relation::Equal),
        ("!=", Relation::Unequal),
    ];

    /// As it is typed.
    #[must_use]
    pub fn sign(self) -> &'static str {
        Relation::ALL
            .iter()
            .find(|(_, it)| *it == self)
            .map_or("", |(sign, _)| sign)
    }

    /// Whether it bounds a value from above.
    #[must_use]
    pub fn is_from_above(self) -> bool {
        matches!(self, Relation::AtMost | Relation::Less | Relation::Equal)
    }

    /// Whether a value relates so to a bound.
    #[must_use]
    pub fn holds(self, value: f64, bound: f64) -> bool {
        let equal = (value - bound).abs() < 5e-7;
        match self {
            Relation::AtLeast => value >= bound || equal,
            Relation::AtMost => value <= bound || equal,
            Relation::More => value > bound && !equal,
            Relation::Less => value < bound && !equal,
            Relation::Equal => equal,
            Relation::Unequal => !equal,
        }
    }
}

/// What can be said never to happen: a closed list, each a fact of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// A claim for a tenant is sent to a node in maintenance, whether or not the view knows.
    Misplacement,
    /// The scheduler picks a node for a tenant that the view hides from ordinary requests.
    PlacementOnHidden,
    /// A tenant becomes active on a node in maintenance or on another tenant's.
    Breach,
    /// An operator evicts an instance.
    Eviction,
    /// A fault ends an instance.
    Interruption,
    /// A request is refused for good.
    Refusal,
    /// A build fails.
    FailedBuild,
    /// A claim is lost because the node was not what the view said.
    LostClaim,
    /// A tenant's rescue is refused under Ironic's flag.
    RefusedRescue,
    /// An operators' image is deployed onto a wrong node.
    MistargetedErrand,
    /// An errand ends without its image having run for its time.
    FailedErrand,
    /// The operators' lease ends before the work is done.
    ExpiredLease,
    /// A human forgets a step of a return.
    ForgottenStep,
    /// A node is hidden although it is healthy, held by nothing and used by nobody.
    Stranded,
    /// A node that is broken or in maintenance is offered to ordinary requests.
    Exposed,
}

impl Never {
    /// All of them, as they are typed.
    pub const ALL: [(&'static str, Never); 15] = [
        ("automatic placement on a node in maintenance", Never::Misplacement),
        ("automatic placement on a hidden node", Never::PlacementOnHidden),
        ("breach", Never::Breach),
        ("eviction", Never::Eviction),
        ("interruption", Never::Interruption),
        ("refusal", Never::Refusal),
        ("failed build", Never::FailedBuild),
        ("lost claim", Never::LostClaim),
        ("refused rescue", Never::RefusedRescue),
        ("mistargeted errand", Never::MistargetedErrand),
        ("failed errand", Never::FailedErrand),
        ("expired lease", Never::ExpiredLease),
        ("forgotten step", Never::ForgottenStep),
        ("stranded node", Never::Stranded),
        ("exposed node", Never::Exposed),
    ];

    /// As it is typed.
    #[must_use]
    pub fn words(self) -> &'static str {
        Never::ALL
            .iter()
            .find(|(_, it)| *it == self)
            .map_or("", |(words, _)| words)
    }

    /// Whether it is a state that lasts, and not an instant.
    #[must_use]
    pub fn lasts(self) -> bool {
        matches!(self, Never::Stranded | Never::Exposed)
    }
}

impl Expectation {
    /// Whether it is about the strategy of this label.
    #[must_use]
    pub fn about(&self, label: &str) -> bool {
        self.strategies.iter().any(|strategy| strategy == label)
    }

    /// The expectation in words: `breaches == 0`, `never stranded node longer than 1d`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.wants {
            Wants::Metric {
                metric,
                relation,
                value,
                of,
            } => {
                let whole = if *of == Of::Mean { "mean " } else { "" };
                format!("{whole}{metric} {} {value}", relation.sign())
            }
            Wants::Never { what, longer_than } if *longer_than > Span::ZERO => {
                format!("never {} longer than {longer_than}", what.words())
            }
            Wants::Never { what, .. } => format!("never {}", what.words()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_what_their_signs_say() {
        let holds = |value: f64| {
            let of = |(_, relation): &(&str, Relation)| relation.holds(value, 1.0);
            Relation::ALL.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(holds(2.0), [true, false, true, false, false, true]);
        assert_eq!(holds(1.0), [true, true, false, false, true, false]);
        assert_eq!(holds(0.5), [false, true, false, true, false, true]);
        // What a file shows as equal is equal.
        assert!(Relation::Equal.holds(1.0 + 1e-9, 1.0) && Relation::AtLeast.holds(1.0 - 1e-9, 1.0));
    }

    #[test]
    fn each_never_has_its_words() {
        for (words, never) in Never::ALL {
            assert_eq!(never.words(), words);
        }
    }
}
