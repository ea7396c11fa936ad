//! `[maintenance]`: errands, faults, campaigns and spells.

use super::{ASSUMPTION, NEUTRAL, Shape, absent, must, opens, preset};

/// `[maintenance]`.
pub const MAINTENANCE: Shape = Shape {
    name: "maintenance",
    keys: &[
        absent("trace", "a maintenance.csv"),
        preset(
            "spells",
            "\"as-recorded\"",
            "the conservative reading",
            "as-recorded: spells end as recorded; as-work: the strategy adds its route",
        ),
        preset(
            "practice_route",
            "\"2h\"",
            ASSUMPTION,
            "as-work: the time that an errand's route took under the recorded practice",
        ),
        preset(
            "drain",
            "\"tenant-leaves\"",
            "39 of 105 recorded spells began under a tenant (CHI@TACC)",
            "what becomes of an instance: at-once, tenant-leaves or { deadline = \"48h\" }",
        ),
        opens(
            &ERRANDS,
            preset(
                "errands",
                "{}",
                NEUTRAL,
                "the operators' boots on a node in maintenance",
            ),
        ),
        preset(
            "clean_work",
            "\"1h\"",
            ASSUMPTION,
            "hands-on work after a failed automated clean (a law)",
        ),
        opens(&FAULTS, absent("faults", "faults of the hardware")),
        opens(
            &CAMPAIGN,
            absent("campaign", "planned maintenance over a selection of nodes"),
        ),
        opens(&SPELL, absent("spell", "a spell of maintenance written by hand")),
    ],
};

/// `errands` of maintenance, faults and campaigns.
pub const ERRANDS: Shape = Shape {
    name: "errands",
    keys: &[
        preset(
            "counts",
            "0",
            "no trace records them",
            "how many boots: a number, or [[count, weight], …]",
        ),
        preset("duration", "\"1h\"", ASSUMPTION, "how long each runs (a law)"),
    ],
};

/// `[[maintenance.faults]]`.
pub const FAULTS: Shape = Shape {
    name: "maintenance.faults",
    keys: &[
        absent(
            "name",
            "its name: what its luck hangs on, whatever else is changed of it; else all that it says",
        ),
        preset("classes", "[]", "all classes", "the classes whose nodes it strikes"),
        must(
            "between",
            "{ exponential = \"200d\" }",
            "the time from fault to fault of one node (a law)",
        ),
        preset(
            "age",
            "\"stationary\"",
            "a fleet is not new at the epoch",
            "the hardware at the begin: stationary (some of it old, some broken) or new; of nodes that join later always new",
        ),
        absent("drain", "what becomes of an instance; else as [maintenance]"),
        opens(
            &ERRANDS,
            absent("errands", "the operators' boots; else as [maintenance]"),
        ),
        opens(&KIND, must("kind", "[{ work = \"2h\" }]", "the kinds of fault")),
    ],
};

/// `[[maintenance.faults.kind]]`.
pub const KIND: Shape = Shape {
    name: "maintenance.faults.kind",
    keys: &[
        preset("name", "\"fault\"", NEUTRAL, "its name"),
        preset("share", "1.0", NEUTRAL, "its weight among the kinds"),
        preset(
            "interrupts",
            "true",
            "a broken node serves nobody",
            "whether it ends the instance under which it strikes",
        ),
        preset(
            "deploy_fails",
            "1.0",
            ASSUMPTION,
            "the probability that a deploy onto the broken node fails",
        ),
        preset(
            "power",
            "false",
            "ironic notices power faults only",
            "whether Ironic's power sync notices it and sets flag and hold",
        ),
        preset(
            "detection",
            "\"0s\"",
            ASSUMPTION,
            "how long it takes the operators to notice (a law)",
        ),
        must(
            "work",
            "{ lognormal = { median = \"4h\", sigma = 1.0 } }",
            "hands-on work to mend it (a law)",
        ),
    ],
};

/// `[[maintenance.campaign]]`.
pub const CAMPAIGN: Shape = Shape {
    name: "maintenance.campaign",
    keys: &[
        preset("name", "\"campaign\"", NEUTRAL, "its name"),
        must(
            "start",
            "\"7d\"",
            "when it begins: a time after the epoch, or an instant",
        ),
        preset("every", "\"once\"", NEUTRAL, "how often it comes again, or once"),
        preset(
            "classes",
            "[]",
            "all classes",
            "the classes of the nodes that it touches",
        ),
        preset(
            "share",
            "1.0",
            "all of them",
            "the share of the selected nodes that it touches, rounded down",
        ),
        opens(
            &BUDGET,
            preset(
                "budget",
                "{ share = 0.05 }",
                ASSUMPTION,
                "how many nodes may be out at once",
            ),
        ),
        preset(
            "waves",
            "false",
            ASSUMPTION,
            "whether the next nodes begin only when the whole wave is back",
        ),
        absent(
            "window",
            "nodes are taken and hands-on work begins only within these hours of the day (from, to), in the scenario's time \
             zone, such as [\"22:00\", \"06:00\"]",
        ),
        preset(
            "days",
            "[]",
            "every day",
            "the days of the week on which these hours begin: mon, tue, wed, thu, fri, sat, sun",
        ),
        preset(
            "finish",
            "\"begun\"",
            "the usual practice",
            "begun: work that has begun is finished; inside: nothing is begun that cannot be finished within the hours",
        ),
        preset(
            "announce",
            "\"0s\"",
            "not before it begins",
            "how long before a round begins its nodes are known; see control_plane.keep_clear",
        ),
        absent("drain", "what becomes of an instance; else as [maintenance]"),
        must("work", "\"30m\"", "hands-on work per node (a law)"),
        opens(
            &ERRANDS,
            absent("errands", "the operators' boots; else as [maintenance]"),
        ),
    ],
};

/// `budget` of a campaign.
pub const BUDGET: Shape = Shape {
    name: "budget",
    keys: &[
        absent(
            "scope",
            "over what it counts: fleet, rack or class; else fleet for a number and class for a share",
        ),
        absent("nodes", "the number of nodes, or"),
        absent(
            "share",
            "the share of the scope's nodes that are in the fleet, rounded down, at least one",
        ),
        preset(
            "counts",
            "\"all\"",
            "Kubernetes' disruption budgets",
            "all: every node of the scope that is away, for whatever reason; campaign: those that the campaign has taken",
        ),
    ],
};

/// `[[maintenance.spell]]`.
pub const SPELL: Shape = Shape {
    name: "maintenance.spell",
    keys: &[
        must("node", "\"compute-1\"", "the node"),
        must(
            "start",
            "\"2d\"",
            "when it goes into maintenance: a time after the epoch, or an instant",
        ),
        absent("end", "when it comes back; else never"),
        preset(
            "kind",
            "\"planned\"",
            ASSUMPTION,
            "planned, fault, hardware-failure or operator-hold",
        ),
    ],
};
