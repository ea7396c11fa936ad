//! What `check` and `compare` have in common: the gate that their options describe, and how their
//! findings are given out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::{ALL, GateArgs};
use super::failure::Failure;
use super::print;
use crate::judge::finding::Checked;
use crate::judge::gate::{FailOn, Gate, Tolerance};
use crate::report::findings::{Format, render};
use crate::report::page;
use crate::store::disk::target::{FolderScope, Target, Wish};
use crate::store::findings::{self, COMPARE, page_name};

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
        otherwise: tolerances.remove(ALL),
        tolerances,
        fail_on: fail_on.iter().copied().collect(),
        confidence: args.confidence.unwrap_or(0.95),
    }
}

/// The folder of `--out`, asked for before anything runs: only the files that we write there are ours.
pub fn target(args: &GateArgs, command: &'static str) -> Result<Option<Target>, Failure> {
    let wish = || Wish {
        writer: command,
        scope: FolderScope::Names(names(args, command)),
        replace: args.replace,
        wait: false,
    };
    let target = args.out.as_ref().map(|out| Target::open(out, wish()));
    Ok(target.transpose()?)
}

/// The names of the files of `--out`: `compare` has a page besides.
fn names(args: &GateArgs, command: &str) -> Vec<String> {
    let page = args
        .out
        .iter()
        .filter(|_| command == COMPARE)
        .map(|out| page_name(out).to_owned());
    let files = FILES.iter().map(|(ending, _)| format!("{command}.{ending}"));
    files.chain(page).collect()
}

/// The page, made of what its JSON file holds, so that it can be made again from that.
fn page_of(checked: &[Checked], passed: bool) -> Result<Vec<u8>, Failure> {
    let json = render(Format::Json, COMPARE, checked, passed);
    Ok(page::compare(&findings::parse(&json, Path::new(COMPARE))?)?)
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
        let mut files: Vec<(PathBuf, Vec<u8>)> = FILES.map(file).to_vec();
        for out in args.out.iter().filter(|_| command == COMPARE) {
            files.push((page_name(out).into(), page_of(checked, passed)?));
        }
        target.write(&files, &mark)?;
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
