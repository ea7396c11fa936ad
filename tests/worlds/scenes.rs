//! What the generator writes for things that are rare by themselves: several keys at once, and the first strategy.

use sickbay::scheduler::nova::NOVA_DEFAULT;

use super::doc::{Table, Val, table, text, texts};
use super::draft::{DAY, Draft, HOUR, MINUTE, Place};
use super::fill::in_advance;

/// The operators' tenant, by one of its mechanisms, as the first strategy.
fn reservation(mechanism: &str) -> Table {
    let mut one = Table::default();
    one.set("name", text("tenant-reservation"));
    one.set("label", text("s0"));
    one.set("mechanism", text(mechanism));
    one
}

/// Does something to the first strategy.
fn first_strategy(d: &mut Draft, what: fn(&mut Draft, &mut Table)) {
    let Some(Val::List(mut list)) = d.doc.at("scenario.strategies").cloned() else {
        return;
    };
    if let Some(Val::Table(first)) = list.first_mut() {
        what(d, first);
    }
    d.put("scenario", "strategies", Val::List(list));
}

/// Blazar's calendar has something to keep where requests come in advance and work is to be done.
pub fn blazar(d: &mut Draft) {
    first_strategy(d, |d, first| {
        *first = reservation("blazar-lease");
        lease_terms(d, first);
    });
    in_advance(d);
}

/// A lease that others fall into, or one that ends before the work does.
fn lease_terms(d: &mut Draft, lease: &mut Table) {
    lease.set(
        "lease",
        match d.dice.below(4) {
            0 | 1 => text("open"),
            _ => d.positive(),
        },
    );
    if d.dice.chance(80) {
        lease.set("healing", Val::Span(*d.dice.pick(&[0, HOUR, 5 * HOUR, DAY, DAY])));
    }
}

/// Operators who boot wherever the scheduler picks among their nodes, several of which they have at a time.
pub fn any_route(d: &mut Draft) {
    if !d.is("blazar") {
        first_strategy(d, |d, first| {
            let mechanism = *d.dice.pick(&["isolated-aggregate", "tenant-aggregate", "ironic-owner"]);
            *first = reservation(mechanism);
        });
    }
    first_strategy(d, |_, first| first.set("route", text("any")));
    let (counts, duration) = (d.dice.between(1, 3) as i64, d.positive());
    let errands = table(vec![("counts", Val::Int(counts)), ("duration", duration)]);
    d.put("maintenance", "errands", errands);
    let nodes = d.nodes();
    let kind = *d.dice.pick(&["operator-hold", "hardware-failure"]);
    let start = d.instant();
    for node in nodes.iter().take(3) {
        spell(d, node, &start, 4 * HOUR, kind);
    }
}

/// A spell of so long on a node.
fn spell(d: &mut Draft, node: &str, start: &Val, long: u64, kind: &str) {
    let end = Val::Span(start.span().unwrap_or(0) + long);
    let spell = table(vec![
        ("node", text(node)),
        ("start", start.clone()),
        ("end", end),
        ("kind", text(kind)),
    ]);
    if let Val::Table(spell) = spell {
        d.doc.root.within("maintenance").add("spell", spell);
    }
}

/// A campaign that counts its own nodes alone comes again while marks are still on, and classes change meanwhile.
pub fn reclassed_while_out(d: &mut Draft) {
    let mut again = Table::default();
    again.set("name", text("again"));
    again.set("start", Val::Span(0));
    again.set("every", Val::Span(*d.dice.pick(&[2 * HOUR, 6 * HOUR])));
    again.set("work", Val::Span(*d.dice.pick(&[HOUR, 5 * HOUR])));
    let most = Val::Int(d.dice.between(1, 2) as i64);
    let budget = vec![("counts", text("campaign")), ("scope", text("class")), ("nodes", most)];
    again.set("budget", table(budget));
    d.doc.root.within("maintenance").add("campaign", again);
    d.put("operators", "slip", Val::Num(0.5));
    if !d.is("never-audited") {
        d.put("operators", "audit", Val::Span(DAY));
    }
}

