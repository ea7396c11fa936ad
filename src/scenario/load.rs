//! Loading: from the text of a file and the `--set` options to a scenario, or all that is wrong with them.

use std::path::Path;

use super::diagnose::Problem;
use super::keys::full_key_in;
use super::library::Library;
use super::whole::Scenario;
use super::{diagnose, keys, names, read, resolve, tree};
use crate::import::files::Reading;

impl Library {
    /// Reads a scenario from its text, as [`load`] does. Traces that were read already are not read again.
    ///
    /// # Errors
    /// As [`load`]; and when it names a file that may not be read.
    pub fn load(
        &self,
        text: &str,
        file: &str,
        base: &Path,
        overrides: &[(String, String)],
    ) -> Result<Scenario, Vec<Problem>> {
        let mut ledger = diagnose::Ledger::default();
        ledger.enter(file, text);
        if text.trim().is_empty() {
            let fix = "begin with `[scenario]`, a `name` and a `horizon`; `sickbay run quickstart` shows a whole one";
            return Err(vec![Problem::of_file(file, "the scenario is empty", fix)]);
        }
        let mut root = tree::parse(text).map_err(|slips| {
            let problem = |(message, bytes): tree::Slip| {
                let fix = comma(text, bytes.start).unwrap_or_else(|| "correct the spelling here".to_owned());
                Problem::at(file, text, bytes, format!("not TOML: {message}"), fix)
            };
            slips.into_iter().map(problem).collect::<Vec<_>>()
        })?;
        for (key, value) in overrides {
            override_key(&mut root, &mut ledger, key, value);
        }
        let question = question(text);
        names::check(&root, &question, &ledger);
        let scenario = resolve::resolve(root, (base, self), question, &ledger);
        let problems = ledger.problems();
        scenario.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// Reads a scenario from its text. `file` is the name that problems carry, `base` the directory
/// that its paths are relative to, `overrides` the `--set` options as (key, value).
///
/// # Errors
/// All that is wrong with the file, the overrides and the files that it reads.
pub fn load(text: &str, file: &str, base: &Path, overrides: &[(String, String)]) -> Result<Scenario, Vec<Problem>> {
    Library::default().load(text, file, base, overrides)
}

/// The same of a file.
///
/// # Errors
/// As [`load`]; and when the file cannot be read, is empty or is not UTF-8.
pub fn load_file(path: &Path, overrides: &[(String, String)]) -> Result<Scenario, Vec<Problem>> {
    let text = read_text(path, &Reading::default())?;
    load(&text, &path.display().to_string(), base_of(path), overrides)
}

/// The scenarios that are built into the program, each with its text: all that need no file beside them.
pub const EMBEDDED: [(&str, &str); 9] = [
    ("quickstart", include_str!("../../scenarios/quickstart.toml")),
    ("candidate-cap", include_str!("../../scenarios/candidate-cap.toml")),
    ("erlang-b", include_str!("../../scenarios/erlang-b.toml")),
    (
        "firmware-campaign",
        include_str!("../../scenarios/firmware-campaign.toml"),
    ),
    ("leaky-hide", include_str!("../../scenarios/leaky-hide.toml")),
    ("loop-staleness", include_str!("../../scenarios/loop-staleness.toml")),
    ("owned", include_str!("../../scenarios/owned.toml")),
    ("seed-2014", include_str!("../../scenarios/seed-2014.toml")),
    ("tripleo", include_str!("../../scenarios/tripleo.toml")),
];

/// The text of the scenario of this name that is built into the program.
#[must_use]
pub fn embedded(name: &str) -> Option<&'static str> {
    let found = EMBEDDED.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}

/// The question that a scenario's opening comment asks, on one line.
#[must_use]
pub fn asked(text: &str) -> String {
    let said = question(text);
    let first = said.split_inclusive('?').next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The directory that a file's paths are relative to.
#[must_use]
pub fn base_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// The text of a scenario file.
///
/// # Errors
/// When the file cannot be read or is not UTF-8.
pub fn read_text(path: &Path, reading: &Reading) -> Result<String, Vec<Problem>> {
    let file = path.display().to_string();
    let bytes = reading.read(path).map_err(|error| {
        let fix = error.mend(
            "check the name; scenarios end in .toml",
            "name the scenario file inside of this directory",
        );
        vec![Problem::of_file(
            &file,
            &format!("cannot read this scenario: {error}"),
            fix,
        )]
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        // Up to the first bad byte the lossy text has the same bytes.
        vec![Problem::at(
            &file,
            &text,
            good..good + 1,
            "the file is not UTF-8 text".to_owned(),
            "save it as UTF-8".to_owned(),
        )]
    })
}

/// The fix for a comma within a number, if one is at these bytes.
fn comma(text: &str, at: usize) -> Option<String> {
    let line = text[..at.min(text.len())].rfind('\n').map_or(0, |end| end + 1);
    let rest = text.get(line..)?.lines().next()?;
    let digit = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    let (key, value) = rest.split_once('=')?;
    let typed: String = value.trim_start().chars().take_while(|c| digit(*c)).collect();
    let number = read::plain_number(&typed).filter(|_| typed.contains(','))?;
    Some(format!("write a number without a comma: `{} = {number}`", key.trim()))
}

/// The file's opening comment: the question that the scenario answers.
fn question(text: &str) -> String {
    let lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .take_while(|line| line.starts_with('#'));
    let bare: Vec<&str> = lines.map(|line| line.trim_start_matches('#').trim()).collect();
    bare.join("\n")
}

/// The value of a key in a scenario that is printed whole ([`Scenario::annotated`]), as `--set` takes it; none where the key has none
/// or leads nowhere.
#[must_use]
pub fn value_in(effective: &str, key: &str) -> Option<String> {
    let root = tree::parse(effective).ok()?;
    let full = full_key_in(&root, key);
    let path: Vec<&str> = full.split('.').collect();
    let at = tree::value_at(&root, &path)?;
    Some(match at {
        tree::Value::Text(text) => text.clone(),
        other => other.inline(),
    })
}

/// Puts one `--set KEY=VALUE` into the tree.
fn override_key(root: &mut tree::Branch, ledger: &mut diagnose::Ledger, key: &str, value: &str) {
    let number = ledger.enter("--set", &format!("{key}={value}"));
    let place = tree::Place {
        text: number,
        bytes: 0..key.len(),
    };
    let full = full_key_in(root, key);
    let path: Vec<&str> = full.split('.').collect();
    // No key lies deeper; a path of thousands of steps would be walked step by step.
    if path.len() > 16 || path.iter().any(|step| step.is_empty()) {
        ledger.wrong(
            &place,
            format!("`{key}` is not a dotted key"),
            "such as `--set fleet.scale=0.5`",
        );
        return;
    }
    let item = match tree::parse_value(value, number, key.len() + 1) {
        Ok(item) => item,
        Err((message, bytes)) => {
            ledger.wrong(
                &tree::Place { text: number, bytes },
                format!("not TOML: {message}"),
                "quote the value for the shell: --set 'KEY=[\"a\"]'",
            );
            return;
        }
    };
    let typed = root.clone();
    let put = tree::Put {
        path: &path,
        place: &place,
        inherited: &|path| keys::inherited(&typed, path),
    };
    if let Err((message, fix)) = put.into(root, item) {
        ledger.wrong(&place, message, fix);
    }
}
