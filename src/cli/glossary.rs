//! `help`: an entry of the glossary, which is a file of its own so that it is also read outside the program, or the reference of a
//! key of scenario files.

use super::failure::Failure;
use super::nearest::guess;
use super::print;
use crate::report::roster;
use crate::scenario::keys::STRATEGIES;
use crate::scenario::reference;

const GLOSSARY: &str = include_str!("../../GLOSSARY.md");

/// The entries: a term and what it means.
fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    let entry = |section: &'static str| section.split_once('\n').map(|(term, text)| (term.trim(), text.trim()));
    GLOSSARY.split("\n## ").skip(1).filter_map(entry)
}

/// Prints an entry; all terms where none is asked for.
pub fn help(words: &[String]) -> Result<(), Failure> {
    let paths: Vec<String> = reference::entries().into_iter().map(|entry| entry.path).collect();
    let terms: Vec<&str> = entries().map(|(term, _)| term).collect();
    if words.is_empty() {
        let list = roster::filled(&terms.join(", "), 0);
        return print::answer(&format!("`sickbay help TERM` says what one of these means:\n{list}\n"));
    }
    let asked = words.join(" ");
    if asked == "reference" {
        return print::answer(&reference::markdown());
    }
    let keys: Vec<String> = reference::find(&asked).iter().map(reference::KeyEntry::text).collect();
    let parameters = roster::parameters(asked.trim_start_matches(&format!("{STRATEGIES}.")));
    let keys = keys.into_iter().chain(parameters).collect::<Vec<_>>().join("\n");
    match entries().find(|(term, _)| term.eq_ignore_ascii_case(&asked)) {
        Some((term, text)) if keys.is_empty() => print::answer(&format!("{term}\n{text}\n")),
        Some((term, text)) => print::answer(&format!("{term}\n{text}\n\n{keys}")),
        None if !keys.is_empty() => print::answer(&keys),
        None => Err(Failure::Use(format!(
            "no term of the glossary and no key of scenario files is `{asked}`{}\n`sickbay help` lists the terms, REFERENCE.md the keys, \
             `sickbay metrics` the metrics, `sickbay --help` the commands.",
            guess(&asked, terms.into_iter().chain(paths.iter().map(String::as_str)))
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategys_parameter_is_found_as_answers_call_it_and_by_its_name_alone() {
        let whole = roster::parameters("withdraw.out_of_band");
        assert_eq!(whole.len(), 1);
        assert!(
            whole[0].starts_with("scenario.strategies.withdraw.out_of_band = "),
            "{whole:?}"
        );
        assert_eq!(roster::parameters("out_of_band"), whole);
        assert!(roster::parameters("hidden.out_of_band").is_empty() && roster::parameters("band").is_empty());
    }

    #[test]
    fn every_term_is_there_once_in_order_and_has_a_meaning() {
        let terms: Vec<String> = entries().map(|(term, _)| term.to_lowercase()).collect();
        assert!(terms.len() > 30, "{terms:?}");
        assert!(terms.is_sorted_by(|one, two| one < two), "{terms:?}");
        assert!(entries().all(|(_, text)| text.ends_with('.')));
    }
}
