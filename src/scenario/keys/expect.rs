//! The keys of `[[expect]]`.

use super::{Shape, absent, preset};

/// `[[expect]]`.
pub const EXPECT: Shape = Shape {
    name: "expect",
    keys: &[
        absent(
            "metric",
            "a metric (`sickbay metrics` lists them) that keeps to a bound, or",
        ),
        absent("never", "something that never happens, such as \"breach\""),
        absent(
            "strategy",
            "the label of the strategy that it is about, or a name that several bear; else all",
        ),
        absent("relation", "of a metric: >=, <=, >, <, == or !="),
        absent("value", "of a metric: the bound, in the metric's unit"),
        preset(
            "of",
            "\"every\"",
            "a rule has no exceptions",
            "of a metric: every replication's value, or the mean (its whole interval)",
        ),
        preset(
            "longer_than",
            "\"0s\"",
            "not for an instant",
            "of `stranded node` and `exposed node`: what is shorter is let pass",
        ),
        absent("why", "what it is there for: told when it is broken"),
    ],
};
