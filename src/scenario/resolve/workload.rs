//! `[[workload]]`: traces, Poisson processes, requests written by hand.

mod asks;
mod drawn;
mod traced;

use std::sync::Arc;

use asks::{class, fits, tenant};

use super::fleet::Yard;
use super::inputs::InputFiles;
use super::site::Site;
use super::words::{self, Given};
use crate::kernel::{Law, Span, Time};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::tree::{Item, Value};
use crate::scenario::values;
use crate::workload::laws::Stock;
use crate::workload::{Demand, Kind, Line, Multi, Patience, Request, Source, Trace};

const KINDS: [(&str, Kind); 3] = [
    ("people", Kind::People),
    ("monitoring", Kind::Monitoring),
    ("operator", Kind::Operator),
];
const LINES: [(&str, Line); 2] = [("open", Line::Open), ("strict", Line::Strict)];
const MULTIS: [(&str, Multi); 2] = [("nova", Multi::Nova), ("blazar", Multi::Blazar)];
const ON_REFUSAL: &str = "write \"give-up\", { retry = 3, backoff = \"10m\" } or { wait = \"6h\" }";

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
        traced::trace(t, (at, multi), yard, inputs)
    } else if t.has("flavor") {
        Stock::Poisson(Arc::new(drawn::poisson(t, (&name, kind, multi), site, yard, named)))
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
