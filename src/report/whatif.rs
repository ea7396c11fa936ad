//! The answer of `whatif` in words.

use super::number::{decimals, rounded, signed};
use super::plots::percent;
use super::roster::broken;
use crate::cells::columns::Metric;
use crate::judge::whatif::{HARMS, Harm, TakenArm, TakenFigure, TakenOut, free_nodes, leaves};
use crate::kernel::Span;
use crate::kernel::text::one_line;
use crate::scenario::morning::{Morning, OnNode};
use crate::stats::compare::{Paired, Verdict};

/// The widest line.
const WIDE: usize = 120;
/// So many of those who are on the nodes are told one by one.
const SHOWN: usize = 24;
/// So many of those who are refused or wait are named for each strategy.
const NAMED: usize = 4;

/// The answer as text: who is refused, who is on the nodes, and what to know.
#[must_use]
pub fn answer(morning: &Morning, found: Option<&TakenOut>) -> String {
    let mut said = vec![asked(morning)];
    match found {
        Some(found) => {
            said.push(conclusion(found));
            said.extend(found.arms.iter().flat_map(|arm| who(found, arm)));
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

fn figure(arm: &TakenArm, metric: Metric) -> Option<&TakenFigure> {
    arm.figures.iter().find(|figure| figure.kind == metric)
}

/// What befalls tenants, in words; none where it cannot be.
fn harm(found: &TakenOut, metric: Metric) -> Option<String> {
    Some(match metric {
        Metric::Breaches => "breaches".to_owned(),
        Metric::Evictions => "evictions".to_owned(),
        Metric::WaitedLong => format!("requests that wait longer than {}", found.long?),
        _ => "refusals".to_owned(),
    })
}

/// A strategy in which taking the nodes out does something that can be told.
struct Done<'a> {
    arm: &'a TakenArm,
    harm: Harm,
    what: String,
    effect: Paired,
}

/// What taking the nodes out does to tenants: the worst first, then each kind of harm.
fn conclusion(found: &TakenOut) -> String {
    let level = percent(found.confidence);
    let mut done: Vec<Done<'_>> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    let mut quiet: [(Verdict, Vec<String>); 2] = [(Verdict::Same, Vec::new()), (Verdict::NotDecided, Vec::new())];
    for (metric, harm) in HARMS {
        let Some(what) = self::harm(found, metric) else {
            continue;
        };
        let effects = found
            .arms
            .iter()
            .filter_map(|arm| Some((arm, figure(arm, metric)?.effect?)));
        let effects: Vec<(&TakenArm, Paired)> = effects.collect();
        let told = effects.iter().filter(|(_, effect)| effect.verdict.differs());
        let under: Vec<String> = told
            .clone()
            .map(|(arm, effect)| format!("under {} {}", arm.label, interval(effect)))
            .collect();
        if !under.is_empty() {
            said.push(format!("{what} {}", under.join(", ")));
        }
        done.extend(told.map(|&(arm, effect)| Done {
            arm,
            harm,
            what: what.clone(),
            effect,
        }));
        for (verdict, all) in &mut quiet {
            let labels = effects.iter().filter(|(_, effect)| effect.verdict == *verdict);
            let labels: Vec<&str> = labels.map(|(arm, _)| arm.label.as_str()).collect();
            if labels.len() == found.arms.len() {
                all.push(what.clone());
            } else if !labels.is_empty() {
                all.push(format!("{what} under {}", labels.join(" and ")));
            }
        }
    }
    // A machine that is missing is worse than one that comes later; then the more, the worse.
    let worse = done.iter().filter(|it| it.effect.diff > 0.0);
    let worst = worse.min_by(|a, b| a.harm.cmp(&b.harm).then(b.effect.diff.total_cmp(&a.effect.diff)));
    let mut text = match worst {
        Some(worst) => format!(
            "Worst, when they are taken out: {} {} under {}.",
            interval(&worst.effect),
            worst.what,
            worst.arm.label
        ),
        None => "Nothing that befalls tenants can be told to get worse when they are taken out.".to_owned(),
    };
    if !said.is_empty() {
        text += &format!(" What changes: {}.", said.join("; "));
    }
    text += &format!(" ({} draws, paired, {level} % together.)", found.replications);
    for ((_, all), words) in quiet
        .iter()
        .zip(["A difference of less than one", "Not decided by so many draws"])
    {
        if !all.is_empty() {
            text += &format!(" {words}: {}.", all.join("; "));
        }
    }
    text + &apart(found)
}

/// Where the ways differ from the baseline in what taking the nodes out does.
fn apart(found: &TakenOut) -> String {
    let mut apart = Vec::new();
    for (metric, _) in HARMS {
        let Some(what) = harm(found, metric) else { continue };
        let told = found.arms.iter().filter_map(|arm| {
            let against = figure(arm, metric)?.against.filter(|it| it.verdict.differs())?;
            Some(format!("{} {} {what}", arm.label, interval(&against)))
        });
        apart.extend(told);
    }
    if apart.is_empty() {
        format!(
            " The ways do not differ from {} in what that costs, as far as the draws tell.",
            found.baseline
        )
    } else {
        format!(" Held against {}: {}.", found.baseline, apart.join("; "))
    }
}

/// Who is refused and who waits long under a strategy: the classes and tenants of whom that can be told, the largest changes
/// first.
fn who(found: &TakenOut, arm: &TakenArm) -> Vec<String> {
    let of = |metric: Metric, dimension: &str| -> Vec<String> {
        let those = arm
            .parts
            .iter()
            .filter(|part| part.kind == metric && part.of.is_some_and(|(word, _)| word == dimension));
        let words = those.filter_map(|part| {
            let (it, (_, name)) = (part.effect.as_ref().filter(|it| it.verdict.differs())?, part.of?);
            Some(format!("{name} {}", interval(it)))
        });
        words.take(NAMED).collect()
    };
    let told = |what: &str, those: Vec<String>| (!those.is_empty()).then(|| format!("{what} {}", those.join(", ")));
    let asked = [
        (Metric::Refused, "Who is refused"),
        (Metric::WaitedLong, "Who waits longer"),
    ];
    let all = asked.into_iter().filter_map(|(metric, words)| {
        harm(found, metric)?;
        let said: Vec<String> = [
            told("class", of(metric, "class")),
            told("tenants", of(metric, "tenant")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if said.is_empty() {
            let effect = figure(arm, metric)?.effect?;
            return effect.verdict.differs().then(|| {
                format!(
                    "{words}, under {}: no class and no tenant alone can be told.",
                    arm.label
                )
            });
        }
        Some(format!("{words}, under {}: {}.", arm.label, said.join("; ")))
    });
    all.collect()
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
