//! The findings for a pull request's comment: the answer first, then a table per scenario of what
//! fails or has moved, and what there is to tell folded away.

use super::text::headline;
use std::fmt::Write;

use crate::judge::finding::{Checked, Figures, Finding, Judgement};
use crate::kernel::number::fixed;

/// Rows of a table at most.
const ROWS: usize = 60;

/// Bytes at most: GitHub refuses a comment of more than 65,536 characters.
const BYTES: usize = 60_000;

/// Bytes that are kept for the lines of scenarios for which nothing else has room.
const LINES: usize = 10_000;

/// The document.
pub(super) fn render(command: &str, checked: &[Checked]) -> String {
    let failed = checked.iter().any(Checked::fails);
    let mark = if failed { ":x:" } else { ":white_check_mark:" };
    let mut out = format!("### {mark} sickbay {command}: {}\n", headline(checked));
    let mut unsaid = 0;
    for one in checked {
        // What there is to tell, else the table alone, else the answer.
        let forms = [(true, BYTES - LINES), (false, BYTES - LINES)];
        let fits = forms.iter().find_map(|&(told, room)| {
            let mut text = String::new();
            head(&mut text, one);
            body(&mut text, one, told);
            (out.len() + text.len() <= room).then_some(text)
        });
        match fits {
            Some(text) => out.push_str(&text),
            None if out.len() + one.scenario.len() + 400 <= BYTES => {
                head(&mut out, one);
                out.push_str("\nThere is no room here for its findings.\n");
            }
            None => unsaid += 1,
        }
    }
    if unsaid > 0 {
        writeln!(out, "\n{unsaid} more scenarios are not shown.").ok();
    }
    out
}

fn head(out: &mut String, one: &Checked) {
    let word = if one.fails() { "failed" } else { "passed" };
    write!(out, "\n**{}**: {word}", inline(&one.scenario)).ok();
    if let Some(old) = &one.old {
        write!(
            out,
            " against `{}` (sickbay {}, seed {}, replications {})",
            old.name.replace('`', "'"),
            inline(&old.version),
            old.seed,
            old.replications
        )
        .ok();
    }
    out.push('\n');
}

fn body(out: &mut String, one: &Checked, with_lines: bool) {
    for note in &one.notes {
        writeln!(out, "\n> {}", inline(note)).ok();
    }
    let told: Vec<&Finding> = one.findings.iter().filter(|finding| is_told(finding)).collect();
    if told.is_empty() {
        writeln!(out, "\nAll {} findings are unchanged or hold.", one.findings.len()).ok();
        return;
    }
    out.push_str("\n| | strategy | what | verdict | before | now | difference |\n|---|---|---|---|---|---|---|\n");
    for finding in told.iter().take(ROWS) {
        row(out, finding);
    }
    if told.len() > ROWS {
        writeln!(out, "\n{} more are not shown.", told.len() - ROWS).ok();
    }
    let folded = told.iter().filter(|finding| with_lines && !finding.lines.is_empty());
    for finding in folded.take(ROWS) {
        let summary = html(&format!("{}, {}: {}", finding.strategy, finding.what, finding.said));
        let body = html(&finding.lines.join("\n"));
        write!(
            out,
            "\n<details><summary>{summary}</summary>\n\n<pre>\n{body}\n</pre>\n\n</details>\n"
        )
        .ok();
    }
}

fn is_told(finding: &Finding) -> bool {
    finding.fails || !matches!(finding.verdict, Judgement::Unchanged | Judgement::Holds)
}

fn row(out: &mut String, finding: &Finding) {
    let mark = if finding.fails { ":x:" } else { "" };
    let (before, now, difference) = match &finding.figures {
        Some(figures) => cells(figures),
        None => (String::new(), String::new(), finding.said.clone()),
    };
    let (strategy, what, verdict) = (&finding.strategy, &finding.what, finding.verdict.word());
    let cells: Vec<String> = [strategy, what, verdict, &before, &now, &difference]
        .map(inline)
        .to_vec();
    writeln!(out, "| {mark} | {} |", cells.join(" | ")).ok();
}

fn cells(figures: &Figures) -> (String, String, String) {
    let show =
        |value: Option<f64>| value.map_or_else(String::new, |value| format!("{} {}", fixed(value), figures.unit));
    let difference = figures.diff.map_or_else(String::new, |diff| {
        let [mean, lo, hi] = [diff.mean, diff.lo, diff.hi].map(fixed);
        if diff.n < 2 {
            format!("{mean} (one replication)")
        } else {
            format!("{mean} [{lo}, {hi}]")
        }
    });
    (show(figures.old), show(figures.new), difference)
}

/// Text in a cell or a paragraph: nothing in it is markup.
fn inline(text: impl AsRef<str>) -> String {
    let mut out = String::new();
    for c in text.as_ref().chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention would call somebody.
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    out
}

fn html(text: &str) -> String {
    // A mention would call somebody, in a summary too.
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('@', "&#64;")
}
