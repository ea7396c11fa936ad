//! What the features of the generator write: the longer ones.

use sickbay::scheduler::nova::NOVA_DEFAULT;
use sickbay::strategy::{Field, ROSTER};

use super::doc::{Table, Val, table, text, texts};
use super::draft::{DAY, Draft, HOUR, Place, csv};

/// One to three strategies with any parameters.
pub fn strategies(d: &mut Draft) {
    let mut all = Vec::new();
    for place in 0..d.dice.between(1, 3) {
        let entry = *d.dice.pick(&ROSTER);
        let mut one = Table::default();
        one.set("name", text(entry.name));
        one.set("label", text(format!("s{place}")));
        for param in (entry.plain)().params() {
            if !d.dice.coin() {
                continue;
            }
            let val = match param.field {
                Field::Choice(field) => text(*d.dice.pick(&field.words())),
                Field::Share(_) => d.share(),
                Field::Flag(_) => Val::Flag(d.dice.coin()),
                Field::Span(_) => d.positive(),
                Field::SpanOr(word, _) if d.dice.coin() => text(word),
                Field::SpanOr(..) => d.positive(),
            };
            one.set(param.name, val);
        }
        all.push(Val::Table(one));
    }
    d.put("scenario", "strategies", Val::List(all));
}

pub fn groups(d: &mut Draft) {
    for n in 1..=d.dice.between(1, 3) {
        let mut group = Table::default();
        group.set("class", text(*d.dice.pick(&["a", "a", "b", "c"])));
        group.set("nodes", Val::Int(*d.dice.pick(&[1, 1, 2, 3, 4])));
        group.set("name", text(format!("g{n}")));
        d.fleet().add("group", group);
    }
}

/// Lists of words, one of which a value is.
pub type Words = &'static [&'static [&'static str]];

pub const SOME_TRAITS: Words = &[&["FAST"], &["BIG"], &["FAST", "BIG"]];
pub const SOME_AGGREGATES: Words = &[&["zone"], &["fast"], &["annas"], &["zone", "annas"]];

pub fn pick_words(d: &mut Draft, of: Words) -> &'static [&'static str] {
    of[d.dice.below(of.len())]
}

