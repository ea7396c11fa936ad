//! `[[workload]]`: traces, Poisson processes, requests written by hand.

use std::sync::Arc;

use super::fleet::Yard;
use super::inputs::{InputFiles, Text, Wrong};
use super::seats::SeatBook;
use super::site::Site;
use super::words::{self, Given};
use crate::fleet::names::Names;
use crate::fleet::{ClassId, TenantId, TraitId, TraitSet};
use crate::import::neutral::{RequestKind, RequestMulti, ToldRow, TraceRow};
use crate::kernel::text::quoted;
use crate::kernel::{Law, Span, Time};
use crate::scenario::diagnose::fix_word;
use crate::scenario::keys::ranges::ENTRIES;
use crate::scenario::library::{Kept, Origin};
use crate::scenario::read::Section;
use crate::scenario::tree::{Item, Place, Value};
use crate::scenario::values;
use crate::workload::laws::{Stock, Trend};
use crate::workload::{BEYOND, Demand, FlavorLaw, Kind, Line, Multi, Patience, Poisson, Request, Source, Trace};

const KINDS: [(&str, Kind); 3] = [
    ("people", Kind::People),
    ("monitoring", Kind::Monitoring),
    ("operator", Kind::Operator),
];
const LINES: [(&str, Line); 2] = [("open", Line::Open), ("strict", Line::Strict)];
const MULTIS: [(&str, Multi); 2] = [("nova", Multi::Nova), ("blazar", Multi::Blazar)];
const ON_REFUSAL: &str = "write \"give-up\", { retry = 3, backoff = \"10m\" } or { wait = \"6h\" }";
/// So many wrong rows of a trace are told at once.
const ROWS_TOLD: usize = 20;

/// All workloads of the file.
pub fn read(file: &mut Section<'_>, site: &Site, yard: &mut Yard, inputs: &mut InputFiles<'_>) -> Demand {
    let mut names: Vec<String> = Vec::new();
    let mut given: Vec<Given> = Vec::new();
    let mut sources = file.every("workload", |t, at| {
        let mut named = Given {
            workload: t.has("name"),
            flavors: Vec::new(),
        };
        let source = workload(t, at, site, (yard, inputs), &mut named);
        given.push(named);
        if names.contains(&source.name) {
            t.wrong(
                "name",
                format!("two workloads are called `{}`", source.name),
                "give one of them another `name`",
            );
        }
        names.push(source.name.clone());
        source
    });
    if yard.fleet.names.tenants.len() > usize::from(u16::MAX) {
        file.wrong("workload", "there are more than 65,535 tenants", "use fewer `tenants`");
    }
    words::of_demand(&mut sources, &yard.extras, &given, &yard.fleet.names);
    Demand {
        sources,
        extras: std::mem::take(&mut yard.extras),
        seats: std::mem::take(&mut yard.seats).into_all(),
    }
}

