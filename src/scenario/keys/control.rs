//! The keys of `[operators]`, `[control_plane]`, `[ironic]` and `[report]`.

use super::{ASSUMPTION, NEUTRAL, Shape, absent, must, opens, preset};

/// `[operators]`.
pub const OPERATORS: Shape = Shape {
    name: "operators",
    keys: &[
        preset(
            "technicians",
            "\"enough\"",
            "assumption: hands are not the bottleneck",
            "how many work at a time, or enough",
        ),
        absent(
            "shift",
            "the hours of the day (in `scenario.time_zone`) in which work begins, such as [\"08:00\", \"18:00\"]; else any",
        ),
        opens(
            &CREW,
            absent(
                "crew",
                "technicians with hours, racks and skills of their own, in place of `technicians` and `shift`",
            ),
        ),
        preset(
            "action",
            "{ lognormal = { median = \"10m\", sigma = 1.0 } }",
            ASSUMPTION,
            "the time until a human has done one step (a law)",
        ),
        preset(
            "slip",
            "0.02",
            ASSUMPTION,
            "the probability that a human forgets a step of a return",
        ),
        preset(
            "slip_flag",
            "0.02",
            "assumption: as often as a step is forgotten",
            "the probability that a human who has ended his work takes flag or mark off although others are still at the node",
        ),
        preset(
            "wrong_pool",
            "0.1",
            ASSUMPTION,
            "of forgotten returns of an owned node, the share that goes to the wrong pool",
        ),
        preset(
            "audit",
            "\"7d\"",
            "assumption: a weekly look at the list",
            "how often what was forgotten is found, or never",
        ),
        preset(
            "retry",
            "\"10m\"",
            ASSUMPTION,
            "how long an operator waits before a refused boot is tried again",
        ),
        preset(
            "notice_wrong",
            "\"10m\"",
            ASSUMPTION,
            "how long after the boot of a wrong machine the operator sees it",
        ),
    ],
};

/// `[[operators.crew]]`.
pub const CREW: Shape = Shape {
    name: "crew",
    keys: &[
        preset(
            "technicians",
            "1",
            "one pair of hands",
            "how many of them work at a time",
        ),
        absent(
            "shift",
            "the hours of the day in which they begin work, such as [\"08:00\", \"18:00\"]; else any",
        ),
        absent(
            "days",
            "the days of the week on which their shift begins, such as [\"mon\", \"tue\"]; else all",
        ),
        absent("racks", "the racks that are theirs; else all"),
        absent(
            "skills",
            "the kinds of fault that they can mend, and \"spell\", \"campaign\", \"clean\"; else everything",
        ),
    ],
};

