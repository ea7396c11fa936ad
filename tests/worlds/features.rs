//! The generator: every feature of the program that a scenario can turn on, one row each. A world first draws how
//! many features are on, then which (swarm testing: Groce and others, ISSTA 2012), then their values.
//!
//! Adding a key is adding a row: its name, the keys that it needs (a row whose keys the program does not know is never
//! on), and what it writes.

use sickbay::scenario::keys::{FILE, Shape};
use sickbay::strategy::{ParamKind, ROSTER};

use super::dice::Dice;
use super::doc::{Table, Val, table, text, texts};
use super::draft::{DAY, Draft, HOUR, MINUTE, Place, csv};

/// A feature of a scenario.
pub struct Feature {
    pub name: &'static str,
    /// Keys that the program must know, by their paths.
    needs: &'static [&'static str],
    /// Features without which it does nothing: it is on only with one of them.
    with: &'static [&'static str],
    put: fn(&mut Draft),
}

const fn row(
    name: &'static str,
    needs: &'static [&'static str],
    with: &'static [&'static str],
    put: fn(&mut Draft),
) -> Feature {
    Feature { name, needs, with, put }
}

/// Whether the program knows a key.
pub fn known(path: &str) -> bool {
    let mut shape: Option<&Shape> = Some(&FILE);
    for step in path.split('.') {
        let Some(key) = shape.and_then(|shape| shape.key(step)) else {
            return false;
        };
        shape = key.opens;
    }
    true
}

const DEMAND: &[&str] = &["poisson", "list", "trace"];
const UPKEEP: &[&str] = &["spells", "spells-csv", "faults", "campaign"];