fn workload(
    t: &mut Section<'_>,
    at: usize,
    site: &Site,
    (yard, inputs): (&mut Yard, &mut InputFiles<'_>),
    named: &mut Given,
) -> Source {
    let name = t.text("name").unwrap_or_else(|| format!("workload-{}", at + 1));
    let stocks: Vec<&str> = ["trace", "flavor", "request"]
        .into_iter()
        .filter(|key| t.has(key))
        .collect();
    let astray = ["flavor", "request"].into_iter().any(|key| t.has_astray(key));
    if stocks.len() != 1 && !(stocks.is_empty() && astray) {
        let found = if stocks.is_empty() {
            "none".to_owned()
        } else {
            stocks.join(" and ")
        };
        let message = format!("a workload has one of `trace`, `flavor` and `request`; this one has {found}");
        let place = stocks.get(1).map_or(t.head.clone(), |key| t.place(key));
        t.ledger.wrong(&place, message, "make a `[[workload]]` of each");
    }
    if !t.has("flavor") && !astray {
        for key in ["hours_of_week", "trend", "tenants", "skew", "growth_a_year"]
            .into_iter()
            .filter(|key| t.has(key))
        {
            t.wrong(
                key,
                format!("`{key}` belongs to flavors, and this workload has none"),
                "remove it, or add a `[[workload.flavor]]`",
            );
        }
    }
    let mut kind = Kind::People;
    if !t.has("trace") {
        kind = t.choice("kind", &KINDS).unwrap_or(Kind::People);
    } else if t.has("kind") {
        t.wrong(
            "kind",
            "a trace says the kind row by row",
            "remove `kind`; the trace's column `kind` counts",
        );
    }
    let scale = t.number("scale", "a number from 0 to 1000").unwrap_or(1.0);
    let patience = patience(t);
    let line = t.choice("line", &LINES).unwrap_or_default();
    let multi = t.choice("multi", &MULTIS).unwrap_or_default();
    let rescue = t.within("rescue", true, |r| (r.share("share"), r.law("length")));
    let leases = t
        .choice("hold_from", &[("active", false), ("start", true)])
        .unwrap_or(false);
    let names_owner = t.share("names_owner");
    let running = running_hold(t);
    let stock = if t.has("trace") {
        trace(t, (at, multi), yard, inputs)
    } else if t.has("flavor") {
        Stock::Poisson(Arc::new(poisson(t, (&name, kind, multi), site, yard, named)))
    } else {
        requests(t, (at, multi), kind, site, yard)
    };
    Source {
        name,
        word: 0,
        kind,
        stock,
        scale,
        patience,
        line,
        rescue,
        names_owner,
        leases,
        running,
    }
}

/// The law of holds of a trace whose ends are not known.
fn running_hold(t: &mut Section<'_>) -> Option<Law> {
    if t.has("running_hold") && !t.has("trace") {
        t.wrong(
            "running_hold",
            "`running_hold` belongs to a trace, and this workload has none",
            "remove it, or add `trace = \"requests.csv\"` with a column `end_known`",
        );
    }
    t.maybe_law("running_hold")
}

fn patience(t: &mut Section<'_>) -> Patience {
    let Some(item) = t.take("on_refusal") else {
        return Patience::GiveUp;
    };
    let branch = match &item.value {
        Value::Text(word) if word == "give-up" => return Patience::GiveUp,
        Value::Table(branch) => branch,
        _ => {
            t.ledger
                .wrong(&item.place, "`on_refusal` is not understood", ON_REFUSAL);
            return Patience::GiveUp;
        }
    };
    let known = |key: &String| ["retry", "backoff", "wait"].contains(&key.as_str());
    for (key, (place, _)) in branch {
        if !known(key) {
            t.ledger.wrong(
                place,
                format!("unknown key `on_refusal.{key}`"),
                fix_word(key, ["retry", "backoff", "wait"]),
            );
        }
    }
    if !branch.keys().all(known) {
        return Patience::GiveUp;
    }
    let get = |key: &str| branch.get(key).map(|(_, item)| item);
    let span = |key: &str, item: &Item| values::span(t.ledger, &format!("on_refusal.{key}"), item).unwrap_or_default();
    match (get("retry"), get("backoff"), get("wait")) {
        (None, None, Some(wait)) => Patience::Wait {
            patience: span("wait", wait),
        },
        (
            Some(Item {
                value: Value::Whole(times @ 1..=1000),
                ..
            }),
            backoff,
            None,
        ) => {
            let backoff = backoff.map_or(Span::secs(600), |item| span("backoff", item));
            if backoff == Span::ZERO {
                t.ledger
                    .wrong(&item.place, "`on_refusal.backoff` is 0", "give a time above 0");
            }
            Patience::Retry {
                times: *times as u16,
                backoff,
            }
        }
        (Some(retry), _, None) => {
            t.ledger.wrong(
                &retry.place,
                "`on_refusal.retry` takes a whole number from 1 to 1000",
                ON_REFUSAL,
            );
            Patience::GiveUp
        }
        _ => {
            t.ledger.wrong(
                &item.place,
                "`on_refusal` takes either `retry` with `backoff`, or `wait`",
                ON_REFUSAL,
            );
            Patience::GiveUp
        }
    }
}

/// Enters a tenant and returns its number.
fn tenant(yard: &mut Yard, name: &str) -> TenantId {
    TenantId(yard.fleet.names.tenants.enter(name))
}

fn trace(t: &mut Section<'_>, workload: (usize, Multi), yard: &mut Yard, inputs: &mut InputFiles<'_>) -> Stock {
    let text = t
        .text("trace")
        .and_then(|path| inputs.requests(&path, &t.place("trace")));
    let Some(text) = text else {
        return Stock::Given(Arc::default());
    };
    let names = &yard.fleet.names;
    let from = Origin {
        file: text.file.clone(),
        workload,
        classes: names.classes.clone(),
        tenants: names.tenants.clone(),
        traits: names.traits.clone(),
    };
    let Some(kept) = inputs
        .library
        .kept(&from)
        .or_else(|| told(t, &text, from, yard, inputs))
    else {
        return Stock::Given(Arc::default());
    };
    inputs.warn(&kept.warnings);
    SeatBook::take(&kept.trace, (workload.0, &text), t.ledger, yard);
    (yard.fleet.names.tenants, yard.fleet.names.traits) = (kept.tenants, kept.traits);
    Stock::Given(kept.trace)
}

/// Reads a trace; it is kept if nothing is wrong with it.
fn told(t: &Section<'_>, text: &Text, from: Origin, yard: &mut Yard, inputs: &InputFiles<'_>) -> Option<Kept> {
    // A file that turns out odd halfway is read anew, and one that is wrong leaves no names behind.
    let forget = |names: &mut Names| (names.tenants, names.traits) = (from.tenants.clone(), from.traits.clone());
    let (mut trace, mut wrong) = (Trace::default(), Vec::new());
    let warnings = inputs.tell_requests(text, &t.place("trace"), &mut |told| match told {
        ToldRow::Anew => {
            forget(&mut yard.fleet.names);
            (trace, wrong) = (Trace::default(), Vec::new());
        }
        ToldRow::Row(row) => match from_row(&row, from.workload, yard) {
            Ok(request) => {
                trace.push(&request, row.request_id);
                note_begin_and_end(&mut trace, &row);
            }
            Err(what) if wrong.len() < ROWS_TOLD => wrong.push((row.line, what)),
            Err(_) => {}
        },
    });
    let Some(warnings) = warnings else {
        forget(&mut yard.fleet.names);
        return None;
    };
    wrong.iter().for_each(|(line, what)| text.wrong(t.ledger, *line, what));
    trace.finish();
    let kept = Kept {
        trace: Arc::new(trace),
        tenants: yard.fleet.names.tenants.clone(),
        traits: yard.fleet.names.traits.clone(),
        warnings,
        from,
    };
    if wrong.is_empty() {
        inputs.library.keep(kept.clone());
    }
    Some(kept)
}

/// Notes where a request runs at the begin, and that its end is not known.
fn note_begin_and_end(trace: &mut Trace, row: &TraceRow<'_>) {
    if row.start_ms == 0 && !row.node_id.is_empty() {
        trace.sits(row.line, row.node_id);
    }
    if !row.end_known {
        trace.is_open(Span(row.hold_ms), Span(row.age_ms));
    }
}

/// A request of a trace; or the column, what is wrong there, and the fix.
fn from_row(record: &TraceRow<'_>, (source, multi): (usize, Multi), yard: &mut Yard) -> Result<Request, Wrong> {
    let names = &mut yard.fleet.names;
    let Some(class) = names.classes.find(record.resource_class).map(ClassId) else {
        if yard.unsure {
            return Ok(Request::default());
        }
        let known: Vec<&str> = names.classes.iter().collect();
        let message = format!("no node has the class {}", quoted(record.resource_class));
        return Err((
            "resource_class",
            message,
            fix_word(record.resource_class, known.iter().copied()),
        ));
    };
    let mut required = TraitSet::default();
    for name in record.traits.split_whitespace() {
        match names.traits.enter(name) {
            number if number < 64 => required = required.with(TraitId(number)),
            _ => {
                return Err((
                    "traits",
                    format!("{} is the 65th trait", quoted(name)),
                    "64 can be told apart".to_owned(),
                ));
            }
        }
    }
    if record.start_ms == 0 && !record.node_id.is_empty() && record.count != 1 {
        let message = format!("{} machines cannot run on one node", record.count);
        let fix = "write a row for each machine, or leave `node_id` empty".to_owned();
        return Err(("node_id", message, fix));
    }
    // Of an end that is not known it is known that it comes after the data.
    let hold = if record.end_known { Span(record.hold_ms) } else { BEYOND };
    let count = |column, n: u32| {
        u16::try_from(n).map_err(|_| {
            let most = format!("ask for at most {}", u16::MAX);
            (column, format!("`{n}` machines are too many"), most)
        })
    };
    Ok(Request {
        arrival: Time(record.arrival_ms),
        start: Time(record.start_ms),
        hold,
        planned: record.planned_hold_ms.map_or(hold, Span),
        plans: record.planned_hold_ms.is_some(),
        tenant: TenantId(names.tenants.enter(record.tenant)),
        class,
        required,
        forbidden: TraitSet::default(),
        extras: 0,
        count: count("count", record.count)?,
        min_count: count("min_count", record.min_count)?,
        multi: match record.multi {
            Some(RequestMulti::Nova) => Multi::Nova,
            Some(RequestMulti::Blazar) => Multi::Blazar,
            None => multi,
        },
        kind: match record.kind {
            RequestKind::People => Kind::People,
            RequestKind::Monitoring => Kind::Monitoring,
            RequestKind::Operator => Kind::Operator,
        },
        source: source as u16,
        // The draw gives each request its luck, per replication.
        luck: 0,
    })
}

fn poisson(
    t: &mut Section<'_>,
    (name, kind, multi): (&str, Kind, Multi),
    site: &Site,
    yard: &mut Yard,
    named: &mut Given,
) -> Poisson {
    let hours_of_week = hours_of_week(t);
    let trend = t.within("trend", true, trend).flatten();
    if kind == Kind::Operator && !t.has("tenants") {
        let place = t.head.clone();
        let own = Item {
            value: Value::Text("operators".to_owned()),
            place: place.clone(),
        };
        t.lend(
            "tenants",
            Some(Item {
                value: Value::List(vec![own]),
                place,
            }),
        );
    }
    let growth = t.number("growth_a_year", "a number from -0.99 to 100").unwrap_or(0.0);
    let tenants = tenants(t, name, yard);
    let flavors = t.every("flavor", |f, _| {
        let name = f.text("name");
        if name.is_some() && named.flavors.contains(&name) {
            let twice = format!(
                "two flavors of this workload are called `{}`",
                name.as_deref().unwrap_or_default()
            );
            f.wrong("name", twice, "give one of them another `name`");
        }
        named.flavors.push(name);
        flavor(f, yard)
    });
    if flavors.is_empty() && matches!(t.peek("flavor").map(|item| item.value), Some(Value::List(_))) {
        t.wrong("flavor", "there is no flavor", "add a `[[workload.flavor]]`");
    }
    Poisson {
        flavors,
        hours_of_week,
        trend,
        multi,
        clock: site.clock.clone(),
        tenants,
        growth,
    }
}

fn flavor(f: &mut Section<'_>, yard: &mut Yard) -> FlavorLaw {
    let class = class(f, yard);
    let per_day = f.number("per_day", "a number from 0 to 1000000").unwrap_or(0.0);
    let sizes = f.sizes("sizes");
    let largest = sizes
        .0
        .iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(n, _)| *n)
        .max()
        .unwrap_or(1);
    let min_count = f.whole("min_count").map(|n| n as u16);
    if let Some(least) = min_count.filter(|&least| least > largest) {
        f.wrong(
            "min_count",
            format!("`min_count` is {least}, more than the largest of `sizes`, {largest}"),
            "the least that a request takes is at most what it asks for",
        );
    }
    fits(
        f,
        "sizes",
        min_count.map_or(largest, |least| least.min(largest)),
        class,
        yard,
    );
    let hold = f.law("hold");
    let lead = Some(f.law("lead")).filter(|lead| *lead != Law::Fixed(Span::ZERO));
    let (required, forbidden) = (yard.traits(f, "traits"), yard.traits(f, "forbidden"));
    FlavorLaw {
        word: 0,
        class: class.unwrap_or_default(),
        per_day,
        required,
        forbidden,
        extras: yard.extras(f),
        sizes,
        hold,
        lead,
        min_count,
    }
}

