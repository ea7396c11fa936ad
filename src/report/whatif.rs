//! The answer of `whatif` in words.

use super::number::{decimals, rounded, signed};
use super::plots::percent;
use super::roster::broken;
use crate::judge::whatif::{TakenArm, TakenFigure, TakenOut, free_nodes, leaves};
use crate::kernel::Span;
use crate::kernel::text::one_line;
use crate::scenario::morning::{Morning, OnNode};
use crate::stats::compare::{Paired, Verdict};

/// The widest line.
const WIDE: usize = 120;
/// So many of those who are on the nodes are told one by one.
const SHOWN: usize = 24;
/// So many of those who are refused are named for each strategy.
const NAMED: usize = 4;

/// The answer as text: who is refused, who is on the nodes, and what to know.
#[must_use]
pub fn answer(morning: &Morning, found: Option<&TakenOut>) -> String {
    let mut said = vec![asked(morning)];
    match found {
        Some(found) => {
            said.push(conclusion(found));
            said.extend(found.arms.iter().filter_map(refused));
        }
        None => said.push(
            "Who is refused is not told: nobody said what will be asked for from then on. Give --demand PROFILE.toml (as \
             `sickbay fit` writes it) or --per-day CLASS=N."
                .to_owned(),
        ),
    }
    let mut out = lines(&said);
    if let Some(found) = found {
        out.push('\n');
        out.push_str(&table(found));
    }
    out.push('\n');
    out.push_str(&lines(&[on_nodes(morning)]));
    out.push_str(&occupants(morning));
    if !morning.remarks.is_empty() {
        out.push_str("\nWhat to know:\n");
        let remarks: Vec<String> = morning.remarks.iter().map(|it| format!("- {it}")).collect();
        out.push_str(&lines(&remarks));
    }
    out
}

fn lines(said: &[String]) -> String {
    let broken = said.iter().flat_map(|text| broken(&one_line(text), WIDE));
    broken.map(|line| line + "\n").collect()
}

fn nodes(count: usize) -> String {
    format!("{count} {}", if count == 1 { "node" } else { "nodes" })
}

fn asked(morning: &Morning) -> String {
    format!(
        "{} ({}) taken out from {} to {}; refusals count until {}. The state is that of {}{}.",
        morning.what,
        nodes(morning.taken.len()),
        morning.at.0,
        morning.end.0,
        morning.until.0,
        morning.now,
        morning
            .demand
            .as_ref()
            .map_or_else(String::new, |from| format!(", demand from {from}"))
    )
}

/// A difference with its interval: `+3.2 [2.1, 4.3]`.
fn interval(it: &Paired) -> String {
    let digits = decimals(&[it.diff], &[(it.hi - it.lo) / 2.0]).min(2);
    let plain = |value| rounded(value, digits);
    format!("{} [{}, {}]", signed(it.diff, digits), plain(it.lo), plain(it.hi))
}

fn effect<'a>(arm: &'a TakenArm, metric: &str) -> Option<&'a Paired> {
    arm.figures
        .iter()
        .find(|figure| figure.metric == metric)?
        .effect
        .as_ref()
}

/// What taking the nodes out does to refusals, in a sentence or two.
fn conclusion(found: &TakenOut) -> String {
    let level = percent(found.confidence);
    let told: Vec<(&TakenArm, &Paired)> = found
        .arms
        .iter()
        .filter_map(|arm| Some((arm, effect(arm, "refused")?)))
        .collect();
    let more: Vec<String> = told
        .iter()
        .filter(|(_, it)| it.verdict.differs())
        .map(|(arm, it)| format!("{} {}", arm.label, interval(it)))
        .collect();
    let those = |verdict: Verdict| -> Vec<&str> {
        let those = told.iter().filter(|(_, it)| it.verdict == verdict);
        those.map(|(arm, _)| arm.label.as_str()).collect()
    };
    let mut said = match more.is_empty() {
        true => "No way of hiding them can be told to refuse more requests, or fewer, than leaving them in".to_owned(),
        false => format!(
            "Taking them out changes how many requests are refused under {}",
            more.join(", under ")
        ),
    };
    said += &format!(" ({} draws, paired, {level} % together).", found.replications);
    for (verdict, words) in [
        (Verdict::Same, "makes a difference of less than one request"),
        (Verdict::NotDecided, "is not decided by so many draws"),
    ] {
        let labels = those(verdict);
        if labels.len() == found.arms.len() {
            said += &format!(" Under each of them it {words}.");
        } else if !labels.is_empty() {
            said += &format!(" Under {} it {words}.", labels.join(" and "));
        }
    }
    let apart: Vec<String> = found
        .arms
        .iter()
        .filter_map(|arm| {
            let refused = arm.figures.iter().find(|figure| figure.metric == "refused")?;
            let against = refused.against.filter(|it| it.verdict.differs())?;
            Some(format!(
                "{} costs {} refusals against it",
                arm.label,
                interval(&against)
            ))
        })
        .collect();
    if apart.is_empty() {
        said + &format!(
            " The ways do not differ from {} in what that costs, as far as the draws tell.",
            found.baseline
        )
    } else {
        said + &format!(" Held against {}: {}.", found.baseline, apart.join("; "))
    }
}

