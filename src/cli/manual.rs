//! The manual pages that come from tables: metrics and completions.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Arguments;
use super::failure::Failure;
use super::print;
use crate::experiment::columns::{COLUMNS, Column, Good};

/// How wide a manual page is.
const WIDTH: usize = 96;
/// How far what belongs to a name stands in.
pub const INDENT: &str = "    ";

/// `metrics`: the column table as a manual page.
pub fn metrics() -> Result<(), Failure> {
    let pages: Vec<String> = COLUMNS.iter().map(metric).collect();
    let head = "Metrics, as in summary.json and metrics.csv; those with * are in the printed table by default.\n";
    print::answer(&format!("{head}\n{}", pages.join("\n")))
}

/// `completions`: what a shell needs to complete our options.
pub fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sickbay", &mut script);
    print::answer(&String::from_utf8_lossy(&script))
}

fn metric(column: &Column) -> String {
    let star = if column.shown { " *" } else { "" };
    let good = match column.good {
        Good::High => "more is better",
        Good::Low => "less is better",
        Good::Neither => "neither side is better",
    };
    format!(
        "{}{star} ({}; {good})\n{}",
        column.name,
        column.unit,
        block(column.definition, INDENT)
    )
}

/// `text` as indented lines, each with its newline.
pub fn block(text: &str, indent: &str) -> String {
    wrapped(text, WIDTH - indent.len())
        .iter()
        .map(|line| format!("{indent}{line}\n"))
        .collect()
}

/// `text` in lines of at most `width` characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
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
    use super::wrapped;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("a bb  ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrapped("toolong b", 3), ["toolong", "b"]);
        assert!(wrapped("", 3).is_empty());
    }
}
