//! Every key that a scenario file may have: its default, where the default comes from, and what
//! the key means. This table is the only place where a default is written down; the strict reader,
//! `validate --effective` and the lists of known keys are all read off it.
//!
//! "Assumption" means that no source was found: such a default is a round figure to be replaced
//! by a site's own.

mod control;
mod expect;
mod maintenance;
pub mod ranges;

pub use control::{CONTROL_PLANE, IRONIC, LOOP, OPERATORS, REPORT, TENANT_QUOTA};
pub use expect::EXPECT;
pub use maintenance::{BUDGET, CAMPAIGN, ERRANDS, FAULTS, KIND, MAINTENANCE, SPELL};

use super::tree::{self, Branch, Value};

/// What happens when a key is not typed.
#[derive(Clone, Copy, Debug)]
pub enum Preset {
    /// It must be typed; this is an example of a value.
    Must(&'static str),
    /// Nothing is set.
    Absent,
    /// This value in TOML, and where it comes from.
    Is(&'static str, &'static str),
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What happens when it is not typed.
    pub preset: Preset,
    /// What it means.
    pub doc: &'static str,
    /// The keys of the table that it opens, if it opens one.
    pub opens: Option<&'static Shape>,
}

/// The keys of a table.
#[derive(Debug)]
pub struct Shape {
    /// The table's name.
    pub name: &'static str,
    /// Its keys, in the order in which they are printed.
    pub keys: &'static [Key],
}

impl Shape {
    /// The key of this name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// What the table or list at a path would be that the file does not have: its preset, or where an entry of a list does in this
/// as the table around it (faults and campaigns have the errands of `[maintenance]`), what that says. None where that has no
/// entries.
#[must_use]
pub fn inherited(root: &Branch, path: &[&str]) -> Option<Value> {
    let (name, above) = path.split_last()?;
    let (mut shape, mut typed, mut lender) = (&FILE, Some(root), None);
    let mut steps = above.iter();
    while let Some(step) = steps.next() {
        let value = typed.and_then(|typed| typed.get(*step)).map(|(_, item)| &item.value);
        let opened = shape.key(step)?.opens?;
        typed = match value {
            Some(Value::List(items)) => {
                lender = Some((shape, typed));
                let entry = &items[tree::entry_at(items, steps.next()?)?];
                table_of(&entry.value)
            }
            other => other.and_then(table_of),
        };
        shape = opened;
    }
    let said = |(shape, typed): (&Shape, Option<&Branch>)| {
        let key = shape.key(name)?;
        let item = typed
            .and_then(|typed| typed.get(*name))
            .map(|(_, item)| item.value.clone());
        let preset = || match key.preset {
            Preset::Is(text, _) => tree::parse_value(text, 0, 0).ok().map(|item| item.value),
            Preset::Must(_) | Preset::Absent => None,
        };
        item.or_else(preset)
    };
    let value = said((shape, typed)).or_else(|| said(lender?))?;
    match &value {
        Value::Table(branch) if !branch.is_empty() => Some(value),
        Value::List(items) if !items.is_empty() => Some(value),
        _ => None,
    }
}

fn table_of(value: &Value) -> Option<&Branch> {
    match value {
        Value::Table(branch) => Some(branch),
        _ => None,
    }
}

const fn must(name: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key {
        name,
        preset: Preset::Must(example),
        doc,
        opens: None,
    }
}

const fn absent(name: &'static str, doc: &'static str) -> Key {
    Key {
        name,
        preset: Preset::Absent,
        doc,
        opens: None,
    }
}

const fn preset(name: &'static str, value: &'static str, source: &'static str, doc: &'static str) -> Key {
    Key {
        name,
        preset: Preset::Is(value, source),
        doc,
        opens: None,
    }
}

const fn opens(shape: &'static Shape, key: Key) -> Key {
    Key {
        opens: Some(shape),
        ..key
    }
}

const ASSUMPTION: &str = "assumption";
const NEUTRAL: &str = "changes nothing";

/// The file.
pub const FILE: Shape = Shape {
    name: "",
    keys: &[
        opens(&SCENARIO, must("scenario", "{ name = …, horizon = … }", "what is run")),
        opens(&FLEET, must("fleet", "{ source = \"nodes.csv\" }", "the nodes")),
        opens(&WORKLOAD, absent("workload", "demand; several of them add up")),
        opens(
            &MAINTENANCE,
            preset("maintenance", "{}", NEUTRAL, "recorded spells, faults and campaigns"),
        ),
        opens(
            &OPERATORS,
            preset("operators", "{}", NEUTRAL, "the people who maintain"),
        ),
        opens(
            &CONTROL_PLANE,
            preset("control_plane", "{}", NEUTRAL, "the scheduler and its view"),
        ),
        opens(
            &IRONIC,
            preset("ironic", "{}", NEUTRAL, "times and odds of deploys and cleans"),
        ),
        opens(&REPORT, preset("report", "{}", NEUTRAL, "what is shown")),
        opens(
            &EXPECT,
            absent(
                "expect",
                "what `sickbay check` verifies; several of them all have to hold",
            ),
        ),
    ],
};

/// `[scenario]`.
pub const SCENARIO: Shape = Shape {
    name: "scenario",
    keys: &[
        must("name", "\"my-scenario\"", "names the results folder"),
        preset(
            "epoch",
            "\"2024-01-01T00:00:00Z\"",
            "a Monday, so that hours of the week count from 0",
            "the instant of time 0",
        ),
        preset(
            "time_zone",
            "\"UTC\"",
            NEUTRAL,
            "the IANA time zone of hours of the day and days of the week, such as \"Europe/Berlin\", by the bundled data",
        ),
        must(
            "horizon",
            "\"90d\"",
            "when a run ends: a time after the epoch, or an instant",
        ),
        preset("seed", "1", "any number does", "the master seed"),
        preset(
            "replications",
            "10",
            "assumption: enough for a first look at the intervals",
            "how many replications",
        ),
        preset(
            "strategies",
            "[\"naive\", \"withdraw\", \"hidden-via-extra-spec\", \"tenant-reservation\"]",
            "the whole roster",
            "what is compared: names, or tables { name, label, <parameters> }",
        ),
        absent(
            "baseline",
            "the label that the others are compared with; else `withdraw`, or the first",
        ),
    ],
};

/// `[fleet]`.
pub const FLEET: Shape = Shape {
    name: "fleet",
    keys: &[
        absent("source", "a nodes.csv"),
        preset(
            "scale",
            "1.0",
            NEUTRAL,
            "below 1: a seeded part of each class, at least one node; above 1: copies",
        ),
        absent(
            "conductor_groups",
            "split the fleet round robin over this many conductor groups",
        ),
        opens(&OWNERS, preset("owners", "{}", NEUTRAL, "nodes that belong to tenants")),
        opens(
            &AGGREGATE,
            absent(
                "aggregate",
                "host aggregates: availability zones, tenants' own, isolated ones",
            ),
        ),
        opens(&GROUP, absent("group", "nodes that are alike")),
    ],
};

/// `[fleet.owners]`.
pub const OWNERS: Shape = Shape {
    name: "fleet.owners",
    keys: &[
        preset(
            "share",
            "0.0",
            NEUTRAL,
            "the share of each class that belongs to tenants",
        ),
        preset(
            "tenants",
            "[]",
            NEUTRAL,
            "the owners, each of as many nodes of a class as any other but for one",
        ),
        preset(
            "overflow",
            "true",
            ASSUMPTION,
            "whether a tenant that owns nodes may use the common ones too",
        ),
    ],
};

/// `[[fleet.aggregate]]`.
pub const AGGREGATE: Shape = Shape {
    name: "fleet.aggregate",
    keys: &[
        must("name", "\"az1\"", "its name, which groups list under `aggregates`"),
        preset(
            "metadata",
            "{}",
            NEUTRAL,
            "its metadata, such as { availability_zone = \"az1\" } or { \"trait:CUSTOM_GPU\" = \"required\" }",
        ),
        preset(
            "conductor_groups",
            "[]",
            NEUTRAL,
            "the compute services that are its hosts in Nova: filters see it on every node of them",
        ),
    ],
};

/// `[[fleet.group]]`.
pub const GROUP: Shape = Shape {
    name: "fleet.group",
    keys: &[
        must("class", "\"compute\"", "the resource class"),
        must("nodes", "16", "how many nodes"),
        absent("name", "what the nodes' names begin with; else the class"),
        preset(
            "racks",
            "1",
            "assumption: one rack a group",
            "over how many racks the nodes are spread, in blocks",
        ),
        absent("rack", "the rack, when it is one and shared with other groups"),
        preset(
            "conductor_group",
            "\"default\"",
            "one compute service",
            "the conductor group",
        ),
        preset("traits", "[]", NEUTRAL, "what the nodes can do"),
        preset(
            "capabilities",
            "{}",
            NEUTRAL,
            "Ironic's capabilities, which flavors' extra specs are held against, such as { boot_mode = \"uefi\" }",
        ),
        preset(
            "aggregates",
            "[]",
            NEUTRAL,
            "the aggregates that hold the nodes in Placement, by the names of [[fleet.aggregate]]",
        ),
        absent("owner", "the tenant that owns them"),
        absent("lessee", "the tenant that they are leased to"),
        absent(
            "retired_at",
            "from when on they are retired: no node is available again after the tenant whom it has then, or has next",
        ),
    ],
};

/// `[[workload]]`.
pub const WORKLOAD: Shape = Shape {
    name: "workload",
    keys: &[
        absent("name", "its name; else `workload-1`, `workload-2`, …"),
        preset(
            "kind",
            "\"people\"",
            "the usual case",
            "people, monitoring or operator; a trace says it per row",
        ),
        absent("trace", "a requests.csv"),
        preset("scale", "1.0", NEUTRAL, "the load factor"),
        preset(
            "on_refusal",
            "\"give-up\"",
            "a loss system",
            "give-up, { retry = 3, backoff = \"10m\" } or { wait = \"6h\" }",
        ),
        preset(
            "line",
            "\"open\"",
            "work-conserving",
            "open: of those who wait whoever fits is served, in order of arrival; strict: who waits holds back all who \
             asked for the class later",
        ),
        preset(
            "multi",
            "\"nova\"",
            "nova 34.0: claims are all or nothing",
            "how several machines are given: nova (lowered only by the quota, else all or nothing) or blazar (what there \
             is from min_count to count); a trace may say it per row",
        ),
        opens(
            &RESCUE,
            absent("rescue", "tenants' rescues during the life of an instance"),
        ),
        preset(
            "names_owner",
            "1.0",
            "a careful client",
            "the share of requests that name their owner to Ironic's allocation API",
        ),
        absent(
            "hours_of_week",
            "168 relative intensities, Monday 0h in the time zone first; else constant",
        ),
        preset(
            "tenants",
            "1",
            ASSUMPTION,
            "how many tenants, or a list of names, or of { name, share }",
        ),
        preset(
            "skew",
            "0.0",
            "equal shares",
            "the n-th tenant's share falls as 1 / n^skew",
        ),
        opens(&FLAVOR, absent("flavor", "a Poisson process of like requests")),
        opens(&REQUEST, absent("request", "a request written by hand")),
    ],
};

/// `rescue` of a workload.
pub const RESCUE: Shape = Shape {
    name: "rescue",
    keys: &[
        must("share", "0.02", "the share of instances that need one"),
        preset(
            "length",
            "\"2h\"",
            ASSUMPTION,
            "how long the tenant works in the rescue image (a law)",
        ),
    ],
};

/// `[[workload.flavor]]`.
pub const FLAVOR: Shape = Shape {
    name: "workload.flavor",
    keys: &[
        absent(
            "name",
            "its name: what its luck hangs on, whatever else is changed of it; else all that it says",
        ),
        must("class", "\"compute\"", "the resource class"),
        must("per_day", "12.0", "requests per day"),
        preset(
            "sizes",
            "1",
            "one machine each",
            "machines per request: a number, or [[count, weight], …]",
        ),
        must("hold", "{ exponential = \"24h\" }", "how long they are held (a law)"),
        preset("traits", "[]", NEUTRAL, "what the nodes must have"),
        preset("forbidden", "[]", NEUTRAL, "what the nodes must not have"),
        EXTRA_SPECS,
        QUERY,
        SAME_HOST,
        DIFFERENT_HOST,
        RESERVATION,
        opens(&SERVER_GROUP, SERVER_GROUP_KEY),
        IMAGE,
        IMAGE_PROPERTIES,
        ZONE,
    ],
};

const EXTRA_SPECS: Key = preset(
    "extra_specs",
    "{}",
    NEUTRAL,
    "the flavor's further extra specs, such as { \"capabilities:boot_mode\" = \"s== uefi\" }",
);
const QUERY: Key = absent(
    "query",
    "JsonFilter's hint, such as '[\"=\", \"$hypervisor_hostname\", \"gpu-3\"]'; ignored unless the filter is enabled",
);
const SAME_HOST: Key = preset(
    "same_host",
    "[]",
    NEUTRAL,
    "SameHostFilter's hint: names of requests, one of which is to be on the compute service",
);
const DIFFERENT_HOST: Key = preset(
    "different_host",
    "[]",
    NEUTRAL,
    "DifferentHostFilter's hint: names of requests, none of which is to be on the compute service",
);
const RESERVATION: Key = preset(
    "reservation",
    "[]",
    NEUTRAL,
    "BlazarFilter's hint: names of reservations, which are aggregates of compute services",
);
const SERVER_GROUP_KEY: Key = absent(
    "group",
    "the server group that its machines belong to: `{ name = \"db\", policy = \"anti-affinity\" }`; compute services count, not nodes",
);
const IMAGE: Key = absent("image", "the image's id, for IsolatedHostsFilter");
const IMAGE_PROPERTIES: Key = preset(
    "image_properties",
    "{}",
    NEUTRAL,
    "the image's properties, such as { hw_architecture = \"aarch64\" }; a node supports its capability `cpu_arch`",
);

/// `group` of a flavor or request.
pub const SERVER_GROUP: Shape = Shape {
    name: "workload.request.group",
    keys: &[
        must("name", "\"db\"", "the server group's name"),
        must(
            "policy",
            "\"anti-affinity\"",
            "affinity, anti-affinity, soft-affinity or soft-anti-affinity",
        ),
        preset(
            "max_server_per_host",
            "1",
            "nova 34.0 rules of a server group",
            "how many of an anti-affinity group may be on one compute service",
        ),
    ],
};
const ZONE: Key = absent("availability_zone", "the availability zone that is asked for");

/// `[[workload.request]]`.
pub const REQUEST: Shape = Shape {
    name: "workload.request",
    keys: &[
        must(
            "at",
            "\"2h\"",
            "when it is asked for: a time after the epoch, or an instant",
        ),
        absent("start", "when it is to begin, if later"),
        preset("tenant", "\"tenant\"", ASSUMPTION, "who asks"),
        must("class", "\"compute\"", "the resource class"),
        preset("count", "1", NEUTRAL, "how many machines"),
        absent(
            "min_count",
            "with how few it is content (`multi` says who may lower it); else the count",
        ),
        must("hold", "\"24h\"", "how long it holds them"),
        absent("planned", "how long it said it would; else the hold"),
        preset("traits", "[]", NEUTRAL, "what the nodes must have"),
        preset("forbidden", "[]", NEUTRAL, "what the nodes must not have"),
        EXTRA_SPECS,
        QUERY,
        SAME_HOST,
        DIFFERENT_HOST,
        RESERVATION,
        opens(&SERVER_GROUP, SERVER_GROUP_KEY),
        IMAGE,
        IMAGE_PROPERTIES,
        ZONE,
        absent("name", "what stories and `explain` call it"),
    ],
};