/// Who is refused under a strategy: the classes and tenants of whom that can be told, the largest changes first.
fn refused(arm: &TakenArm) -> Option<String> {
    let of = |dimension: &str| -> Vec<String> {
        let those = arm
            .parts
            .iter()
            .filter(|part| part.of.is_some_and(|(word, _)| word == dimension));
        let words = those.filter_map(|part| {
            let (it, (_, name)) = (part.effect.as_ref().filter(|it| it.verdict.differs())?, part.of?);
            Some(format!("{name} {}", interval(it)))
        });
        words.take(NAMED).collect()
    };
    let told = |what: &str, those: Vec<String>| (!those.is_empty()).then(|| format!("{what} {}", those.join(", ")));
    let said: Vec<String> = [told("class", of("class")), told("tenants", of("tenant"))]
        .into_iter()
        .flatten()
        .collect();
    if said.is_empty() {
        let differs = effect(arm, "refused").is_some_and(|it| it.verdict.differs());
        return differs.then(|| format!("Who, under {}: no class and no tenant alone can be told.", arm.label));
    }
    Some(format!("Who, under {}: {}.", arm.label, said.join("; ")))
}

/// Every strategy with what is told of it: without, with, and the difference.
fn table(found: &TakenOut) -> String {
    let wide = found
        .arms
        .iter()
        .map(|arm| arm.label.chars().count())
        .max()
        .unwrap_or(0)
        .max(8);
    let mut out = format!(
        "{:<wide$}  {:<27}  {:>10}  {:>10}  {:<24}  word\n",
        "strategy", "metric", "not taken", "taken", "difference"
    );
    for arm in &found.arms {
        for figure in &arm.figures {
            out.push_str(&row(&arm.label, wide, figure));
        }
    }
    out
}

fn row(label: &str, wide: usize, figure: &TakenFigure) -> String {
    let mean = |it: Option<f64>| it.map_or_else(|| "-".to_owned(), |mean| rounded(mean, 2));
    let effect = figure.effect.as_ref();
    format!(
        "{label:<wide$}  {:<27}  {:>10}  {:>10}  {:<24}  {}\n",
        format!("{} ({})", figure.metric, figure.unit),
        mean(figure.without.map(|it| it.mean)),
        mean(figure.with.map(|it| it.mean)),
        effect.map_or_else(|| "-".to_owned(), interval),
        effect.map_or("", |it| it.verdict.word()),
    )
}

fn on_nodes(morning: &Morning) -> String {
    let (at, end) = free_nodes(morning);
    let on = morning.on_nodes.len();
    if on == 0 {
        return "Nobody is on these nodes.".to_owned();
    }
    format!(
        "{on} of these {} have a tenant now. Free of tenants are on average {} by {}, and {} by {}, if nobody new comes.",
        nodes(morning.taken.len()),
        rounded(at, 1),
        morning.at.0,
        rounded(end, 1),
        morning.end.0
    )
}

fn days(span: Span) -> String {
    let hours = span.as_hours();
    if hours < 48.0 {
        format!("{} h", rounded(hours, 1))
    } else {
        format!("{} d", rounded(hours / 24.0, 1))
    }
}

/// Who is on the nodes, those who stay longest first.
fn occupants(morning: &Morning) -> String {
    if morning.on_nodes.is_empty() {
        return String::new();
    }
    let stays = |on: &OnNode| leaves(morning, on).map_or(-1.0, |it| it.by_end);
    let mut order: Vec<&OnNode> = morning.on_nodes.iter().collect();
    order.sort_by(|a, b| stays(a).total_cmp(&stays(b)).then(a.node.cmp(&b.node)));
    let mut rows = vec![
        [
            "node",
            "tenant",
            "class",
            "runs for",
            "gone by then",
            "by the end",
            "half are gone after",
        ]
        .map(str::to_owned),
    ];
    for on in order.iter().take(SHOWN) {
        let leaves = leaves(morning, on);
        let share = |it: f64| format!("{} %", rounded(it * 100.0, 0));
        let known = |text: Option<String>| text.unwrap_or_else(|| "not known".to_owned());
        rows.push([
            one_line(&on.node).into_owned(),
            one_line(&on.tenant).into_owned(),
            one_line(&on.class).into_owned(),
            days(on.age),
            known(leaves.map(|it| share(it.by_at))),
            known(leaves.map(|it| share(it.by_end))),
            known(leaves.and_then(|it| it.half).map(days)),
        ]);
    }
    let wide: Vec<usize> = (0..7)
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(&wide).map(|(cell, wide)| format!("{cell:<wide$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    if order.len() > SHOWN {
        out.push_str(&format!("and {} more: --format json has all\n", order.len() - SHOWN));
    }
    out
}