fn class(t: &mut Section<'_>, yard: &Yard) -> Option<ClassId> {
    let name = t.text("class")?;
    yard.class(t, &name, &t.place("class"))
}

/// Notes a request that its whole class could not hold. The fleet as written counts: on a scaled
/// one such a request is refused in the run.
fn fits(t: &Section<'_>, key: &str, count: u16, class: Option<ClassId>, yard: &Yard) {
    let Some(class) = class else { return };
    let capacity = yard.capacity.get(class.at()).copied().unwrap_or(0);
    if usize::from(count) > capacity && !yard.unsure {
        let name = yard.fleet.names.classes.name(class.0);
        t.wrong(
            key,
            format!("{count} machines are asked for, and the class `{name}` has {capacity}"),
            format!("ask for at most {capacity}"),
        );
    }
}

/// Relative intensities with mean 1.
fn hours_of_week(t: &mut Section<'_>) -> Option<Vec<f64>> {
    let item = t.take("hours_of_week")?;
    let fix = "give 168 numbers of 0 or more, Monday 0h first, by the clocks of `scenario.time_zone`";
    let Value::List(items) = &item.value else {
        t.ledger
            .wrong(&item.place, "`hours_of_week` takes a list of numbers", fix);
        return None;
    };
    let numbers: Vec<f64> = items
        .iter()
        .filter_map(|i| i.value.number().filter(|n| (0.0..=1e9).contains(n)))
        .collect();
    if numbers.len() != 168 || items.len() != 168 {
        let message = format!(
            "`hours_of_week` has {} numbers of 0 or more among {} entries",
            numbers.len(),
            items.len()
        );
        t.ledger.wrong(&item.place, message, fix);
        return None;
    }
    let mean = numbers.iter().sum::<f64>() / 168.0;
    if mean <= 0.0 {
        t.ledger.wrong(&item.place, "`hours_of_week` sums to 0", fix);
        return None;
    }
    Some(numbers.iter().map(|n| n / mean).collect())
}