/// Every feature, in the order in which they write.
pub const FEATURES: &[Feature] = &[
    // The fleet.
    row("nodes-csv", &[], &[], nodes_csv),
    row("joins", &[], &["nodes-csv"], |d| {
        some_rows(d, "available_from_s", Draft::instant)
    }),
    row("leaves", &[], &["nodes-csv"], |d| {
        some_rows(d, "available_until_s", Draft::instant)
    }),
    row("class-changes", &[], &["nodes-csv"], class_changes),
    row("traits", &[], &[], traits),
    row("racks", &[], &[], racks),
    row("conductor-groups", &[], &[], conductor_groups),
    row("owners", &["fleet.owners.share"], &[], owners),
    row("group-owners", &["fleet.group.owner"], &[], group_owners),
    row("zones", &["fleet.aggregate.metadata"], &[], zones),
    row("capabilities", &["fleet.group.capabilities"], &[], |d| {
        d.some(Place::Groups, |d, group| {
            let mode = *d.dice.pick(&["uefi", "bios"]);
            group.set("capabilities", table(vec![("boot_mode", text(mode))]));
        });
    }),
    row("retires", &["fleet.group.retired_at"], &[], |d| {
        d.some(Place::Groups, |d, group| group.set("retired_at", d.instant()));
    }),
    row("fleet-scale", &["fleet.scale"], &[], |d| {
        let scale = *d.dice.pick(&[0.5, 0.75, 2.0]);
        d.put("fleet", "scale", Val::Num(scale));
    }),
    // Demand.
    row("poisson", &[], &[], poisson),
    row("list", &[], &[], list),
    row("trace", &[], &[], trace),
    row("retry", &[], DEMAND, |d| {
        d.some(Place::Workloads, |d, w| {
            let (times, pause) = (d.dice.between(1, 4), d.positive());
            w.set(
                "on_refusal",
                table(vec![("retry", Val::Int(times as i64)), ("backoff", pause)]),
            );
        });
    }),
    row("wait", &[], DEMAND, |d| {
        d.some(Place::Workloads, |d, w| {
            let patience = if d.dice.chance(20) {
                d.length()
            } else {
                Val::Span(*d.dice.pick(&[HOUR, 12 * HOUR, 3 * DAY]))
            };
            w.set("on_refusal", table(vec![("wait", patience)]));
        });
    }),
    row("line", &["workload.line"], &["wait"], |d| {
        d.some(Place::Workloads, |d, w| {
            let waits = w
                .get("on_refusal")
                .and_then(Val::table)
                .is_some_and(|it| it.get("wait").is_some());
            if waits && d.dice.coin() {
                w.set("line", text("strict"));
            }
        });
    }),
    row("multi", &["workload.multi"], DEMAND, |d| {
        d.some(Place::Workloads, |_, w| w.set("multi", text("blazar")));
    }),
    row("sizes", &[], &["poisson"], |d| of_flavors(d, sizes)),
    row("flavor-traits", &[], &["poisson"], |d| of_flavors(d, asked_traits)),
    row("flavor-zone", &[], &["poisson"], |d| {
        of_flavors(d, |d, flavor| {
            if d.is("zones") {
                flavor.set("availability_zone", text("zone"));
            }
        });
    }),
    row("extra-specs", &[], &["poisson"], |d| {
        of_flavors(d, |d, flavor| {
            let (key, value) = *d.dice.pick(&[
                ("capabilities:boot_mode", "uefi"),
                ("capabilities:boot_mode", "s== bios"),
                ("capabilities:cpu", ">= 4"),
            ]);
            flavor.set("extra_specs", table(vec![(key, text(value))]));
        });
    }),
    row("query", &[], &["poisson"], |d| {
        of_flavors(d, |d, flavor| {
            let nodes = d.nodes();
            let node = d.dice.pick(&nodes).clone();
            flavor.set("query", text(format!("[\"=\", \"$hypervisor_hostname\", \"{node}\"]")));
        });
    }),
    row("tenants", &[], &["poisson"], |d| {
        d.some(Place::Workloads, |d, w| {
            if !w.all("flavor").is_empty() {
                w.set(
                    "tenants",
                    if d.dice.coin() {
                        texts(&["anna", "bert"])
                    } else {
                        Val::Int(3)
                    },
                );
                if d.dice.coin() {
                    w.set("skew", Val::Num(1.0));
                }
            }
        });
    }),
    row("hours-of-week", &[], &["poisson"], |d| {
        d.some(Place::Workloads, |d, w| {
            if !w.all("flavor").is_empty() {
                let hours = (0..168).map(|_| Val::Int(*d.dice.pick(&[0, 0, 1, 3])));
                w.set("hours_of_week", Val::List(hours.chain([]).collect()));
            }
        });
    }),
    row("kinds", &[], &["poisson", "list"], |d| {
        d.some(Place::Workloads, |d, w| {
            if w.get("trace").is_none() {
                w.set("kind", text(*d.dice.pick(&["monitoring", "operator", "people"])));
            }
        });
    }),
    row("load-scale", &[], DEMAND, |d| {
        d.some(Place::Workloads, |d, w| {
            w.set("scale", Val::Num(*d.dice.pick(&[0.5, 1.5, 2.0])))
        });
    }),
    row("rescue", &[], DEMAND, |d| {
        d.some(Place::Workloads, |d, w| {
            let (share, length) = (d.share(), d.positive());
            w.set("rescue", table(vec![("share", share), ("length", length)]));
        });
    }),
    row("names-owner", &[], DEMAND, |d| {
        d.some(Place::Workloads, |d, w| {
            w.set("names_owner", Val::Num(*d.dice.pick(&[0.0, 0.5])))
        });
    }),
    // Maintenance.
    row("spells", &[], &[], spells),
    row("spells-csv", &[], &[], spells_csv),
    row("as-work", &[], &["spells", "spells-csv"], |d| {
        let route = d.length();
        d.put("maintenance", "spells", text("as-work"));
        d.put("maintenance", "practice_route", route);
    }),
    row("faults", &[], &[], faults),
    row("age", &["maintenance.faults.age"], &["faults"], |d| {
        d.some(Place::Faults, |d, f| {
            f.set("age", text(*d.dice.pick(&["new", "stationary"])))
        });
    }),
    row("campaign", &[], &[], campaigns),
    row("every", &[], &["campaign"], |d| {
        d.some(Place::Campaigns, |d, c| {
            c.set(
                "every",
                Val::Span(*d.dice.pick(&[HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY])),
            )
        });
    }),
    row("campaign-classes", &[], &["campaign"], |d| {
        d.some(Place::Campaigns, |d, c| {
            let class = d.class();
            c.set("classes", texts(&[&class]));
        });
    }),
    row("campaign-share", &[], &["campaign"], |d| {
        d.some(Place::Campaigns, |d, c| {
            c.set("share", Val::Num(*d.dice.pick(&[0.3, 0.5, 0.58])))
        });
    }),
    row("waves", &[], &["campaign"], |d| {
        d.some(Place::Campaigns, |_, c| c.set("waves", Val::Flag(true)))
    }),
    row("window", &[], &["campaign"], |d| {
        d.some(Place::Campaigns, |d, c| c.set("window", d.hours()));
    }),
    row("days", &["maintenance.campaign.days"], &["window"], |d| {
        d.some(Place::Campaigns, |d, c| {
            if c.get("window").is_some() {
                let days = *d.dice.pick(&[
                    &["sat", "sun"][..],
                    &["mon"],
                    &["mon", "tue", "wed", "thu", "fri"],
                    &["tue", "thu"],
                ]);
                c.set("days", texts(days));
            }
        });
    }),
    row("finish", &["maintenance.campaign.finish"], &["window"], |d| {
        d.some(Place::Campaigns, |_, c| {
            if c.get("window").is_some() {
                c.set("finish", text("inside"));
            }
        });
    }),
    row("counts", &["budget.counts"], &["campaign"], |d| {
        d.some(Place::Campaigns, |_, c| {
            let mut budget = c.get("budget").and_then(Val::table).cloned().unwrap_or_default();
            budget.set("counts", text("campaign"));
            if budget.get("nodes").is_none() && budget.get("share").is_none() {
                budget.set("nodes", Val::Int(1));
            }
            c.set("budget", Val::Table(budget));
        });
    }),
    row("announce", &["maintenance.campaign.announce"], &["campaign"], |d| {
        d.some(Place::Campaigns, |d, c| {
            c.set("announce", Val::Span(*d.dice.pick(&[HOUR, DAY, 7 * DAY])))
        });
    }),
    row("drain", &[], UPKEEP, |d| {
        let drain = drain(d);
        d.put("maintenance", "drain", drain);
    }),
    row("errands", &[], UPKEEP, |d| {
        let counts = d.dice.between(1, 3) as i64;
        let duration = d.law();
        d.put(
            "maintenance",
            "errands",
            table(vec![("counts", Val::Int(counts)), ("duration", duration)]),
        );
    }),
    // The operators.
    row("technicians", &[], UPKEEP, |d| {
        let n = d.dice.between(1, 2) as i64;
        d.put("operators", "technicians", Val::Int(n));
    }),
    row("shift", &[], UPKEEP, |d| {
        let hours = d.hours();
        d.put("operators", "shift", hours);
    }),
    row("action", &[], UPKEEP, |d| {
        let law = d.law();
        d.put("operators", "action", law);
    }),
    row("slip", &[], UPKEEP, |d| {
        let share = d.share();
        d.put("operators", "slip", share);
        let pool = d.share();
        d.put("operators", "wrong_pool", pool);
    }),
    row("audit", &[], &["slip"], |d| {
        let audit = *d.dice.pick(&[HOUR, 10 * HOUR, DAY]);
        d.put("operators", "audit", Val::Span(audit));
    }),
    row("never-audited", &[], &["slip"], |d| {
        d.put("operators", "audit", text("never"))
    }),
    // The control plane.
    row("loop", &[], &[], |d| {
        let (period, each) = (*d.dice.pick(&[MINUTE, HOUR, 0]), *d.dice.pick(&[0, 2000, 10 * MINUTE]));
        d.put(
            "control_plane",
            "loop",
            table(vec![
                ("period", Val::Span(period.max(1000))),
                ("per_node", Val::Span(each)),
            ]),
        );
    }),
    row(
        "workers",
        &["control_plane.update_resources_max_workers"],
        &["loop"],
        |d| {
            d.put("control_plane", "update_resources_max_workers", Val::Int(2));
        },
    ),
    row("cap", &[], &[], |d| {
        let cap = d.dice.between(1, 3) as i64;
        let order = *d.dice.pick(&["random", "lowest"]);
        d.put("control_plane", "cap", Val::Int(cap));
        d.put("control_plane", "cap_order", text(order));
    }),
    row("pick", &[], &[], |d| {
        let pick = *d.dice.pick(&["lowest", "least-recent"]);
        d.put("control_plane", "pick", text(pick));
    }),
    row("filters", &[], &[], |d| {
        let more = *d.dice.pick(&[
            "JsonFilter",
            "AggregateInstanceExtraSpecsFilter",
            "AggregateMultiTenancyIsolation",
        ]);
        d.put(
            "control_plane",
            "filters",
            texts(&["ComputeFilter", "ComputeCapabilitiesFilter", more]),
        );
    }),
    row("isolated-aggregates", &[], &["zones"], |d| {
        d.put("control_plane", "isolated_aggregates", Val::Flag(true))
    }),
    row("tenant-aggregates", &[], &[], |d| {
        let how = *d.dice.pick(&["limit", "required"]);
        d.put("control_plane", "tenant_aggregates", text(how));
    }),
    row("failed-build-weigher", &[], &["build-failures"], |d| {
        d.put("control_plane", "weigh_failed_builds", Val::Flag(false))
    }),
    row("attempts", &[], &[], |d| {
        let n = d.dice.between(1, 4) as i64;
        d.put("control_plane", "attempts", Val::Int(n));
    }),
    row("quota", &[], DEMAND, |d| {
        let quota = d.dice.between(1, 3) as i64;
        d.put("control_plane", "quota", Val::Int(quota));
    }),
    row("class-quota", &["control_plane.class_quota"], DEMAND, |d| {
        let (class, n) = (d.class(), d.dice.between(1, 2) as i64);
        d.put("control_plane", "class_quota", table(vec![(&class, Val::Int(n))]));
    }),
    row("tenant-quota", &["control_plane.tenant_quota"], DEMAND, tenant_quota),
    row("keep-clear", &["control_plane.keep_clear"], UPKEEP, |d| {
        d.put("control_plane", "keep_clear", Val::Flag(true))
    }),
    row("driver-refusal", &["control_plane.driver_refusal"], &[], |d| {
        let span = d.length();
        d.put("control_plane", "driver_refusal", span);
    }),
    // Ironic.
    row("deploy", &[], &[], |d| {
        let law = d.law();
        d.put("ironic", "deploy", law);
    }),
    row("cleaning", &[], &[], |d| {
        let law = d.law();
        d.put("ironic", "cleaning", law);
    }),
    row("build-failures", &[], &[], |d| {
        let (share, law) = (d.share(), d.law());
        d.put("ironic", "build_failure", share);
        d.put("ironic", "build_failure_time", law);
    }),
    row("clean-failures", &[], &[], |d| {
        let (share, work) = (d.share(), d.law());
        d.put("ironic", "clean_failure", share);
        d.put("maintenance", "clean_work", work);
    }),
    row("rescue-time", &[], &["rescue"], |d| {
        let law = d.law();
        d.put("ironic", "rescue", law);
    }),
    row("power", &[], &["faults"], |d| {
        let detection = d.length();
        d.put("ironic", "power_detection", detection);
    }),
    row("no-provisioning", &[], &[], |d| {
        d.put("ironic", "allow_provisioning_in_maintenance", Val::Flag(false))
    }),
    row("patched-ironic", &[], &[], |d| {
        d.put("ironic", "deploy_in_maintenance", Val::Flag(true))
    }),
    row("no-automated-clean", &["ironic.automated_clean"], &[], |d| {
        d.put("ironic", "automated_clean", Val::Flag(false))
    }),
    row("typed-holds", &["ironic.holds"], &[], |d| {
        d.put("ironic", "holds", text("typed"))
    }),
    // Blazar's calendar has something to keep where requests come in advance and work is to be done.
    row("blazar", &[], UPKEEP, |d| {
        let Some(Val::List(list)) = d.doc.root.within("scenario").get_mut("strategies") else {
            return;
        };
        let mut lease = Table::default();
        lease.set("name", text("tenant-reservation"));
        lease.set("label", text("s0"));
        lease.set("mechanism", text("blazar-lease"));
        list[0] = Val::Table(lease);
        in_advance(d);
    }),
    // The clock.
    row("epoch", &[], &[], |d| {
        let epochs = ["2026-01-01T00:00:00Z", "2024-03-29T13:30:00Z", "2023-10-27T23:00:00Z"];
        let epoch = *d.dice.pick(&epochs);
        d.put("scenario", "epoch", text(epoch));
    }),
    row("time-zone", &["scenario.time_zone"], &[], |d| {
        let zone = *d
            .dice
            .pick(&["Europe/Berlin", "America/Chicago", "Asia/Kolkata", "Pacific/Auckland"]);
        d.put("scenario", "time_zone", text(zone));
    }),
    row("warm-up", &[], &[], |d| {
        let cut = Val::Span(*d.dice.pick(&[HOUR, 12 * HOUR, d.horizon / 2]));
        d.put("report", "warm_up", cut);
    }),
];

