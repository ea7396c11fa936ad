//! What is said of a profile: the laws with how well they fit, the loop, and what the trace cannot tell. Markdown.

use std::fmt::Write;

use super::number::{decimals, rounded, signed};
use super::plots::percent;
use crate::fit::CloudProfile;
use crate::fit::tried::{LawTried, REJECTED, WrittenLaw};
use crate::fit::untold::{dropped, untold};
use crate::fit::waiting::WaitPart;
use crate::judge::closed::{ClosedLoop, ClosedRow};
use crate::stats::lifelaw::FoundParameter;

/// A profile and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct FittedReport<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// What made it.
    pub mark: &'a str,
    /// The profile.
    pub profile: &'a CloudProfile,
    /// The loop, if it was closed.
    pub closed: Option<&'a ClosedLoop>,
    /// The level of the intervals, and the samples of each bootstrap.
    pub confidence: f64,
    /// Samples of each bootstrap.
    pub samples: usize,
}

/// What it comes to, for the terminal.
#[must_use]
pub fn summary(report: &FittedReport<'_>) -> String {
    let profile = report.profile;
    let tested: Vec<&LawTried> = profile.laws.iter().filter(|law| law.goodness.is_some()).collect();
    let rejected = tested.iter().filter(|law| law.rejected()).count();
    let tables = profile
        .laws
        .iter()
        .filter(|law| matches!(law.written, WrittenLaw::Table(_)))
        .count();
    let uneven = profile
        .demand
        .iter()
        .filter(|part| part.rate.evenness.is_some_and(|fits| fits.p < REJECTED))
        .count();
    let mut text = format!(
        "{}: {} workloads, {} laws of faults, {} sizes of campaigns.\n\
         {} laws of times were tried: {} could be tested, {rejected} of these do not fit (p < {REJECTED}), and {tables} are written as tables \
         of quantiles.\n",
        report.name,
        profile.demand.len(),
        profile.faults.len(),
        profile.campaigns.len(),
        profile.laws.len(),
        tested.len(),
    );
    if uneven > 0 {
        writeln!(
            text,
            "In {uneven} of {} workloads requests come in clusters, which the profile's Poisson processes do not.",
            profile.demand.len()
        )
        .ok();
    }
    if let Some(closed) = report.closed {
        text.push('\n');
        text += &closing(closed);
    }
    text
}

/// The whole report.
#[must_use]
pub fn report(report: &FittedReport<'_>) -> String {
    let profile = report.profile;
    let mut text = format!(
        "# {}: a profile and how well it fits\n\n{}.\n\n",
        report.name, report.mark
    );
    writeln!(
        text,
        "Intervals are of {} % each. p is the share of {} samples of the law itself that lie as far from it as the trace does: \
         below {REJECTED} the law does not fit. A law that is not rejected is not proved. Times are in seconds.\n",
        percent(report.confidence),
        report.samples
    )
    .ok();
    rates(profile, &mut text);
    laws(profile, &mut text);
    sizes(profile, &mut text);
    upkeep(profile, &mut text);
    if let Some(closed) = report.closed {
        writeln!(text, "## The loop closed\n\n{}", closing(closed)).ok();
    }
    text.push_str("## What the trace cannot tell\n\n");
    untold(profile).iter().for_each(|line| _ = writeln!(text, "- {line}"));
    text.push_str("\n## What was recorded and is not kept\n\n");
    dropped().iter().for_each(|line| _ = writeln!(text, "- {line}"));
    for left in &profile.left_out {
        writeln!(text, "- {} {}", left.count, left.what).ok();
    }
    text
}

/// A figure to three digits.
fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 1e9 || (size > 0.0 && size < 1e-3) {
        return format!("{value:.2e}");
    }
    rounded(value, decimals(&[value], &[]))
}

fn rates(profile: &CloudProfile, text: &mut String) {
    text.push_str(
        "## Rates and tenants\n\n| workload | requests | a day | hours of the week | trend | p of the gaps | dispersion by day | tenants | skew | p |\n\
         |---|--:|--:|---|---|--:|--:|--:|--:|--:|\n",
    );
    for part in &profile.demand {
        let rate = &part.rate;
        let most = |numbers: &Option<Vec<f64>>| {
            numbers.as_ref().map_or("even".to_owned(), |all| {
                let (lo, hi) = all
                    .iter()
                    .fold((f64::INFINITY, 0.0_f64), |(lo, hi), &n| (lo.min(n), hi.max(n)));
                format!("{} to {}", short(lo), short(hi))
            })
        };
        let p = rate.evenness.map_or("".to_owned(), |fits| rounded(fits.p, 3));
        let (skew, fits) = part.skew.map_or((String::new(), String::new()), |found| {
            let interval = format!("{} to {}", short(found.interval.lo), short(found.interval.hi));
            (
                format!("{} ({interval})", short(found.skew)),
                rounded(found.goodness.p, 3),
            )
        });
        writeln!(
            text,
            "| {} | {} | {} ({} to {}) | {} | {} | {p} | {} | {} | {skew} | {fits} |",
            part.name,
            rate.seen,
            short(rate.per_day),
            short(rate.interval.lo),
            short(rate.interval.hi),
            most(&rate.hours),
            most(&rate.trend),
            short(rate.dispersion),
            part.tenants,
        )
        .ok();
    }
    text.push_str(
        "\nThe gaps between requests are exponential if a workload is a Poisson process of its rates. The dispersion is variance / mean of \
         the counts by day: 1 for such a process at an even rate. Rates are those of requests; their intervals take no notice of clusters.\n\n",
    );
}

