//! The findings for programs.

use crate::judge::finding::{Checked, Figures, Finding, Side};
use crate::kernel::number::fixed;
use crate::report::json::Json;

/// The format's version: it grows when a key is renamed or dropped, not when one is added.
const FORMAT: u32 = 1;

/// The document.
pub(super) fn render(command: &str, checked: &[Checked], passed: bool) -> String {
    Json::object([
        ("sickbay", text(env!("CARGO_PKG_VERSION"))),
        ("format", number(FORMAT)),
        ("command", text(command)),
        ("passed", Json::Flag(passed)),
        ("scenarios", Json::List(checked.iter().map(scenario).collect())),
    ])
    .document()
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn number(number: impl ToString) -> Json {
    Json::Number(number.to_string())
}

fn texts(lines: &[String]) -> Json {
    Json::List(lines.iter().map(|line| text(line)).collect())
}

fn scenario(one: &Checked) -> Json {
    let mut pairs = vec![
        ("scenario".to_owned(), text(&one.scenario)),
        ("file".to_owned(), text(&one.file)),
        ("passed".to_owned(), Json::Flag(!one.fails())),
    ];
    if let Some(old) = &one.old {
        pairs.push(("old".to_owned(), side(old)));
    }
    pairs.push(("new".to_owned(), side(&one.new)));
    pairs.push(("notes".to_owned(), texts(&one.notes)));
    let findings = one.findings.iter().map(finding).collect();
    pairs.push(("findings".to_owned(), Json::List(findings)));
    Json::Object(pairs)
}

fn side(side: &Side) -> Json {
    Json::object([
        ("name", text(&side.name)),
        ("version", text(&side.version)),
        ("scenario_digest", text(&side.digest)),
        ("seed", number(side.seed)),
        ("replications", number(side.replications)),
    ])
}

fn finding(finding: &Finding) -> Json {
    let mut pairs = vec![
        ("strategy".to_owned(), text(&finding.strategy)),
        ("what".to_owned(), text(&finding.what)),
        ("verdict".to_owned(), text(finding.verdict.word())),
        ("fails".to_owned(), Json::Flag(finding.fails)),
        ("said".to_owned(), text(&finding.said)),
    ];
    if !finding.lines.is_empty() {
        pairs.push(("lines".to_owned(), texts(&finding.lines)));
    }
    if let Some(figures) = &finding.figures {
        pairs.extend(of_figures(figures));
    }
    Json::Object(pairs)
}

fn of_figures(figures: &Figures) -> Vec<(String, Json)> {
    let float = |value: f64| Json::Number(fixed(value));
    let mut pairs = vec![("unit".to_owned(), text(figures.unit))];
    let sides = [("old", figures.old), ("new", figures.new)];
    pairs.extend(
        sides
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), float(value?)))),
    );
    if let Some(diff) = figures.diff {
        pairs.extend([
            ("diff".to_owned(), float(diff.mean)),
            ("lo".to_owned(), float(diff.lo)),
            ("hi".to_owned(), float(diff.hi)),
            ("n".to_owned(), number(diff.n)),
            ("paired".to_owned(), Json::Flag(diff.paired)),
        ]);
    }
    pairs.push(("tolerance".to_owned(), float(figures.tolerance)));
    pairs
}