/// `[control_plane]`.
pub const CONTROL_PLANE: Shape = Shape {
    name: "control_plane",
    keys: &[
        opens(
            &LOOP,
            preset(
                "loop",
                "{}",
                "nova's periodic task",
                "how facts reach the scheduler: instant, or { period, per_node, jitter }",
            ),
        ),
        preset(
            "update_resources_max_workers",
            "1",
            "nova 34.0 [compute] update_resources_max_workers",
            "how many nodes a pass of the loop works on at a time",
        ),
        preset(
            "cap",
            "1000",
            "nova 34.0 [scheduler] max_placement_results",
            "how many candidates leave Placement at most, or none",
        ),
        preset(
            "cap_order",
            "\"random\"",
            "which survive is arbitrary in placement 16.0",
            "which survive the cap: random or lowest",
        ),
        preset(
            "pick",
            "\"random\"",
            "nova 34.0: equals are in arbitrary order",
            "which of equals is taken: random, lowest or least-recent",
        ),
        preset(
            "filters",
            "[\"ComputeFilter\", \"ComputeCapabilitiesFilter\", \"ImagePropertiesFilter\", \
             \"ServerGroupAntiAffinityFilter\", \"ServerGroupAffinityFilter\"]",
            "nova 34.0 [filter_scheduler] enabled_filters",
            "the filters after the cap, in order; one that a strategy's mechanism needs is added at the end",
        ),
        preset(
            "isolated_hosts",
            "[]",
            "nova 34.0 [filter_scheduler] isolated_hosts",
            "compute services (conductor groups) for isolated images, where IsolatedHostsFilter is enabled",
        ),
        preset(
            "isolated_images",
            "[]",
            "nova 34.0 [filter_scheduler] isolated_images",
            "images that run on isolated compute services alone",
        ),
        preset(
            "restrict_isolated_hosts",
            "true",
            "nova 34.0 restrict_isolated_hosts_to_isolated_images",
            "whether nothing but isolated images runs on isolated compute services",
        ),
        absent(
            "default_architecture",
            "what ImagePropertiesFilter takes for the architecture of an image that names none, such as \"x86_64\"",
        ),
        preset(
            "traits_created",
            "true",
            "assumption: operators create a trait before a flavor names it",
            "whether the traits by which marks work exist from the beginning; else from when a node first reported one, \
             and until then Placement refuses every request that requires or forbids it (HTTP 400)",
        ),
        preset(
            "isolated_aggregates",
            "false",
            "nova 34.0 [scheduler] enable_isolated_aggregate_filtering; a mechanism that needs it turns it on",
            "keep off aggregates with trait:X=required who does not require X",
        ),
        preset(
            "tenant_aggregates",
            "\"off\"",
            "nova 34.0 [scheduler] limit_tenants_to_placement_aggregate",
            "confine tenants to the aggregates with their filter_tenant_id: off, limit, or required (all need one)",
        ),
        preset(
            "weigh_failed_builds",
            "true",
            "nova 34.0 build_failure_weight_multiplier = 1000000",
            "whether failed builds weigh a node down",
        ),
        preset(
            "attempts",
            "3",
            "nova 34.0 [scheduler] max_attempts",
            "how many attempts a build has; alternates are one fewer",
        ),
        preset(
            "driver_refusal",
            "\"600ms\"",
            "measured on a running Nova 34.0 and Ironic 39.0: 0.6 s",
            "how long a driver needs to refuse a node right after its claim, before the next alternate (a law)",
        ),
        preset(
            "keep_clear",
            "false",
            "Nova cannot",
            "whether requests whose planned end runs into announced work are kept off that node, as Slurm's and Blazar's \
             reservations do; one that has planned no end has none",
        ),
        preset(
            "quota",
            "\"none\"",
            "assumption: whole machines are rarely under quota",
            "machines in all that a tenant may have at once (Nova's `instances`), or none",
        ),
        preset(
            "class_quota",
            "{}",
            "assumption: whole machines are rarely under quota",
            "machines of a class that a tenant may have at once, such as { gpu = 2 }; it holds beside `quota`",
        ),
        opens(
            &TENANT_QUOTA,
            absent(
                "tenant_quota",
                "what holds for one tenant in place of `quota` and `class_quota`",
            ),
        ),
    ],
};

/// `[[control_plane.tenant_quota]]`.
pub const TENANT_QUOTA: Shape = Shape {
    name: "control_plane.tenant_quota",
    keys: &[
        must("tenant", "\"tenant\"", "the tenant"),
        absent("machines", "its machines in all, or none; else as `quota` says"),
        preset(
            "classes",
            "{}",
            NEUTRAL,
            "its machines by class, such as { gpu = 4 }; else as `class_quota` says",
        ),
    ],
};

/// `loop` of the control plane.
pub const LOOP: Shape = Shape {
    name: "control_plane.loop",
    keys: &[
        preset(
            "period",
            "\"60s\"",
            "nova 34.0 update_resources_interval = 0, which is 60 s",
            "the spacing of passes (0 is 60 s, as in Nova); when one begins also goes by its length and the service's other tasks",
        ),
        preset(
            "per_node",
            "\"2s\"",
            "assumption, fitted to CERN's 3 h a pass before sharding and 15 min after",
            "what a pass spends on each node",
        ),
        preset(
            "jitter",
            "0.05",
            "oslo.service 4.x periodic_task: up to 5 %, in whole seconds",
            "how much later than its boundary a pass may be due, as a share of the spacing",
        ),
    ],
};

