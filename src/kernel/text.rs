//! Text that others wrote: which characters act upon whoever shows them, and how it is shown so that none does.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character does something to a terminal, a page or a parser instead of standing for itself: control
/// characters (a line end among them), what turns the direction of writing, and what XML cannot hold.
#[must_use]
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

/// The same for text of several lines, whose line ends and tabs are as they should be.
#[must_use]
pub fn acts_in_lines(c: char) -> bool {
    acts(c) && c != '\n' && c != '\t'
}

/// The text with characters that act spelt out, but for line ends and tabs.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    spelt(text, acts_in_lines)
}

/// The text on one line, with characters that act spelt out.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    spelt(text, acts)
}

fn spelt(text: &str, wrong: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&wrong) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if wrong(c) {
            write!(out, "{}", c.escape_unicode()).ok();
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// A cell as errors quote it: its first letters, on one line, with characters that act spelt out.
#[must_use]
pub fn quoted(cell: &str) -> String {
    const SHOWN: usize = 40;
    let first: String = cell.chars().take(SHOWN).collect();
    let more = if first.len() < cell.len() { "…" } else { "" };
    format!("`{}{more}`", one_line(&first))
}

/// The first bytes of something that is not the text that it should be, on one line.
#[must_use]
pub fn beginning(bytes: &[u8]) -> String {
    const SHOWN: usize = 24;
    let first: String = bytes[..bytes.len().min(SHOWN)].escape_ascii().map(char::from).collect();
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    format!("{first}{more}")
}

/// Whether a line would be a command to a GitHub job that prints it.
#[must_use]
pub fn commands(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

/// The line, so that it commands nothing.
#[must_use]
pub fn uncommanded(line: Cow<'_, str>) -> Cow<'_, str> {
    if commands(&line) {
        Cow::Owned(line.replacen("::", "\\::", 1).replace("##[", "#\\#["))
    } else {
        line
    }
}

/// Whether a spreadsheet would compute this field, or take off the mark that keeps it from that.
fn computes(field: &str) -> bool {
    field.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
}

/// A field as it is written to a CSV: a name that a spreadsheet would compute gets an apostrophe before it. Numbers are
/// numbers. `from_cell` gives the field back.
#[must_use]
pub fn to_cell(field: &str) -> Cow<'_, str> {
    if computes(field) && field.parse::<f64>().is_err() {
        Cow::Owned(format!("'{field}"))
    } else {
        Cow::Borrowed(field)
    }
}

/// The field that was written like this.
#[must_use]
pub fn from_cell(written: &str) -> &str {
    match written.strip_prefix('\'') {
        Some(field) if computes(field) => field,
        _ => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_act_are_spelt_out() {
        assert_eq!(shown("a\u{1b}[31m\nb\t\u{202e}"), "a\\u{1b}[31m\nb\t\\u{202e}");
        assert_eq!(one_line("a\nb"), "a\\u{a}b");
        assert!(matches!(shown("gpu-ä 3 ‰"), Cow::Borrowed(_)));
        assert_eq!(quoted("a\nb"), "`a\\u{a}b`");
        assert_eq!(quoted(&"ä".repeat(41)), format!("`{}…`", "ä".repeat(40)));
        assert_eq!(
            beginning(b"root:x\x00\n\xff and so on for a while"),
            "root:x\\x00\\n\\xff and so on for …"
        );
    }

    #[test]
    fn cells_do_not_compute_and_come_back() {
        for field in [
            "=1+1", "+a", "-rf", "@x", "'=1", "''-a", "'a", "", "a=b", "'", "-1.5", "+7", "'-1",
        ] {
            let written = to_cell(field);
            assert_eq!(from_cell(&written), field, "{written}");
            let first = written.chars().next();
            assert!(
                field.parse::<f64>().is_ok() || !matches!(first, Some('=' | '+' | '-' | '@')),
                "{written}"
            );
        }
        assert_eq!(to_cell("-1.5"), "-1.5");
    }

    #[test]
    fn lines_that_command_are_known() {
        assert!(commands("  ::error::x") && commands("a ##[group]") && !commands("a::b"));
    }
}