fn laws(profile: &CloudProfile, text: &mut String) {
    text.push_str(
        "## Laws of times\n\n| of | seen | ended | best family | parameters | distance | p | written | why |\n|---|--:|--:|---|---|--:|--:|---|---|\n",
    );
    for law in &profile.laws {
        let (family, parameters) = law.found.as_ref().map_or((String::new(), String::new()), |found| {
            let all: Vec<String> = found.parameters.iter().map(parameter).collect();
            (format!("{:?}", found.law.family()).to_lowercase(), all.join(", "))
        });
        let fits = |part: fn(&crate::stats::goodness::Goodness) -> f64| {
            law.goodness
                .as_ref()
                .map_or(String::new(), |fits| rounded(part(fits), 3))
        };
        let written = match &law.written {
            WrittenLaw::Fixed(_) => "a fixed time",
            WrittenLaw::Life(_) => "the family",
            WrittenLaw::Table(_) => "quantiles",
        };
        writeln!(
            text,
            "| {} | {} | {} | {family} | {parameters} | {} | {} | {written} | {} |",
            law.of,
            law.counts.0,
            law.counts.1,
            fits(|fits| fits.distance),
            fits(|fits| fits.p),
            law.why
        )
        .ok();
    }
    text.push('\n');
}

fn parameter(found: &FoundParameter) -> String {
    format!(
        "{} {} ({} to {})",
        found.name,
        short(found.value),
        short(found.interval.lo),
        short(found.interval.hi)
    )
}

fn sizes(profile: &CloudProfile, text: &mut String) {
    text.push_str("## Sizes\n\n| workload | flavor | requests | part | machines on average | content with |\n|---|---|--:|--:|--:|---|\n");
    for part in &profile.demand {
        for flavor in &part.flavors {
            let (machines, seen) = flavor.sizes.iter().fold((0.0, 0.0), |(sum, n), (size, seen)| {
                (sum + f64::from(*size) * *seen as f64, n + *seen as f64)
            });
            writeln!(
                text,
                "| {} | {} | {} | {} % ({} to {}) | {} | {} |",
                part.name,
                flavor.name,
                flavor.seen,
                percent(flavor.part.0),
                percent(flavor.part.1.lo),
                percent(flavor.part.1.hi),
                short(machines / f64::max(seen, 1.0)),
                flavor.min_count.map_or("all".to_owned(), |least| least.to_string()),
            )
            .ok();
        }
    }
    text.push('\n');
}

fn upkeep(profile: &CloudProfile, text: &mut String) {
    text.push_str("## Maintenance\n\n");
    for part in &profile.faults {
        let law: Vec<String> = part.between.parameters.iter().map(parameter).collect();
        let kinds: Vec<String> = part
            .kinds
            .iter()
            .map(|(kind, seen, _)| format!("{seen} {kind}"))
            .collect();
        writeln!(
            text,
            "- {}: {} of {}, {}; of {}. {} Nodes begin {}.",
            part.name,
            part.seen,
            kinds.join(", "),
            law.join(", "),
            part.classes.join(", "),
            waiting(part.wait),
            if part.whole {
                "whole: such laws would leave more broken ones at the begin than the trace has"
            } else {
                "as such laws leave them, some of them broken"
            }
        )
        .ok();
    }
    for (class, most) in &profile.unbroken {
        writeln!(
            text,
            "- {class}: no fault was seen, so that there are at most {} a node and year.",
            short(*most)
        )
        .ok();
    }
    for part in &profile.campaigns {
        writeln!(
            text,
            "- {}: {} seen, of {} to {} nodes, {} on average; one every {} days. {}",
            part.name,
            part.seen.0,
            part.nodes.0,
            part.nodes.1,
            short(part.seen.1),
            short(part.times.1),
            waiting(part.wait)
        )
        .ok();
    }
    text.push('\n');
}

/// How much of a spell is work.
fn waiting(wait: WaitPart) -> String {
    let work = format!(
        "Of a spell's length {} % are work, the rest is the wait for tenants",
        percent(wait.work)
    );
    match wait.deadline {
        None => format!("{work}."),
        Some(most) => format!("{work}: for {most} at most, since spells are shorter than tenants stay."),
    }
}

/// The loop's table.
fn closing(closed: &ClosedLoop) -> String {
    let set: Vec<String> = closed
        .settings
        .iter()
        .map(|(key, value)| format!(", {key}={value}"))
        .collect();
    let mut text = format!(
        "Trace and profile side by side: {} replications each, the first {} cut{}. Profile less trace, {} % intervals (Welch), each by \
         itself; in brackets where a single run of the profile lies.\n\n\
         | strategy | metric | trace | profile | difference | single runs | |\n|---|---|--:|--:|--:|--:|---|\n",
        closed.replications,
        closed.warm_up,
        set.concat(),
        percent(closed.confidence)
    );
    for row in &closed.rows {
        text += &closed_row(row);
    }
    text
}

fn closed_row(row: &ClosedRow) -> String {
    let (factor, unit) = if row.column.unit == "share" {
        (100.0, "%")
    } else {
        (1.0, row.column.unit)
    };
    let half = (row.difference.hi - row.difference.lo) / 2.0 * factor;
    let places = decimals(&[row.trace.mean * factor, row.profile.mean * factor], &[half]);
    let said = |value: f64| rounded(value * factor, places);
    format!(
        "| {} | {} ({unit}) | {} | {} | {} ({} to {}) | [{} to {}] | {} |\n",
        row.strategy,
        row.column.name,
        said(row.trace.mean),
        said(row.profile.mean),
        signed(row.difference.mean * factor, places),
        signed(row.difference.lo * factor, places),
        signed(row.difference.hi * factor, places),
        said(row.single.lo),
        said(row.single.hi),
        row.word()
    )
}