/// `[ironic]`.
pub const IRONIC: Shape = Shape {
    name: "ironic",
    keys: &[
        preset(
            "deploy",
            "{ lognormal = { median = \"12m\", sigma = 0.3 } }",
            "assumption: two boots and an image",
            "from claim to active (a law)",
        ),
        preset(
            "cleaning",
            "{ lognormal = { median = \"15m\", sigma = 0.4 } }",
            "assumption: a boot and metadata erased",
            "automated cleaning (a law)",
        ),
        preset(
            "rescue",
            "\"8m\"",
            "assumption: one boot",
            "booting the rescue image, and booting back (a law)",
        ),
        preset(
            "build_failure",
            "0.01",
            ASSUMPTION,
            "the probability that a build fails on a healthy node",
        ),
        preset(
            "build_failure_time",
            "\"30m\"",
            "ironic 39.0 [conductor] deploy_callback_timeout = 1800",
            "how long a build takes to fail (a law)",
        ),
        preset(
            "clean_failure",
            "0.005",
            ASSUMPTION,
            "the probability that a clean fails",
        ),
        preset(
            "power_detection",
            "\"drawn\"",
            "ironic 39.0 [conductor]: 4 failed power syncs, sync_power_state_interval = 120 s apart",
            "from a power failure until Ironic sets flag and fault: 6 to 8 minutes by the phase of its loop, or a fixed time",
        ),
        preset(
            "power_recovery",
            "\"5m\"",
            "ironic 39.0 [conductor] power_failure_recovery_interval = 300",
            "the period of the check that clears the flag of a node whose power is back",
        ),
        preset(
            "allow_provisioning_in_maintenance",
            "true",
            "ironic 39.0 [conductor] allow_provisioning_in_maintenance",
            "whether cleans and deploys wait in maintenance for the flag to be cleared; else they fail there",
        ),
        preset(
            "deploy_in_maintenance",
            "false",
            "ironic 39.0 refuses it",
            "the patched Ironic in which deploy and rescue work under the flag",
        ),
        preset(
            "agent",
            "true",
            "ironic 39.0: every deploy interface but ramdisk, anaconda and fake has one",
            "whether deploys and cleans wait for an agent, which is not heard in maintenance; without one Ironic holds its lock \
             throughout, and flags, traits and classes wait until the node is done",
        ),
        preset(
            "automated_clean",
            "true",
            "ironic 39.0 [conductor] automated_clean",
            "whether a node is cleaned after its tenant; without it no clean takes time or fails",
        ),
        preset(
            "holds",
            "\"boolean\"",
            "ironic 39.0 has one flag",
            "boolean: one flag, which automation clears for all; typed: each reason is a hold of its own (a spec of 2026)",
        ),
    ],
};

/// `[report]`.
pub const REPORT: Shape = Shape {
    name: "report",
    keys: &[
        preset("metrics", "[]", "the default set", "the metrics in the printed table"),
        preset("confidence", "0.95", "convention", "the level of all intervals"),
        preset(
            "warm_up",
            "\"mser-5\"",
            "MSER-5 (White, Cobb and Spratt 2000); a replay cuts nothing",
            "what is cut from the start of each replication: a time, \"mser-5\" (a pilot finds it) or \"none\"",
        ),
        preset(
            "story",
            "false",
            "for small scenarios only",
            "tell replication 0 event by event",
        ),
        absent(
            "log_requests",
            "whether requests.csv has the rows of replication 0; without it, where at most 1 million are expected",
        ),
        opens(
            &PRECISION,
            absent(
                "precision",
                "go on with replications until a metric is known so well: `{ metric = \"acceptance\", half_width = \"0.2pp\" }`",
            ),
        ),
        opens(
            &BEST,
            absent(
                "best",
                "go on until the best strategy is known: `{ metric = \"acceptance\", indifference = \"0.5pp\" }`",
            ),
        ),
    ],
};

/// `[report] precision`.
pub const PRECISION: Shape = Shape {
    name: "precision",
    keys: &[
        must("metric", "\"acceptance\"", "the metric (`sickbay metrics` lists them)"),
        preset(
            "of",
            "\"mean\"",
            "every strategy by itself",
            "of every strategy's `mean`, or of every `difference` from the baseline",
        ),
        must(
            "half_width",
            "\"0.2pp\"",
            "the interval's half-width: points of a share (\"0.2pp\"), a share of the mean (\"5%\"), or a number in the metric's unit",
        ),
        preset("confidence", "0.95", "convention", "the level of the interval"),
        preset(
            "max_replications",
            "500",
            "a budget",
            "the replications after which it ends all the same",
        ),
    ],
};

/// `[report] best`.
pub const BEST: Shape = Shape {
    name: "best",
    keys: &[
        must("metric", "\"acceptance\"", "the metric, which must have a good side"),
        must(
            "indifference",
            "\"0.5pp\"",
            "the difference that is not worth telling: points of a share (\"0.5pp\") or a number in the metric's unit",
        ),
        preset(
            "confidence",
            "0.95",
            "convention",
            "the probability with which the right one is chosen",
        ),
        preset(
            "max_replications",
            "500",
            "a budget",
            "the replications after which it ends all the same",
        ),
    ],
};