/// Who names the last node of a class waits where the candidate cap lets only those before it through, until one of them
/// goes: to a tenant, to the operators' boot, into maintenance, into another class or out of the fleet. Nobody else asks
/// for this class, so that hardly anything else stirs its line.
pub fn capped(d: &mut Draft) {
    let before = d.dice.between(1, 2);
    let names = class_of_its_own(d, "capped", before + 1);
    let order = *d.dice.pick(&["lowest", "lowest", "random"]);
    d.put("control_plane", "cap", Val::Int(before as i64));
    d.put("control_plane", "cap_order", text(order));
    enable(d, "JsonFilter");
    let mut workload = Table::default();
    workload.set("name", text("capped"));
    workload.set("on_refusal", table(vec![("wait", Val::Span(DAY))]));
    let query = format!("[\"=\", \"$hypervisor_hostname\", \"{}\"]", names[before]);
    for n in 1..=d.dice.between(2, 5) {
        let mut request = Table::default();
        request.set("name", text(format!("c{n}")));
        request.set("at", d.instant());
        request.set("tenant", text(*d.dice.pick(&["anna", "bert"])));
        request.set("hold", d.positive());
        request.set("class", text("capped"));
        if n == 1 || d.dice.coin() {
            request.set("query", text(query.clone()));
        }
        workload.add("request", request);
    }
    d.doc.root.add("workload", workload);
    if d.dice.coin() {
        let duration = d.positive();
        let errands = vec![("counts", Val::Int(1)), ("duration", duration)];
        d.put("maintenance", "errands", table(errands));
        let start = d.instant();
        spell(d, &names[0], &start, 12 * HOUR, "operator-hold");
    }
}

/// Nodes of a class that nobody else asks for, by their names. Where they are listed, the first may leave the fleet or the
/// class.
fn class_of_its_own(d: &mut Draft, class: &str, nodes: usize) -> Vec<String> {
    let names: Vec<String> = (1..=nodes).map(|n| format!("{class}-{n}")).collect();
    if !d.is("nodes-csv") {
        let group = vec![("class", text(class)), ("nodes", Val::Int(nodes as i64))];
        if let Val::Table(group) = table(group) {
            d.fleet().add("group", group);
        }
        return names;
    }
    let at = Val::Span(d.instant().span().unwrap_or(0).max(MINUTE));
    let goes = *d.dice.pick(&["available_until_s", "class_changes", ""]);
    if let Some(csv) = d.doc.csv_mut("nodes.csv") {
        for name in &names {
            let first = *name == names[0];
            let field = |column: &&str| match *column {
                "node_id" => text(name.clone()),
                "resource_class" => text(class),
                "available_until_s" if first && goes == *column => at.clone(),
                "class_changes" if first && goes == *column => Val::List(vec![Val::List(vec![at.clone(), text("a")])]),
                "traits" | "class_changes" | "group_changes" => Val::List(Vec::new()),
                _ => text(""),
            };
            let row = csv.columns.iter().map(field).collect();
            csv.rows.push(row);
        }
    }
    names
}

/// Enables a filter beside those that are.
fn enable(d: &mut Draft, filter: &str) {
    let mut all = match d.doc.at("control_plane.filters") {
        Some(filters) => filters.list().to_vec(),
        None => texts(&NOVA_DEFAULT).list().to_vec(),
    };
    if !all.contains(&text(filter)) {
        all.push(text(filter));
    }
    d.put("control_plane", "filters", Val::List(all));
}

/// A class that is large enough for a share in binary digits to fall short of what is written: 0.29 of 100 is 29.
pub fn large_class(d: &mut Draft) {
    let mut first = true;
    d.some(Place::Groups, |_, group| {
        if std::mem::take(&mut first) {
            group.set("nodes", Val::Int(100));
        }
    });
    d.some(Place::Campaigns, |_, c| {
        c.set(
            "budget",
            table(vec![("scope", text("class")), ("share", Val::Num(0.29))]),
        );
    });
}

/// What is rare elsewhere, all at once: flags on occupied nodes whose tenants need rescues, a loop that lags behind,
/// slips and audits, builds that fail.
pub fn pressed(d: &mut Draft) {
    first_strategy(d, |d, first| match first.get("name").and_then(Val::word) {
        Some("tenant-reservation") => first.set("flag", Val::Flag(true)),
        Some("withdraw") => {}
        _ if d.is("any-route") => {}
        _ => {
            let mut withdraw = Table::default();
            withdraw.set("name", text("withdraw"));
            withdraw.set("label", text("s0"));
            withdraw.set("route", text(*d.dice.pick(&["expose", "out-of-band"])));
            *first = withdraw;
        }
    });
    let pass = vec![
        ("period", Val::Span(*d.dice.pick(&[10 * MINUTE, HOUR]))),
        ("per_node", Val::Span(2000)),
    ];
    d.put("control_plane", "loop", table(pass));
    d.some(Place::Workloads, |d, w| {
        let length = Val::Span(*d.dice.pick(&[10 * MINUTE, HOUR, 5 * HOUR]));
        w.set("rescue", table(vec![("share", Val::Num(1.0)), ("length", length)]));
    });
    let drain = *d.dice.pick(&["at-once", "tenant-leaves", "tenant-leaves"]);
    d.put("maintenance", "drain", text(drain));
    d.put("operators", "slip", Val::Num(0.5));
    if !d.is("never-audited") {
        d.put("operators", "audit", Val::Span(HOUR));
    }
    d.put("ironic", "build_failure", Val::Num(0.25));
    let failing = Val::Span(*d.dice.pick(&[MINUTE, HOUR]));
    d.put("ironic", "build_failure_time", failing);
}