/// The world of a seed.
pub fn world(seed: u64) -> Draft {
    let mut draft = Draft::new(Dice::new(seed).fork("values"));
    let mut swarm = Dice::new(seed).fork("swarm");
    let percent = *swarm.pick(&[10, 25, 40, 60]);
    for feature in FEATURES {
        // A coin of its own, so that a new feature changes no other's.
        let on =
            Dice::new(seed).fork(feature.name).chance(percent) && feature.needs.iter().all(|key| known_budget(key));
        if on {
            draft.on.insert(feature.name);
        }
    }
    base(&mut draft, &mut swarm);
    let dice = draft.dice.clone();
    for feature in FEATURES {
        let wanted = feature.with.is_empty() || feature.with.iter().any(|other| draft.on.contains(other));
        if draft.on.contains(feature.name) && wanted {
            draft.dice = dice.fork(feature.name);
            (feature.put)(&mut draft);
        } else {
            draft.on.remove(feature.name);
        }
    }
    draft
}

/// `budget` is a table in one line: its keys are looked for in the table of its own.
fn known_budget(path: &str) -> bool {
    known(&path.replace("budget.", "maintenance.campaign.budget."))
}

/// What every world has: quiet where a feature would be loud.
fn base(d: &mut Draft, swarm: &mut Dice) {
    if !DEMAND.iter().any(|feature| d.is(feature)) {
        d.on.insert(*swarm.pick(DEMAND));
    }
    // `fleet.group` or a nodes.csv, and one of the two answers to a slip.
    if d.is("nodes-csv") {
        ["group-owners", "capabilities", "retires"]
            .iter()
            .for_each(|feature| _ = d.on.remove(feature));
    }
    if d.is("never-audited") {
        d.on.remove("audit");
    }
    d.put("scenario", "name", text("world"));
    let (horizon, seed) = (d.horizon, swarm.below(1000) as i64);
    d.put("scenario", "horizon", Val::Span(horizon));
    d.put("scenario", "seed", Val::Int(seed));
    d.put("scenario", "replications", Val::Int(1));
    strategies(d);
    for (path, key, val) in [
        ("operators", "action", Val::Span(0)),
        ("operators", "slip", Val::Int(0)),
        ("control_plane", "loop", text("instant")),
        ("ironic", "deploy", Val::Span(0)),
        ("ironic", "cleaning", Val::Span(0)),
        ("ironic", "build_failure", Val::Int(0)),
        ("ironic", "clean_failure", Val::Int(0)),
        ("report", "warm_up", text("none")),
    ] {
        d.put(path, key, val);
    }
    if !d.is("nodes-csv") {
        groups(d);
    }
}

