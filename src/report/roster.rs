//! The roster of strategies and the manual of metrics, as text.

use crate::cells::columns::COLUMNS;
use crate::scenario::keys::STRATEGIES;
use crate::stats::compare::Good;
use crate::strategy::{Param, ROSTER, RosterEntry};

const WIDE: usize = 100;

/// Every strategy with its parameters, what they take and their defaults.
#[must_use]
pub fn strategies() -> String {
    let mut out = String::new();
    for entry in ROSTER {
        out.push_str(&format!("{}\n{}\n", entry.name, filled(entry.summary, 2)));
        for param in (entry.plain)().params() {
            out.push_str(&format!("\n  {}", told(param.name, &param)));
        }
        out.push('\n');
    }
    let example =
        "strategies = [\"withdraw\", { name = \"tenant-reservation\", route = \"any\", label = \"tenants, unnamed\" }]";
    out.push_str(&format!(
        "In a scenario, a strategy is its name or a table with parameters:\n  {example}\n"
    ));
    out
}

/// A parameter under this name, with what it takes and its default.
fn told(name: &str, param: &Param<'_>) -> String {
    let takes = filled(&format!("takes {}", param.wants()), 6);
    let meaning = param.under.map_or_else(
        || param.doc.to_owned(),
        |mechanism| format!("{mechanism}: {}", param.doc),
    );
    format!("{name} = {}\n{takes}\n{}\n", param.toml(), filled(&meaning, 6))
}

/// The parameters of this name, or of this strategy and name (`withdraw.out_of_band`), each with its key in full.
#[must_use]
pub fn parameters(asked: &str) -> Vec<String> {
    let (strategy, name) = asked
        .split_once('.')
        .map_or((None, asked), |(one, name)| (Some(one), name));
    let entries = ROSTER
        .into_iter()
        .filter(|entry| strategy.is_none_or(|one| one == entry.name));
    let of = |entry: &RosterEntry| {
        let mut plain = (entry.plain)();
        let all = plain.params();
        let own = all.iter().filter(|param| param.name == name);
        let key = |param: &Param<'_>| told(&format!("{STRATEGIES}.{}.{name}", entry.name), param);
        own.map(key).collect::<Vec<String>>()
    };
    entries.flat_map(of).collect()
}

/// Every metric with its unit, its good side and its definition.
#[must_use]
pub fn columns_manual() -> String {
    let mut out = String::new();
    for column in COLUMNS {
        let good = match column.good {
            Good::High => "more is better",
            Good::Low => "less is better",
            Good::Neither => "neither side is better",
        };
        let words: Vec<&str> = column.dimensions.iter().map(|it| it.word()).collect();
        let by = match words.as_slice() {
            [] => String::new(),
            words => format!("; by {}", words.join(", ")),
        };
        out.push_str(&format!(
            "{} ({}; {good}{by})\n{}\n",
            column.name,
            column.unit,
            filled(column.definition, 2)
        ));
    }
    let parts = "Where it says `by`, a metric can be asked for of a part: `acceptance{class=gpu}`, `campaign_end{campaign=fw}`. Such a \
                 name is taken by report.metrics, report.headline, report.precision, report.best and [[expect]], and by --slo, \
                 --metric and --tolerance.";
    out + "\n" + &filled(parts, 0) + "\n"
}

/// Text broken at spaces into indented lines.
pub fn filled(text: &str, indent: usize) -> String {
    let lines = broken(text, WIDE.saturating_sub(indent));
    lines
        .iter()
        .map(|line| format!("{}{line}", " ".repeat(indent)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text broken at spaces into lines of at most so many characters, as far as its words allow.
pub(super) fn broken(text: &str, wide: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= wide => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roster_names_every_parameter_and_its_default() {
        let text = strategies();
        for entry in ROSTER {
            assert!(
                text.contains(entry.summary.split(' ').next().unwrap_or("")),
                "{}",
                entry.name
            );
            for param in (entry.plain)().params() {
                assert!(
                    text.contains(&format!("  {} = {}\n", param.name, param.toml())),
                    "{}",
                    param.name
                );
            }
        }
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    }

    #[test]
    fn the_manual_defines_every_metric() {
        let text = columns_manual();
        assert!(COLUMNS.iter().all(|column| text.contains(column.name)));
    }
}
