//! Texts of a scenario that would do something to whoever shows them are refused, whatever key they are under.

use super::diagnose::Ledger;
use super::tree::{Branch, Item, Place, Value};
use crate::kernel::text;

/// The longest text under any key but `query`.
const LONGEST: usize = 1000;

/// Notes every text that acts, in keys and values and in the opening comment.
pub fn check(root: &Branch, question: &str, ledger: &Ledger) {
    if let Some(c) = question.chars().find(|&c| text::acts_in_lines(c)) {
        let message = format!("the opening comment holds {}", named(c));
        ledger.wrong(
            &Place::default(),
            message,
            "remove the character: reports quote this comment",
        );
    }
    below(root, ledger);
}

fn below(branch: &Branch, ledger: &Ledger) {
    for (key, (place, item)) in branch {
        told(key, key, place, ledger);
        of_item(key, item, ledger);
    }
}

fn of_item(key: &str, item: &Item, ledger: &Ledger) {
    match &item.value {
        Value::Text(text) => told(key, text, &item.place, ledger),
        Value::List(items) => items.iter().for_each(|item| of_item(key, item, ledger)),
        Value::Table(branch) => below(branch, ledger),
        _ => {}
    }
}

fn told(key: &str, name: &str, place: &Place, ledger: &Ledger) {
    // A hint is a JSON text, and that may have lines.
    let hint = key == "query";
    if let Some(c) = name
        .chars()
        .find(|&c| text::acts(c) && !(hint && matches!(c, '\n' | '\t')))
    {
        let message = format!("this text holds {}", named(c));
        ledger.wrong(
            place,
            message,
            "remove the character: names are printed, and written to files",
        );
    } else if text::commands(name) {
        let message = "this text begins like a command to a GitHub job, or holds one";
        ledger.wrong(
            place,
            message,
            "begin it with something else than `::`, and leave out `##[`",
        );
    } else if !hint && name.len() > LONGEST {
        let message = format!("this text has {} bytes, more than {LONGEST}", name.len());
        ledger.wrong(place, message, "give a shorter one");
    }
}

fn named(c: char) -> String {
    format!("a character that acts on what shows it (U+{:04X})", u32::from(c))
}
