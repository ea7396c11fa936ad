//! The findings for a terminal: a line per scenario, what fails or has moved under it.

use std::fmt::Write;

use crate::judge::finding::{Checked, Finding, Judgement};

/// The text.
pub(super) fn render(checked: &[Checked]) -> String {
    let mut out = String::new();
    for one in checked {
        scenario(&mut out, one);
    }
    if checked.len() > 1 {
        writeln!(out, "{}", headline(checked)).ok();
    }
    out
}

/// One sentence for all of it: `unchanged`, or what fails.
pub(super) fn headline(checked: &[Checked]) -> String {
    let findings = || checked.iter().flat_map(|checked| &checked.findings);
    let failing = findings().filter(|finding| finding.fails).count();
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let (of, scenarios) = (findings().count(), checked.len());
    let all = format!(
        "{of} finding{} in {scenarios} scenario{}",
        plural(of),
        plural(scenarios)
    );
    let regressed = findings()
        .filter(|finding| finding.verdict == Judgement::Regressed)
        .count();
    if failing == 0 && regressed > 0 {
        format!("passed, and {regressed} regressed on which nothing was asked to fail: {all}")
    } else if failing == 0 {
        format!("passed: {all}")
    } else {
        format!("failed: {failing} of {all}")
    }
}

fn scenario(out: &mut String, one: &Checked) {
    writeln!(out, "{}: {}", one.scenario, verdict(one)).ok();
    for note in &one.notes {
        writeln!(out, "  note: {note}").ok();
    }
    let mut strategy = None;
    for finding in one.findings.iter().filter(|finding| is_told(finding)) {
        if strategy != Some(&finding.strategy) {
            writeln!(out, "  {}", finding.strategy).ok();
            strategy = Some(&finding.strategy);
        }
        let mark = if finding.fails { "FAIL" } else { "    " };
        writeln!(out, "  {mark} {}: {}", finding.what, finding.said).ok();
        for line in &finding.lines {
            writeln!(out, "         {line}").ok();
        }
    }
}

/// What went as it should is counted and not told.
fn is_told(finding: &Finding) -> bool {
    finding.fails || !matches!(finding.verdict, Judgement::Unchanged | Judgement::Holds) || !finding.lines.is_empty()
}

/// What became of a scenario, in a sentence: how many findings there are of each verdict.
pub(super) fn verdict(one: &Checked) -> String {
    let count = |wanted: &[Judgement]| {
        let hits = one.findings.iter().filter(|finding| wanted.contains(&finding.verdict));
        hits.count()
    };
    let failing = one.findings.iter().filter(|finding| finding.fails).count();
    let mut parts = Vec::new();
    for (verdicts, word) in [
        (&[Judgement::Unchanged][..], "unchanged"),
        (&[Judgement::Changed], "changed"),
        (&[Judgement::Improved], "improved"),
        (&[Judgement::Regressed], "regressed"),
        (&[Judgement::NotDecided], "not decided"),
        (&[Judgement::NoValue], "without a value"),
        (&[Judgement::Holds], "expectations hold"),
        (&[Judgement::Broken], "expectations broken"),
    ] {
        let n = count(verdicts);
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    let moved = count(&[
        Judgement::Changed,
        Judgement::Improved,
        Judgement::Regressed,
        Judgement::NotDecided,
        Judgement::NoValue,
        Judgement::Broken,
    ]);
    let head = match (failing, moved) {
        (0, 0) if one.old.is_some() => "unchanged",
        (0, _) => "passed",
        _ => "FAILED",
    };
    let runs = match &one.old {
        Some(old) => format!("against {} (sickbay {})", old.name, old.version),
        None => "against its expectations".to_owned(),
    };
    format!("{head} {runs}: {}", parts.join(", "))
}
