//! What `check` and `compare` have in common: the gate that their options describe, and how their
//! findings are given out.

use std::collections::BTreeMap;

use super::args::{ALL, GateArgs};
use super::failure::Failure;
use super::print;
use crate::judge::finding::Checked;
use crate::judge::gate::{FailOn, Gate, Tolerance};
use crate::report::findings::{Format, render};
use crate::store::disk::target::{FolderScope, Target, Wish};

/// The files of `--out`, without the command's name before them.
const FILES: [(&str, Format); 4] = [
    ("txt", Format::Text),
    ("json", Format::Json),
    ("xml", Format::Junit),
    ("md", Format::Markdown),
];

/// The gate; what fails unless `--fail-on` says so is `otherwise`.
pub fn gate(args: &GateArgs, otherwise: &[FailOn]) -> Gate {
    let mut tolerances: BTreeMap<String, Tolerance> = args.tolerances.iter().cloned().collect();
    let fail_on = if args.fail_on.is_empty() {
        otherwise
    } else {
        &args.fail_on
    };
    Gate {
        otherwise: tolerances.remove(ALL).unwrap_or(Tolerance::Absolute(0.0)),
        tolerances,
        fail_on: fail_on.iter().copied().collect(),
        confidence: args.confidence.unwrap_or(0.95),
    }
}

/// The folder of `--out`, asked for before anything runs: only the files that we write there are ours.
pub fn target(args: &GateArgs, command: &'static str) -> Result<Option<Target>, Failure> {
    let wish = || Wish {
        writer: command,
        scope: FolderScope::Names(FILES.map(|(ending, _)| format!("{command}.{ending}")).to_vec()),
        replace: args.replace,
        wait: false,
    };
    let target = args.out.as_ref().map(|out| Target::open(out, wish()));
    Ok(target.transpose()?)
}

/// Writes the files of `--out`, prints the answer, and fails if a finding does. In a GitHub job the
/// annotations go to stderr, where GitHub reads them too and no format is disturbed.
pub fn give_out(args: &GateArgs, command: &str, checked: &[Checked], target: Option<Target>) -> Result<(), Failure> {
    let failing: Vec<&str> = checked
        .iter()
        .filter(|one| one.fails())
        .map(|one| one.scenario.as_str())
        .collect();
    let passed = failing.is_empty();
    if let Some(target) = target {
        let file = |(ending, format)| {
            let text = render(format, command, checked, passed);
            (format!("{command}.{ending}").into(), text.into_bytes())
        };
        let names: Vec<&str> = checked.iter().map(|one| one.scenario.as_str()).collect();
        let mark = format!(
            "sickbay {} {command} of {}",
            env!("CARGO_PKG_VERSION"),
            names.join(", ")
        );
        target.write(&FILES.map(file), &mark)?;
    }
    let in_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|set| set == "true");
    if in_github && args.format != Format::Github {
        print::command(render(Format::Github, command, checked, passed).trim_end());
    }
    let text = render(args.format, command, checked, passed);
    match args.format {
        Format::Github => print::as_it_is(&text)?,
        _ => print::answer(&text)?,
    }
    if passed {
        Ok(())
    } else {
        Err(Failure::Changed(format!("{command} failed: {}", failing.join(", "))))
    }
}
