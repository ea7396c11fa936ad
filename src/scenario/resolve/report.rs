//! `[report]`.

use super::site::Site;
use crate::kernel::Span;
use crate::scenario::goals::{BestGoal, Matters, PrecisionGoal};
use crate::scenario::keys::ranges::REPLICATIONS;
use crate::scenario::read::Section;
use crate::scenario::tree::Value;
use crate::scenario::{Reporting, WarmUpRule, values};
use crate::stats::width::{GoalOf, Width};
use crate::workload::Demand;

/// So many requests are written down without being asked for: at 750 bytes each, with the text of the
/// file, until the results are written.
const LOGGED: f64 = 1e6;

/// So many nodes' courses are written down without being asked for.
const LOGGED_NODES: usize = 2_000;

/// More replications than this are not written down.
const MOST_LOGGED: usize = 100;

/// Reads the table; `synthetic` says that nothing is replayed.
pub fn read(t: &mut Section<'_>, site: &Site, demand: &Demand, synthetic: bool) -> Reporting {
    let metrics = t.words("metrics").into_iter().map(|(word, _)| word).collect();
    let metrics_place = t.ledger.blank(&t.place("metrics"));
    let headline = t.words("headline").into_iter().map(|(word, _)| word).collect();
    let headline_place = t.ledger.blank(&t.place("headline"));
    let confidence = level(t);
    let warm_up = warm_up(t, synthetic);
    if warm_up.cut().0 >= site.horizon.0 {
        let message = format!(
            "`report.warm_up` is {}: nothing is left before the horizon",
            warm_up.cut()
        );
        t.wrong("warm_up", message, "cut less, or run for longer");
    }
    Reporting {
        metrics,
        confidence,
        warm_up,
        story: t.flag("story"),
        log_requests: log_requests(t, demand.expected(site.horizon)),
        log_nodes: t.whole("log_nodes").map_or(LOGGED_NODES, |nodes| nodes as usize),
        log_replications: log_replications(t),
        precision: t.within("precision", true, precision).flatten(),
        best: t.within("best", true, best).flatten(),
        metrics_place,
        asked: Vec::new(),
        headline,
        headline_place,
        matters: t.section("matters", matters),
        max_events: t.whole("max_events").unwrap_or(1) as u64,
    }
}

fn matters(t: &mut Section<'_>) -> Matters {
    let shares = match width(t, "shares", false) {
        Some(Width::Absolute(points) | Width::Points(points)) => points,
        _ => 0.0,
    };
    Matters {
        shares,
        waits: t.span("waits"),
        counts: part(t, "counts"),
        misplaced: part(t, "misplaced"),
        node_hours: part(t, "node_hours"),
        costs: None,
    }
}

/// A part of something, in percent.
fn part(t: &mut Section<'_>, name: &str) -> f64 {
    match width(t, name, true) {
        Some(Width::Relative(part)) => part,
        Some(_) => {
            let message = format!("`{}` is no part of something", t.full(name));
            t.wrong(name, message, "write it in percent, such as \"0.5%\"");
            0.0
        }
        None => 0.0,
    }
}

/// The warm-up. A replay starts from a filled fleet and its instants are what is asked about: where the key is not
/// typed nothing is cut from it.
fn warm_up(t: &mut Section<'_>, synthetic: bool) -> WarmUpRule {
    if !t.has("warm_up") && !synthetic {
        let source = "a replay starts from a filled fleet, and nothing is cut from it";
        t.enter("warm_up", "\"0s\"".to_owned(), Some(source));
        return WarmUpRule::Fixed(Span::ZERO);
    }
    let Some(item) = t.take("warm_up") else {
        return WarmUpRule::Mser5;
    };
    match &item.value {
        Value::Text(word) if word == "mser-5" => WarmUpRule::Mser5,
        Value::Text(word) if word == "none" => WarmUpRule::Fixed(Span::ZERO),
        Value::Text(word) if word.starts_with(|c: char| c.is_ascii_lowercase()) => {
            let message = format!("`report.warm_up` is `{word}`: neither a length of time nor a rule");
            let fix = "write \"mser-5\", \"none\", or a time such as \"14d\"";
            t.wrong("warm_up", message, fix);
            WarmUpRule::Mser5
        }
        _ => WarmUpRule::Fixed(values::span(t.ledger, "report.warm_up", &item).unwrap_or_default()),
    }
}