/// One to three strategies with any parameters.
fn strategies(d: &mut Draft) {
    let mut all = Vec::new();
    for place in 0..d.dice.between(1, 3) {
        let entry = *d.dice.pick(&ROSTER);
        let mut one = Table::default();
        one.set("name", text(entry.name));
        one.set("label", text(format!("s{place}")));
        for param in entry.params {
            if !d.dice.coin() {
                continue;
            }
            let val = match param.kind {
                ParamKind::Choice(words) => text(*d.dice.pick(words)),
                ParamKind::Share => d.share(),
                ParamKind::Flag => Val::Flag(d.dice.coin()),
                ParamKind::Span => d.positive(),
                ParamKind::SpanOr(word) if d.dice.coin() => text(word),
                ParamKind::SpanOr(_) => d.positive(),
            };
            one.set(param.name, val);
        }
        all.push(Val::Table(one));
    }
    d.put("scenario", "strategies", Val::List(all));
}

fn groups(d: &mut Draft) {
    for n in 1..=d.dice.between(1, 3) {
        let mut group = Table::default();
        group.set("class", text(*d.dice.pick(&["a", "a", "b", "c"])));
        group.set("nodes", Val::Int(*d.dice.pick(&[1, 1, 2, 3, 4])));
        group.set("name", text(format!("g{n}")));
        d.fleet().add("group", group);
    }
}

