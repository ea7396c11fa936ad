//! The findings as GitHub's workflow commands: printed in a job, they become annotations.

use super::text::headline;
use std::fmt::Write;

use crate::judge::finding::Checked;

/// Annotations of a step that GitHub shows at most: ten errors, ten notices.
const SHOWN: usize = 10;

/// The lines: an error per finding that fails, and one notice for the whole.
pub(super) fn render(command: &str, checked: &[Checked]) -> String {
    let mut out = String::new();
    let failing = checked
        .iter()
        .flat_map(|one| one.findings.iter().map(move |finding| (one, finding)))
        .filter(|(_, finding)| finding.fails);
    for (one, finding) in failing.take(SHOWN) {
        let mut message = finding.said.clone();
        for line in &finding.lines {
            message.push('\n');
            message.push_str(line);
        }
        let title = format!("{} of {} under {}", finding.what, one.scenario, finding.strategy);
        let (file, title) = (property(&one.file), property(&title));
        // What a flag says stands in no line of the file.
        let place = finding.place.as_ref().filter(|(said_in, _)| *said_in == one.file);
        let line = place.map_or(1, |(_, line)| *line);
        writeln!(out, "::error file={file},line={line},title={title}::{}", data(&message)).ok();
    }
    let title = property(&format!("sickbay {command}"));
    writeln!(out, "::notice title={title}::{}", data(&headline(checked))).ok();
    out
}

/// The message of a command: only these are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
