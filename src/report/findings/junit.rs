//! The findings as JUnit XML: a suite per scenario, a case per finding. Written by hand, because it
//! is one page; the tests read it with a real parser.

use std::fmt::Write;

use crate::judge::finding::{Checked, Finding};

/// The document.
pub(super) fn render(command: &str, checked: &[Checked]) -> String {
    let count = |checked: &[Checked]| {
        let findings = || checked.iter().flat_map(|checked| &checked.findings);
        (findings().count(), findings().filter(|finding| finding.fails).count())
    };
    let (tests, failures) = count(checked);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"sickbay {command}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    );
    for one in checked {
        let (tests, failures) = count(std::slice::from_ref(one));
        let name = escaped(&one.scenario);
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">"
        )
        .ok();
        properties(&mut out, one);
        for finding in &one.findings {
            case(&mut out, one, finding);
        }
        if !one.notes.is_empty() {
            writeln!(out, "    <system-out>{}</system-out>", escaped(&one.notes.join("\n"))).ok();
        }
        out.push_str("  </testsuite>\n");
    }
    out + "</testsuites>\n"
}

fn properties(out: &mut String, one: &Checked) {
    out.push_str("    <properties>\n");
    let sides = [("old", one.old.as_ref()), ("new", Some(&one.new))];
    for (prefix, side) in sides.into_iter().filter_map(|(prefix, side)| Some((prefix, side?))) {
        for (key, value) in [
            ("name", side.name.clone()),
            ("version", side.version.clone()),
            ("scenario_digest", side.digest.clone()),
            ("seed", side.seed.to_string()),
            ("replications", side.replications.to_string()),
        ] {
            let value = escaped(&value);
            writeln!(out, "      <property name=\"{prefix}.{key}\" value=\"{value}\"/>").ok();
        }
    }
    out.push_str("    </properties>\n");
}

fn case(out: &mut String, one: &Checked, finding: &Finding) {
    let class = escaped(&format!("{}.{}", one.scenario, finding.strategy));
    let (name, file) = (escaped(&finding.what), escaped(&one.file));
    let head = format!("    <testcase classname=\"{class}\" name=\"{name}\" file=\"{file}\" time=\"0\"");
    if finding.fails {
        let body = escaped(&finding.lines.join("\n"));
        let (kind, said) = (escaped(finding.verdict.word()), escaped(&finding.said));
        writeln!(
            out,
            "{head}>\n      <failure type=\"{kind}\" message=\"{said}\">{body}</failure>\n    </testcase>"
        )
        .ok();
    } else {
        let said = escaped(&finding.said);
        writeln!(out, "{head}>\n      <system-out>{said}</system-out>\n    </testcase>").ok();
    }
}

/// Text that XML may hold, in text and in attributes; XML 1.0 has no other control characters.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