/// Lists of words, one of which a value is.
type Words = &'static [&'static [&'static str]];

const SOME_TRAITS: Words = &[&["FAST"], &["BIG"], &["FAST", "BIG"]];
const SOME_AGGREGATES: Words = &[&["zone"], &["fast"], &["annas"], &["zone", "annas"]];

fn pick_words(d: &mut Draft, of: Words) -> &'static [&'static str] {
    of[d.dice.below(of.len())]
}

const NODE_COLUMNS: &[&str] = &[
    "node_id",
    "resource_class",
    "traits",
    "rack",
    "conductor_group",
    "owner",
    "available_from_s",
    "available_until_s",
    "class_changes",
];

fn nodes_csv(d: &mut Draft) {
    d.put("fleet", "source", text("nodes.csv"));
    let mut file = csv("nodes.csv", NODE_COLUMNS);
    for n in 1..=d.dice.between(1, 7) {
        let class = *d.dice.pick(&["a", "a", "b", "c"]);
        let blank = || text("");
        let row = vec![
            text(format!("n{n}")),
            text(class),
            Val::List(Vec::new()),
            blank(),
            blank(),
            blank(),
            blank(),
            blank(),
            Val::List(Vec::new()),
        ];
        file.rows.push(row);
    }
    d.doc.files.push(file);
}