/// The replications that are written down, rising; the first is always among them.
fn log_replications(t: &mut Section<'_>) -> Vec<u32> {
    let mut replications = vec![0];
    let Some(item) = t.take("log_replications") else {
        return replications;
    };
    let Value::List(items) = &item.value else {
        let message = format!("`report.log_replications` takes a list, not {}", item.value.kind());
        t.wrong(
            "log_replications",
            message,
            "write a list of replications counted from 0, such as [0, 3]",
        );
        return replications;
    };
    for entry in items {
        match entry.value {
            Value::Whole(number) if (0..REPLICATIONS).contains(&number) => replications.push(number as u32),
            _ => {
                let message = format!("`report.log_replications`: {} is no replication", entry.value.inline());
                t.wrong(
                    "log_replications",
                    message,
                    "write replications counted from 0, such as [0, 3]",
                );
            }
        }
    }
    replications.sort_unstable();
    replications.dedup();
    if replications.len() > MOST_LOGGED {
        let message = format!("`report.log_replications` names {} replications", replications.len());
        t.wrong(
            "log_replications",
            message,
            format!("name at most {MOST_LOGGED}: each has a log of its own"),
        );
        replications.truncate(1);
    }
    replications
}

fn log_requests(t: &mut Section<'_>, expected: f64) -> bool {
    if t.has("log_requests") {
        return t.flag("log_requests");
    }
    if expected > LOGGED {
        t.ledger.assume(format!(
            "about {:.1} million requests are expected: requests.csv is left without rows (`report.log_requests = true` writes them)",
            expected / 1e6
        ));
    }
    expected <= LOGGED
}

fn level(t: &mut Section<'_>) -> f64 {
    let level = t.number("confidence", "a level from 0.5 to 0.999999, such as 0.95");
    level.unwrap_or(0.95)
}

/// A width, as text with its unit or as a number in the metric's.
pub(super) fn width(t: &mut Section<'_>, name: &str, relative: bool) -> Option<Width> {
    let item = t.take(name)?;
    let examples = if relative {
        "write points of a share (\"0.2pp\"), a share of the mean (\"5%\"), or a number above 0 in the metric's unit"
    } else {
        "write points of a share (\"0.5pp\") or a number above 0 in the metric's unit"
    };
    let width = match &item.value {
        Value::Text(text) => Width::parse(text),
        value => match value.number() {
            Some(n) if n > 0.0 && n.is_finite() => Ok(Width::Absolute(n)),
            Some(n) => Err(format!("{n} is not above 0")),
            None => Err(format!("it takes a width, not {}", value.kind())),
        },
    };
    let width = width.and_then(|width| match width {
        Width::Relative(_) if !relative => Err("a share of the mean would move with what is compared".to_owned()),
        width => Ok(width),
    });
    match width {
        Ok(width) => Some(width),
        Err(what) => {
            t.wrong(name, format!("`{}`: {what}", t.full(name)), examples);
            None
        }
    }
}

fn budget(t: &mut Section<'_>) -> u32 {
    t.whole("max_replications").unwrap_or(2) as u32
}

fn precision(t: &mut Section<'_>) -> Option<PrecisionGoal> {
    let metric = t.text("metric");
    let of = t.choice("of", &[("mean", GoalOf::Mean), ("difference", GoalOf::Difference)]);
    let half_width = width(t, "half_width", true);
    let (confidence, max_replications) = (level(t), budget(t));
    let place = t.ledger.blank(&t.place("metric"));
    Some(PrecisionGoal {
        metric: metric?,
        of: of?,
        half_width: half_width?,
        confidence,
        max_replications,
        place,
    })
}

fn best(t: &mut Section<'_>) -> Option<BestGoal> {
    let metric = t.text("metric");
    let indifference = width(t, "indifference", false);
    let (confidence, max_replications) = (level(t), budget(t));
    let place = t.ledger.blank(&t.place("metric"));
    Some(BestGoal {
        metric: metric?,
        indifference: indifference?,
        confidence,
        max_replications,
        place,
    })
}