/// How demand grows and falls, with mean 1.
fn trend(t: &mut Section<'_>) -> Option<Trend> {
    let every = t.span("every");
    let item = t.take("rates")?;
    let rates: Vec<f64> = match &item.value {
        Value::List(items) => {
            let numbers = items
                .iter()
                .map(|it| it.value.number().filter(|n| (0.0..=1e9).contains(n)));
            numbers.collect::<Option<Vec<f64>>>().unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let mean = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
    if mean <= 0.0 || rates.len() > ENTRIES {
        let message = "`trend.rates` takes a list of numbers of 0 or more, one of them above 0".to_owned();
        let fix = "give one number for each stretch, such as [0.8, 1.0, 1.2], 10,000 at most";
        t.ledger.wrong(&item.place, message, fix);
        return None;
    }
    Some(Trend {
        every,
        rates: rates.iter().map(|rate| rate / mean).collect(),
    })
}

/// The tenants with their shares, which sum to 1.
fn tenants(t: &mut Section<'_>, workload: &str, yard: &mut Yard) -> Vec<(TenantId, f64)> {
    let item = t.take("tenants");
    let skew = t.number("skew", "a number from 0 to 10").unwrap_or(0.0);
    let Some(item) = item else { return Vec::new() };
    let names: Vec<(String, f64)> = match &item.value {
        Value::Whole(1) => vec![(workload.to_owned(), 1.0)],
        Value::Whole(n @ 2..=50_000) => (1..=*n).map(|at| (format!("{workload}-{at}"), 1.0)).collect(),
        Value::List(items) if !items.is_empty() => items.iter().filter_map(|entry| named_tenant(t, entry)).collect(),
        _ => {
            let fix = "write a number from 1 to 50000, [\"a\", \"b\"], or [{ name = \"a\", share = 0.7 }, …]";
            t.ledger.wrong(&item.place, "`tenants` is not understood", fix);
            return Vec::new();
        }
    };
    let weight = |at: usize, share: f64| share * libm::exp(-skew * libm::log((at + 1) as f64));
    let weights: Vec<f64> = names
        .iter()
        .enumerate()
        .map(|(at, (_, share))| weight(at, *share))
        .collect();
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 && !names.is_empty() {
        t.ledger.wrong(
            &item.place,
            "the shares of `tenants` sum to 0",
            "give at least one share above 0",
        );
    }
    names
        .iter()
        .zip(weights)
        .map(|((name, _), weight)| (tenant(yard, name), weight / sum))
        .collect()
}

fn named_tenant(t: &Section<'_>, entry: &Item) -> Option<(String, f64)> {
    let wrong = |place: &Place| {
        t.ledger.wrong(
            place,
            "a tenant is a name, or { name, share }",
            "such as { name = \"a\", share = 0.7 }",
        );
        None
    };
    let branch = match &entry.value {
        Value::Text(name) if !name.is_empty() => return Some((name.clone(), 1.0)),
        Value::Table(branch) => branch,
        _ => return wrong(&entry.place),
    };
    if let Some((_, (place, _))) = branch
        .iter()
        .find(|(key, _)| !["name", "share"].contains(&key.as_str()))
    {
        return wrong(place);
    }
    let Some((
        _,
        Item {
            value: Value::Text(name),
            ..
        },
    )) = branch.get("name")
    else {
        return wrong(&entry.place);
    };
    let Some((_, share)) = branch.get("share") else {
        return Some((name.clone(), 1.0));
    };
    match share.value.number() {
        Some(n) if (0.0..=1e9).contains(&n) => Some((name.clone(), n)),
        _ => wrong(&share.place),
    }
}

fn requests(t: &mut Section<'_>, (at, multi): (usize, Multi), kind: Kind, site: &Site, yard: &mut Yard) -> Stock {
    let mut seen: Vec<String> = Vec::new();
    let read = t.every("request", |r, _| {
        let (request, name) = request(r, (at, multi), kind, site, yard);
        if !name.is_empty() && seen.contains(&name) {
            r.wrong(
                "name",
                format!("two requests are called `{name}`"),
                "give one of them another name",
            );
        }
        seen.push(name.clone());
        (request, name)
    });
    let (requests, names): (Vec<Request>, Vec<String>) = read.into_iter().unzip();
    let trace = Trace::of(&requests, names.iter().map(String::as_str));
    Stock::Given(Arc::new(trace))
}

fn request(
    r: &mut Section<'_>,
    (source, multi): (usize, Multi),
    kind: Kind,
    site: &Site,
    yard: &mut Yard,
) -> (Request, String) {
    let instant = |r: &mut Section<'_>, key: &str| {
        let full = r.full(key);
        r.take(key)
            .and_then(|item| values::instant(r.ledger, &full, &item, site.epoch))
    };
    let arrival = Time(instant(r, "at").unwrap_or_default().0);
    let start = instant(r, "start").map_or(arrival, |span| Time(span.0));
    if start < arrival {
        r.wrong(
            "start",
            "`start` is before `at`",
            "let the request start when it is asked for, or later",
        );
    }
    let who = r.text("tenant").unwrap_or_default();
    let class = class(r, yard);
    let count = r.whole("count").unwrap_or(1) as u16;
    let min_count = r.whole("min_count").map_or(count, |n| n as u16);
    if min_count > count {
        r.wrong(
            "min_count",
            format!("`min_count` is {min_count}, more than the count, {count}"),
            "give at most the count",
        );
    }
    fits(r, "count", min_count, class, yard);
    let hold = r.span("hold");
    let planned = r.maybe_span("planned");
    let (required, forbidden) = (yard.traits(r, "traits"), yard.traits(r, "forbidden"));
    let name = r.text("name").unwrap_or_default();
    let request = Request {
        arrival,
        start,
        hold,
        planned: planned.unwrap_or(hold),
        plans: planned.is_some(),
        tenant: tenant(yard, &who),
        class: class.unwrap_or_default(),
        required,
        forbidden,
        extras: yard.extras(r),
        count,
        min_count,
        multi,
        kind,
        source: source as u16,
        luck: 0,
    };
    (request, name)
}