/// Fills a column in some rows of the nodes.csv.
fn some_rows(d: &mut Draft, column: &str, val: fn(&mut Draft) -> Val) {
    let place = NODE_COLUMNS.iter().position(|name| *name == column).expect("a column");
    let from = NODE_COLUMNS.len() - 3;
    let rows = d.doc.csv("nodes.csv").map_or(0, |csv| csv.rows.len());
    let sure = d.dice.below(rows);
    for at in 0..rows {
        if at != sure && !d.dice.coin() {
            continue;
        }
        let mut val = val(d);
        let Some(csv) = d.doc.csv_mut("nodes.csv") else { return };
        let joins = csv.rows[at][from].span();
        // A node leaves after it has joined.
        if column == "available_until_s"
            && let (Some(until), Some(joins)) = (val.span(), joins.or(Some(0)))
            && until <= joins
        {
            val = Val::Span(joins + HOUR);
        }
        csv.rows[at][place] = val;
    }
}

fn class_changes(d: &mut Draft) {
    some_rows(d, "class_changes", |d| {
        let (class, at) = (*d.dice.pick(&["a", "b", "c"]), d.instant());
        let at = Val::Span(at.span().unwrap_or(0).max(1000));
        Val::List(vec![Val::List(vec![at, text(class)])])
    });
}

fn traits(d: &mut Draft) {
    if d.is("nodes-csv") {
        some_rows(d, "traits", |d| texts(pick_words(d, SOME_TRAITS)));
    } else {
        d.some(Place::Groups, |d, group| {
            group.set("traits", texts(pick_words(d, SOME_TRAITS)))
        });
    }
}

fn racks(d: &mut Draft) {
    if d.is("nodes-csv") {
        some_rows(d, "rack", |d| text(*d.dice.pick(&["r1", "r2"])));
    } else {
        d.some(Place::Groups, |d, group| {
            if d.dice.coin() {
                group.set("rack", text(*d.dice.pick(&["r1", "r2"])));
            } else {
                group.set("racks", Val::Int(2));
            }
        });
    }
}

fn conductor_groups(d: &mut Draft) {
    if d.is("nodes-csv") {
        some_rows(d, "conductor_group", |d| text(*d.dice.pick(&["x", "y"])));
    } else {
        d.put("fleet", "conductor_groups", Val::Int(2));
    }
}

fn owners(d: &mut Draft) {
    let (share, overflow) = (d.share(), d.dice.coin());
    let owners = vec![
        ("share", share),
        ("tenants", texts(&["anna", "owen"])),
        ("overflow", Val::Flag(overflow)),
    ];
    d.put("fleet", "owners", table(owners));
}

fn group_owners(d: &mut Draft) {
    d.some(Place::Groups, |d, group| {
        let key = *d.dice.pick(&["owner", "lessee"]);
        group.set(key, text(*d.dice.pick(&["anna", "owen"])));
    });
}

fn zones(d: &mut Draft) {
    let metadata = [
        ("zone", table(vec![("availability_zone", text("zone"))])),
        ("fast", table(vec![("trait:FAST", text("required"))])),
        ("annas", table(vec![("filter_tenant_id", text("anna"))])),
    ];
    for (name, metadata) in metadata {
        let mut one = Table::default();
        one.set("name", text(name));
        one.set("metadata", metadata);
        d.fleet().add("aggregate", one);
    }
    if !d.is("nodes-csv") {
        d.some(Place::Groups, |d, group| {
            group.set("aggregates", texts(pick_words(d, SOME_AGGREGATES)));
        });
    }
}

fn poisson(d: &mut Draft) {
    for n in 1..=d.dice.between(1, 2) {
        let mut workload = Table::default();
        workload.set("name", text(format!("drawn-{n}")));
        for _ in 0..d.dice.between(1, 2) {
            let mut flavor = Table::default();
            flavor.set("class", text(d.class()));
            // So many in all, however long the world is.
            let days = (d.horizon / DAY).max(1) as f64;
            flavor.set("per_day", Val::Num(*d.dice.pick(&[3.0, 8.0, 20.0]) / days));
            flavor.set("hold", d.law());
            workload.add("flavor", flavor);
        }
        d.doc.root.add("workload", workload);
    }
}

/// Does something to some flavors.
fn of_flavors(d: &mut Draft, what: fn(&mut Draft, &mut Table)) {
    d.some(Place::Workloads, |d, workload| {
        for flavor in workload.all_mut("flavor") {
            what(d, flavor);
        }
    });
}

