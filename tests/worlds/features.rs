//! The generator: every feature of the program that a scenario can turn on, one row each. A world first draws how
//! many features are on, then which (swarm testing: Groce and others, ISSTA 2012), then their values.
//!
//! Adding a key is adding a row: its name, the keys that it needs (a test asks whether the program knows them), and what
//! it writes.

use sickbay::scenario::Price;
use sickbay::scenario::keys::{FILE, TableShape};
use sickbay::scheduler::nova::NOVA_DEFAULT;

use super::dice::Dice;
use super::doc::{Val, table, text, texts};
use super::draft::{DAY, Draft, HOUR, MINUTE, Place, SECOND};
use super::fill::*;
use super::scenes::{any_route, blazar, capped, large_class, pressed, reclassed_while_out};

/// A feature of a scenario.
pub struct Feature {
    pub name: &'static str,
    /// The newer keys that it writes, by their paths.
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
fn known(path: &str) -> bool {
    let mut shape: Option<&TableShape> = Some(&FILE);
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
    row("group-changes", &[], &["nodes-csv"], group_changes),
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
    row("comes", &["fleet.group.from"], &[], |d| {
        d.some(Place::Groups, |d, group| group.set("from", d.instant()));
    }),
    row("goes", &["fleet.group.until"], &[], |d| {
        d.some(Place::Groups, |d, group| {
            let from = group.get("from").and_then(Val::span).unwrap_or(0);
            let until = d.instant().span().unwrap_or(0);
            group.set("until", Val::Span(if until > from { until } else { from + HOUR }));
        });
    }),
    row("fleet-scale", &["fleet.scale"], &[], |d| {
        let scale = *d.dice.pick(&[0.5, 0.75, 2.0]);
        d.put("fleet", "scale", Val::Num(scale));
    }),
    // Demand.
    row("poisson", &[], &[], poisson),
    row("list", &[], &[], list),
    row("trace", &[], &[], trace),
    row("seats", &[], &["trace"], seats),
    row("running-hold", &["workload.running_hold"], &["seats"], |d| {
        d.some(Place::Workloads, |d, w| {
            if w.get("trace").is_some() {
                w.set("running_hold", d.drawn());
            }
        });
    }),
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
    row(
        "server-groups",
        &["workload.request.group.policy", "workload.flavor.group.policy"],
        &["poisson", "list"],
        server_groups,
    ),
    row(
        "images",
        &[
            "workload.request.image_properties",
            "control_plane.default_architecture",
        ],
        &["poisson", "list"],
        images,
    ),
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
    row("trend", &["workload.trend"], &["poisson"], |d| {
        d.some(Place::Workloads, |d, w| {
            if !w.all("flavor").is_empty() {
                let stretches = d.dice.between(1, 4);
                let rates = (0..stretches).map(|_| Val::Num(*d.dice.pick(&[0.5, 1.0, 4.0])));
                let rates: Vec<Val> = rates.collect();
                let every = d.dice.pick(&["1h", "7h", "2d"]);
                w.set(
                    "trend",
                    table(vec![("every", text(*every)), ("rates", Val::List(rates))]),
                );
            }
        });
    }),
    row("growth", &["workload.growth_a_year"], &["poisson"], |d| {
        d.some(Place::Workloads, |d, w| {
            if !w.all("flavor").is_empty() {
                w.set("growth_a_year", Val::Num(*d.dice.pick(&[-0.9, 0.5, 50.0])));
            }
        });
    }),
    row("lead", &["workload.flavor.lead"], &["poisson"], |d| {
        of_flavors(d, |d, flavor| {
            let lead = d.law();
            flavor.set("lead", lead);
        });
    }),
    row("least", &["workload.flavor.min_count"], &["sizes"], |d| {
        of_flavors(d, |d, flavor| {
            let sizes = flavor.get("sizes").map_or(&[][..], Val::list);
            let largest = sizes.iter().filter_map(|pair| pair.list().first()?.whole()).max();
            if let Some(largest) = largest {
                flavor.set("min_count", Val::Int(d.dice.between(1, largest as usize) as i64));
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
    row(
        "crews",
        &["operators.crew.technicians", "operators.crew.skills"],
        UPKEEP,
        crews,
    ),
    row("slip-flag", &["operators.slip_flag"], UPKEEP, |d| {
        let share = if d.dice.coin() { Val::Int(0) } else { d.share() };
        d.put("operators", "slip_flag", share);
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
    row("more-filters", &[], &[], |d| {
        let more = *d.dice.pick(&["SameHostFilter", "DifferentHostFilter", "JsonFilter"]);
        let mut all = NOVA_DEFAULT.to_vec();
        all.push(more);
        d.put("control_plane", "filters", texts(&all));
    }),
    row(
        "reservations",
        &["workload.request.reservation", "fleet.aggregate.conductor_groups"],
        &["poisson", "list"],
        reservations,
    ),
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
        let (share, mut law) = (d.share(), d.law());
        // Where every build fails within a second, who waits for days builds a million times; on a broken node every one
        // may, whatever the share.
        let within_a_second = match (&share, &law) {
            (Val::Num(1.0), Val::Span(SECOND)) => true,
            (_, Val::Span(0 | SECOND)) => d.is("faults"),
            _ => false,
        };
        if within_a_second {
            law = Val::Span(MINUTE);
        }
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
    row("no-agent", &["ironic.agent"], &[], |d| {
        d.put("ironic", "agent", Val::Flag(false))
    }),
    row("typed-holds", &["ironic.holds"], &[], |d| {
        d.put("ironic", "holds", text("typed"))
    }),
    // What is rare by itself.
    row("blazar", &[], UPKEEP, blazar),
    row("any-route", &[], UPKEEP, any_route),
    row("pressed", &[], UPKEEP, pressed),
    row("reclassed-while-out", &[], &["class-changes"], reclassed_while_out),
    // Blazar's calendar has no candidate cap.
    row("capped", &["workload.request.query"], &[], |d| {
        if !d.is("blazar") && d.dice.chance(30) {
            capped(d);
        }
    }),
    // Laws look at every node, so these worlds are slow.
    row("large-class", &[], &["campaign"], |d| {
        let slow = ["nodes-csv", "every", "blazar", "fleet-scale"];
        if !slow.iter().any(|feature| d.is(feature)) && d.dice.chance(5) {
            large_class(d);
        }
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
    // Money.
    row("costs", &["costs.unit"], &[], |d| {
        d.put("costs", "unit", text("EUR"));
        for price in Price::ALL {
            let amount = *d.dice.pick(&[0, 1, 7, 250]);
            d.put("costs", price.word(), Val::Int(amount));
        }
    }),
];

/// The world of a seed.
pub fn world(seed: u64) -> Draft {
    let mut draft = Draft::new(Dice::new(seed).fork("values"));
    let mut swarm = Dice::new(seed).fork("swarm");
    let percent = *swarm.pick(&[10, 25, 40, 60]);
    for feature in FEATURES {
        // A coin of its own, so that a new feature changes no other's.
        if Dice::new(seed).fork(feature.name).chance(percent) {
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
        ["group-owners", "capabilities", "retires", "comes", "goes"]
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

/// A key that has another name by now would leave its feature off without a word.
#[test]
fn every_feature_writes_keys_that_the_program_knows() {
    for feature in FEATURES {
        let unknown: Vec<_> = feature.needs.iter().filter(|key| !known_budget(key)).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", feature.name);
    }
}
