//! What checks and comparisons have found, in the formats that people and machines read. Each
//! format is a file; what they say is documented in MANUAL.md, "Placement in CI".

mod annotations;
mod json;
mod junit;
mod markdown;
mod text;

use crate::judge::finding::Checked;
use crate::kernel::text::{one_line, uncommanded};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// JUnit XML, for the test pages of CI systems.
    Junit,
    /// For a pull request's comment or a job's summary.
    Markdown,
    /// GitHub's workflow commands, which become annotations.
    Github,
}

impl Format {
    /// All formats, by name.
    pub const ALL: [(&'static str, Format); 5] = [
        ("text", Format::Text),
        ("json", Format::Json),
        ("junit", Format::Junit),
        ("markdown", Format::Markdown),
        ("github", Format::Github),
    ];
}

/// The findings of one command (`check` or `compare`) in a format. `passed` is whether it exits
/// with 0.
#[must_use]
pub fn render(format: Format, command: &str, checked: &[Checked], passed: bool) -> String {
    let checked: Vec<Checked> = checked.iter().map(harmless).collect();
    let checked = &checked[..];
    match format {
        Format::Text => text::render(checked),
        Format::Json => json::render(command, checked, passed),
        Format::Junit => junit::render(command, checked),
        Format::Markdown => markdown::render(command, checked),
        Format::Github => annotations::render(command, checked),
    }
}

/// What became of a scenario, in a sentence.
#[must_use]
pub fn verdict(one: &Checked) -> String {
    text::verdict(one)
}

/// The findings with nothing in them that acts upon who reads them: they quote goldens and results, which are files.
fn harmless(checked: &Checked) -> Checked {
    let clean = |text: &mut String| {
        *text = uncommanded(one_line(text)).into_owned();
    };
    let mut checked = checked.clone();
    let sides = [checked.old.as_mut(), Some(&mut checked.new)];
    for side in sides.into_iter().flatten() {
        [&mut side.name, &mut side.version, &mut side.digest]
            .into_iter()
            .for_each(clean);
    }
    [&mut checked.scenario, &mut checked.file].into_iter().for_each(clean);
    checked.notes.iter_mut().for_each(clean);
    for finding in &mut checked.findings {
        [&mut finding.strategy, &mut finding.what, &mut finding.said]
            .into_iter()
            .for_each(clean);
        finding.lines.iter_mut().for_each(clean);
    }
    checked
}

#[cfg(test)]
pub(crate) mod tests;