fn sizes(d: &mut Draft, flavor: &mut Table) {
    let class = flavor.get("class").and_then(Val::word).unwrap_or("a").to_owned();
    let most = d.capacity(&class).min(4);
    let (one, two) = (d.dice.between(1, most) as i64, d.dice.between(1, most) as i64);
    let pair = |n: i64, weight: f64| Val::List(vec![Val::Int(n), Val::Num(weight)]);
    flavor.set("sizes", Val::List(vec![pair(one, 0.7), pair(two, 0.3)]));
}

fn asked_traits(d: &mut Draft, asks: &mut Table) {
    let (key, name) = (
        *d.dice.pick(&["traits", "traits", "forbidden"]),
        *d.dice.pick(&["FAST", "BIG"]),
    );
    if d.has_trait(name) {
        asks.set(key, texts(&[name]));
    }
}

fn list(d: &mut Draft) {
    let mut workload = Table::default();
    workload.set("name", text("listed"));
    for n in 1..=d.dice.between(1, 14) {
        let mut request = Table::default();
        let class = d.class();
        request.set("name", text(format!("q{n}")));
        request.set("at", d.instant());
        if d.dice.chance(15) {
            let at = request.get("at").and_then(Val::span).unwrap_or(0);
            let ahead = d.positive().span().unwrap_or(0);
            request.set("start", Val::Span(at + ahead));
        }
        request.set("tenant", text(*d.dice.pick(&["anna", "bert", "cleo"])));
        let most = d.capacity(&class).min(4);
        let count = if d.dice.coin() { 1 } else { d.dice.between(1, most) };
        request.set("count", Val::Int(count as i64));
        if d.dice.chance(30) {
            request.set("min_count", Val::Int(d.dice.between(1, count) as i64));
        }
        request.set("hold", d.length());
        if d.dice.chance(20) {
            request.set("planned", d.length());
        }
        if d.is("traits") && d.dice.chance(40) {
            asked_traits(d, &mut request);
        }
        if d.is("zones") && d.dice.chance(20) {
            request.set("availability_zone", text("zone"));
        }
        if n > 1 && d.dice.chance(8) {
            let key = *d.dice.pick(&["same_host", "different_host"]);
            request.set(key, texts(&["q1"]));
        }
        request.set("class", text(class));
        workload.add("request", request);
    }
    d.doc.root.add("workload", workload);
}

/// A list of requests that all come hours or days in advance.
fn in_advance(d: &mut Draft) {
    let mut workload = Table::default();
    workload.set("name", text("in-advance"));
    for n in 1..=d.dice.between(2, 8) {
        let mut request = Table::default();
        let at = d.instant().span().unwrap_or(0);
        let ahead = d.positive().span().unwrap_or(0);
        request.set("name", text(format!("a{n}")));
        request.set("at", Val::Span(at));
        request.set("start", Val::Span(at + ahead));
        request.set("tenant", text(*d.dice.pick(&["anna", "bert"])));
        request.set("hold", d.positive());
        request.set("class", text(d.class()));
        workload.add("request", request);
    }
    d.doc.root.add("workload", workload);
}

fn trace(d: &mut Draft) {
    let mut columns = vec![
        "request_id",
        "arrival_s",
        "start_s",
        "hold_s",
        "tenant",
        "resource_class",
        "count",
        "min_count",
        "traits",
        "kind",
        "planned_hold_s",
    ];
    let multi = known("workload.multi");
    if multi {
        columns.push("multi");
    }
    let mut file = csv("requests.csv", &columns);
    for n in 1..=d.dice.between(1, 14) {
        let (at, class) = (d.instant().span().unwrap_or(0), d.class());
        let start = if d.dice.chance(25) {
            at + d.positive().span().unwrap_or(0)
        } else {
            at
        };
        // A trace may ask for what never fits.
        let count = *d.dice.pick(&[1, 1, 1, 2, 3, 9]);
        let mut row = vec![text(format!("t{n}")), Val::Span(at), Val::Span(start)];
        row.push(d.length());
        row.extend([
            text(*d.dice.pick(&["anna", "bert", "dora"])),
            text(class),
            Val::Int(count),
        ]);
        row.push(Val::Int(if d.dice.chance(30) {
            d.dice.between(1, count as usize) as i64
        } else {
            count
        }));
        let asked = if d.has_trait("FAST") && d.dice.chance(30) {
            vec![text("FAST")]
        } else {
            Vec::new()
        };
        row.push(Val::List(asked));
        row.push(text(*d.dice.pick(&["people", "people", "monitoring", "operator"])));
        row.push(if d.dice.chance(20) { d.length() } else { text("") });
        if multi {
            row.push(text(*d.dice.pick(&["", "nova", "blazar"])));
        }
        file.rows.push(row);
    }
    d.doc.files.push(file);
    let mut workload = Table::default();
    workload.set("name", text("traced"));
    workload.set("trace", text("requests.csv"));
    d.doc.root.add("workload", workload);
}