pub const NODE_COLUMNS: &[&str] = &[
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

pub fn nodes_csv(d: &mut Draft) {
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
pub fn some_rows(d: &mut Draft, column: &str, val: fn(&mut Draft) -> Val) {
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

pub fn class_changes(d: &mut Draft) {
    some_rows(d, "class_changes", |d| {
        let (class, at) = (*d.dice.pick(&["a", "b", "c"]), d.instant());
        let at = Val::Span(at.span().unwrap_or(0).max(1000));
        Val::List(vec![Val::List(vec![at, text(class)])])
    });
}

pub fn traits(d: &mut Draft) {
    if d.is("nodes-csv") {
        some_rows(d, "traits", |d| texts(pick_words(d, SOME_TRAITS)));
    } else {
        d.some(Place::Groups, |d, group| {
            group.set("traits", texts(pick_words(d, SOME_TRAITS)))
        });
    }
}

pub fn racks(d: &mut Draft) {
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

pub fn conductor_groups(d: &mut Draft) {
    if d.is("nodes-csv") {
        some_rows(d, "conductor_group", |d| text(*d.dice.pick(&["x", "y"])));
    } else {
        d.put("fleet", "conductor_groups", Val::Int(2));
    }
}

pub fn owners(d: &mut Draft) {
    let (share, overflow) = (d.share(), d.dice.coin());
    let owners = vec![
        ("share", share),
        ("tenants", texts(&["anna", "owen"])),
        ("overflow", Val::Flag(overflow)),
    ];
    d.put("fleet", "owners", table(owners));
}

pub fn group_owners(d: &mut Draft) {
    d.some(Place::Groups, |d, group| {
        let key = *d.dice.pick(&["owner", "lessee"]);
        group.set(key, text(*d.dice.pick(&["anna", "owen"])));
    });
}

pub fn zones(d: &mut Draft) {
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

pub fn poisson(d: &mut Draft) {
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
pub fn of_flavors(d: &mut Draft, what: fn(&mut Draft, &mut Table)) {
    d.some(Place::Workloads, |d, workload| {
        for flavor in workload.all_mut("flavor") {
            what(d, flavor);
        }
    });
}

pub fn sizes(d: &mut Draft, flavor: &mut Table) {
    let class = flavor.get("class").and_then(Val::word).unwrap_or("a").to_owned();
    let most = d.capacity(&class).min(4);
    let (one, two) = (d.dice.between(1, most) as i64, d.dice.between(1, most) as i64);
    let pair = |n: i64, weight: f64| Val::List(vec![Val::Int(n), Val::Num(weight)]);
    flavor.set("sizes", Val::List(vec![pair(one, 0.7), pair(two, 0.3)]));
}

pub fn asked_traits(d: &mut Draft, asks: &mut Table) {
    let (key, name) = (
        *d.dice.pick(&["traits", "traits", "forbidden"]),
        *d.dice.pick(&["FAST", "BIG"]),
    );
    if d.has_trait(name) {
        asks.set(key, texts(&[name]));
    }
}

pub fn list(d: &mut Draft) {
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
pub fn in_advance(d: &mut Draft) {
    let mut workload = Table::default();
    workload.set("name", text("in-advance"));
    for n in 1..=d.dice.between(4, 12) {
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

pub fn trace(d: &mut Draft) {
    let columns = vec![
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
        "multi",
        "node_id",
        "end_known",
        "age_s",
    ];
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
        row.push(text(*d.dice.pick(&["", "nova", "blazar"])));
        row.extend(["", "", ""].map(text));
        file.rows.push(row);
    }
    d.doc.files.push(file);
    let mut workload = Table::default();
    workload.set("name", text("traced"));
    workload.set("trace", text("requests.csv"));
    d.doc.root.add("workload", workload);
}

/// Rows of the trace that run at the begin, on nodes that are there then.
pub fn seats(d: &mut Draft) {
    for (n, (node, class)) in d.there_at_the_begin().into_iter().enumerate() {
        if d.dice.coin() {
            continue;
        }
        let mut row = vec![text(format!("s{n}")), Val::Span(0), Val::Span(0), d.length()];
        row.extend([
            text(*d.dice.pick(&["anna", "bert", "dora"])),
            text(class),
            Val::Int(1),
            Val::Int(1),
        ]);
        row.extend([
            Val::List(Vec::new()),
            text(*d.dice.pick(&["people", "people", "monitoring"])),
        ]);
        row.extend([text(""), text(*d.dice.pick(&["", "blazar"])), text(node)]);
        row.push(text(*d.dice.pick(&["", "true", "false"])));
        row.push(if d.dice.coin() { d.length() } else { text("") });
        if let Some(csv) = d.doc.csv_mut("requests.csv") {
            csv.rows.push(row);
        }
    }
}

pub fn spells(d: &mut Draft) {
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

pub fn spells_csv(d: &mut Draft) {
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

pub fn faults(d: &mut Draft) {
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

pub fn campaigns(d: &mut Draft) {
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

pub fn drain(d: &mut Draft) -> Val {
    match d.dice.below(3) {
        0 => text("at-once"),
        1 => text("tenant-leaves"),
        _ => table(vec![("deadline", d.length())]),
    }
}

pub fn tenant_quota(d: &mut Draft) {
    let mut one = Table::default();
    one.set("tenant", text(*d.dice.pick(&["anna", "bert"])));
    one.set("machines", Val::Int(d.dice.between(1, 4) as i64));
    if d.dice.coin() {
        let class = d.class();
        one.set("classes", table(vec![(&class, Val::Int(d.dice.between(1, 2) as i64))]));
    }
    d.doc.root.within("control_plane").add("tenant_quota", one);
}

/// Does something to some flavors and to some requests that are written by hand.
fn of_asks(d: &mut Draft, what: fn(&mut Draft, &mut Table)) {
    d.some(Place::Workloads, |d, workload| {
        for key in ["flavor", "request"] {
            for asks in workload.all_mut(key) {
                if d.dice.coin() {
                    what(d, asks);
                }
            }
        }
    });
}

pub fn server_groups(d: &mut Draft) {
    of_asks(d, |d, asks| {
        let policies = ["affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"];
        let policy = *d.dice.pick(&policies);
        let mut group = vec![("name", text(policy)), ("policy", text(policy))];
        if policy == "anti-affinity" {
            group.push(("max_server_per_host", Val::Int(2)));
        }
        asks.set("group", table(group));
    });
}

const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];

pub fn images(d: &mut Draft) {
    of_asks(d, |d, asks| {
        let arch = text(*d.dice.pick(&ARCHITECTURES));
        asks.set("image_properties", table(vec![("hw_architecture", arch)]));
    });
    if d.dice.chance(30) {
        d.put("control_plane", "default_architecture", text("x86_64"));
    }
    if !d.is("nodes-csv") {
        d.some(Place::Groups, |d, group| {
            let mut capabilities = group
                .get("capabilities")
                .and_then(Val::table)
                .cloned()
                .unwrap_or_default();
            capabilities.set("cpu_arch", text(*d.dice.pick(&ARCHITECTURES)));
            group.set("capabilities", Val::Table(capabilities));
        });
    }
}

/// A compute service that is one of Blazar's pools.
pub fn reservations(d: &mut Draft) {
    let metadata = table(vec![
        ("availability_zone", text("blazar_pool")),
        ("blazar:owner", text("anna")),
    ]);
    let mut pool = Table::default();
    pool.set("name", text("pool"));
    pool.set("metadata", metadata);
    pool.set("conductor_groups", texts(&["reserved"]));
    d.fleet().add("aggregate", pool);
    if d.is("nodes-csv") {
        some_rows(d, "conductor_group", |_| text("reserved"));
    } else {
        d.fleet().0.retain(|(key, _)| key != "conductor_groups");
        d.some(Place::Groups, |_, group| group.set("conductor_group", text("reserved")));
    }
    of_asks(d, |d, asks| {
        if d.dice.coin() {
            asks.set("reservation", texts(&["pool"]));
            // A flavor's tenants are its workload's.
            if asks.get("tenant").is_some() {
                asks.set("tenant", text("anna"));
            }
        }
    });
    let said = d.doc.at("control_plane.filters").map(Val::words);
    let mut filters = said.unwrap_or_else(|| NOVA_DEFAULT.map(str::to_owned).to_vec());
    filters.push("BlazarFilter".to_owned());
    d.put(
        "control_plane",
        "filters",
        Val::List(filters.into_iter().map(text).collect()),
    );
}

/// Nodes that move to another conductor group.
pub fn group_changes(d: &mut Draft) {
    let rows = d.doc.csv("nodes.csv").map_or(0, |csv| csv.rows.len());
    let changes: Vec<Val> = (0..rows)
        .map(|_| {
            let at = Val::Span(d.instant().span().unwrap_or(0).max(1000));
            let change = Val::List(vec![at, text(*d.dice.pick(&["x", "y"]))]);
            Val::List(if d.dice.coin() { vec![change] } else { Vec::new() })
        })
        .collect();
    let Some(csv) = d.doc.csv_mut("nodes.csv") else { return };
    csv.columns.push("group_changes");
    csv.rows
        .iter_mut()
        .zip(changes)
        .for_each(|(row, change)| row.push(change));
}

const SOME_DAYS: Words = &[&["mon", "wed", "fri"], &["sat", "sun"]];

/// Crews with racks, skills and hours of their own, and one that may do everything.
pub fn crews(d: &mut Draft) {
    d.doc
        .root
        .within("operators")
        .0
        .retain(|(key, _)| key != "technicians" && key != "shift");
    let hours = |d: &mut Draft, crew: &mut Table| {
        if d.dice.coin() {
            crew.set("shift", d.hours());
            if d.dice.coin() {
                crew.set("days", texts(pick_words(d, SOME_DAYS)));
            }
        }
    };
    for _ in 0..d.dice.between(0, 2) {
        let mut crew = Table::default();
        crew.set("technicians", Val::Int(d.dice.between(1, 2) as i64));
        let skills = *d
            .dice
            .pick(&[&["campaign"][..], &["spell", "clean"], &["campaign", "clean"]]);
        crew.set("skills", texts(skills));
        hours(d, &mut crew);
        d.doc.root.within("operators").add("crew", crew);
    }
    let mut all = Table::default();
    all.set("technicians", Val::Int(d.dice.between(1, 2) as i64));
    hours(d, &mut all);
    d.doc.root.within("operators").add("crew", all);
}
