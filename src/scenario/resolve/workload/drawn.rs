//! Workloads that are drawn: flavors, hours of the week, trend and tenants.

use super::super::fleet::Yard;
use super::super::site::Site;
use super::super::words::Given;
use super::asks::{class, fits, tenant};
use crate::fleet::TenantId;
use crate::kernel::{Law, Span};
use crate::scenario::keys::ranges::ENTRIES;
use crate::scenario::read::Section;
use crate::scenario::tree::{Item, Place, Value};
use crate::workload::laws::Trend;
use crate::workload::{FlavorLaw, Kind, Multi, Poisson};

/// The law of drawn requests.
pub(super) fn poisson(
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