fn spells(d: &mut Draft) {
    let nodes = d.nodes();
    for _ in 0..d.dice.between(1, 4) {
        let mut spell = Table::default();
        spell.set("node", text(d.dice.pick(&nodes).clone()));
        spell.set("start", d.instant());
        if d.dice.chance(80) {
            let (start, long) = (spell.get("start").and_then(Val::span), d.positive().span());
            spell.set("end", Val::Span(start.unwrap_or(0) + long.unwrap_or(0)));
        }
        spell.set(
            "kind",
            text(*d.dice.pick(&["planned", "fault", "hardware-failure", "operator-hold"])),
        );
        d.doc.root.within("maintenance").add("spell", spell);
    }
}

fn spells_csv(d: &mut Draft) {
    d.put("maintenance", "trace", text("maintenance.csv"));
    let nodes = d.nodes();
    let mut file = csv("maintenance.csv", &["node_id", "start_s", "end_s", "kind"]);
    for _ in 0..d.dice.between(1, 4) {
        let (start, long) = (d.instant().span().unwrap_or(0), d.positive().span().unwrap_or(0));
        let end = if d.dice.chance(80) {
            Val::Span(start + long)
        } else {
            text("")
        };
        let kind = text(*d.dice.pick(&["planned", "fault", "hardware-failure", "operator-hold"]));
        file.rows
            .push(vec![text(d.dice.pick(&nodes).clone()), Val::Span(start), end, kind]);
    }
    d.doc.files.push(file);
}

fn faults(d: &mut Draft) {
    for _ in 0..d.dice.between(1, 2) {
        let mut law = Table::default();
        let mean = Val::Span(*d.dice.pick(&[6 * HOUR, DAY, 3 * DAY]));
        law.set("between", table(vec![("exponential", mean)]));
        if d.dice.chance(30) {
            let class = d.class();
            law.set("classes", texts(&[&class]));
        }
        if d.dice.chance(30) {
            law.set("drain", drain(d));
        }
        for _ in 0..d.dice.between(1, 2) {
            let mut kind = Table::default();
            kind.set("interrupts", Val::Flag(d.dice.coin()));
            kind.set("deploy_fails", Val::Num(*d.dice.pick(&[0.0, 0.5, 1.0])));
            kind.set("power", Val::Flag(d.dice.chance(30)));
            kind.set("detection", d.law());
            kind.set("work", d.law());
            law.add("kind", kind);
        }
        d.doc.root.within("maintenance").add("faults", law);
    }
}

fn campaigns(d: &mut Draft) {
    for n in 1..=*d.dice.pick(&[1, 1, 2]) {
        let mut campaign = Table::default();
        campaign.set("name", text(format!("c{n}")));
        campaign.set("start", d.instant());
        campaign.set("work", d.law());
        if d.dice.chance(85) {
            let mut budget = Table::default();
            if d.dice.chance(75) {
                budget.set("scope", text(*d.dice.pick(&["fleet", "rack", "class"])));
            }
            if d.dice.coin() {
                budget.set("nodes", Val::Int(d.dice.between(1, 3) as i64));
            } else {
                budget.set("share", Val::Num(*d.dice.pick(&[0.1, 0.29, 0.5, 0.67, 1.0])));
            }
            campaign.set("budget", Val::Table(budget));
        }
        if d.dice.chance(30) {
            campaign.set("drain", drain(d));
        }
        d.doc.root.within("maintenance").add("campaign", campaign);
    }
}

fn drain(d: &mut Draft) -> Val {
    match d.dice.below(3) {
        0 => text("at-once"),
        1 => text("tenant-leaves"),
        _ => table(vec![("deadline", d.length())]),
    }
}

fn tenant_quota(d: &mut Draft) {
    let mut one = Table::default();
    one.set("tenant", text(*d.dice.pick(&["anna", "bert"])));
    one.set("machines", Val::Int(d.dice.between(1, 4) as i64));
    if d.dice.coin() {
        let class = d.class();
        one.set("classes", table(vec![(&class, Val::Int(d.dice.between(1, 2) as i64))]));
    }
    d.doc.root.within("control_plane").add("tenant_quota", one);
}
