//! What `check` and `compare` have in common: the gate that their options describe, and how their
//! findings are given out.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::args::{ALL, GateArgs};
use super::failure::Failure;
use super::print;
use crate::experiment::check::{Checked, FailOn, Gate, Tolerance};
use crate::report::findings::{Format, render};

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

/// Writes the files of `--out`, prints the answer, and fails if a finding does. In a GitHub job the
/// annotations go to stderr, where GitHub reads them too and no format is disturbed.
pub fn give_out(args: &GateArgs, command: &str, checked: &[Checked]) -> Result<(), Failure> {
    let failing: Vec<&str> = checked
        .iter()
        .filter(|one| one.fails())
        .map(|one| one.scenario.as_str())
        .collect();
    let passed = failing.is_empty();
    if let Some(folder) = &args.out {
        for (ending, format) in FILES {
            let text = render(format, command, checked, passed);
            replace(&folder.join(format!("{command}.{ending}")), &text)?;
        }
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

/// Writes a file at once: beside its place, then renamed. Its folder is made.
pub fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Use(format!("cannot write {}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    fresh.write_all(text.as_bytes()).map_err(failed)?;
    readable(fresh.as_file()).map_err(failed)?;
    fresh.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Temporary files are their owner's alone; what they become is not.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
