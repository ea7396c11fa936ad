//! The scenario that an import writes beside its files.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::moment::told;
use super::window::Window;
use crate::import::neutral::NodeRecord;

/// What a scenario is made of.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub sources: &'a [&'static str],
    pub window: Window,
    pub zone: Option<&'a str>,
    pub nodes: &'a [NodeRecord],
    pub requests: usize,
    pub spells: usize,
    pub waits: bool,
    pub provisioned: bool,
    pub remarks: &'a [String],
}

/// Longest line of a remark.
const WIDTH: usize = 110;

/// The text; it runs as it is beside `nodes.csv`, `requests.csv` and `maintenance.csv`.
pub(crate) fn text(facts: &Facts<'_>) -> String {
    let mut text = String::new();
    let mut say = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    say("# What would each way of hiding nodes in maintenance have cost on this cloud?");
    say("#");
    let sources = facts.sources.join(" and ");
    say(&format!(
        "# Written by `sickbay import` from {sources}: {} nodes, {} requests, {} spells of maintenance.",
        facts.nodes.len(),
        facts.requests,
        facts.spells
    ));
    say("# `sickbay run` on this file compares the strategies. report.txt beside it counts what was left out.");
    if !facts.remarks.is_empty() {
        say("#");
        say("# What to know:");
    }
    for remark in facts.remarks {
        for (at, line) in filled(remark).iter().enumerate() {
            say(&format!("#  {} {line}", if at == 0 { "-" } else { " " }));
        }
    }
    say("");
    head(facts, &mut say);
    demand(facts, &mut say);
    maintenance(facts, &mut say);
    plane(facts, &mut say);
    text
}

fn head(facts: &Facts<'_>, say: &mut impl FnMut(&str)) {
    say("[scenario]");
    say(&format!("name = \"{}\"", facts.sources.join("-")));
    say(&format!("epoch = \"{}\"", told(facts.window.from)));
    say(&format!("horizon = \"{}\"", told(facts.window.to)));
    // A zone that is an offset has no name of IANA's.
    if let Some(zone) = facts
        .zone
        .filter(|zone| !zone.starts_with(['+', '-']) && !zone.eq_ignore_ascii_case("utc"))
    {
        say(&format!("time_zone = \"{zone}\""));
    }
    say("seed = 1");
    say("replications = 10");
    say("strategies = [\"naive\", \"withdraw\", \"hidden-via-extra-spec\", \"tenant-reservation\"]");
    say("baseline = \"withdraw\"");
    say("");
    say("[fleet]");
    say("source = \"nodes.csv\"");
    say("");
}

fn demand(facts: &Facts<'_>, say: &mut impl FnMut(&str)) {
    say("[[workload]]");
    if facts.requests > 0 {
        say("name = \"recorded\"");
        say("trace = \"requests.csv\"");
        if facts.waits {
            say("# What waited in the source waits here: a batch job is not refused.");
            say("on_refusal = { wait = \"7d\" }");
        } else {
            say("on_refusal = \"give-up\"");
        }
    } else {
        say(
            "# ASSUMED: no file tells demand. A request for each twenty nodes of a class a day, held a day: replace it.",
        );
        say("name = \"assumed\"");
        let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
        for node in facts.nodes {
            *classes.entry(node.resource_class.as_str()).or_default() += 1;
        }
        for (class, nodes) in classes {
            let per_day = (nodes as f64 / 2.0).ceil() / 10.0;
            say("");
            say("[[workload.flavor]]");
            say(&format!("class = {}", quoted(class)));
            say(&format!("per_day = {per_day}"));
            say("hold = { exponential = \"1d\" }");
        }
    }
    say("");
}

fn maintenance(facts: &Facts<'_>, say: &mut impl FnMut(&str)) {
    say("[maintenance]");
    if facts.spells > 0 {
        say("trace = \"maintenance.csv\"");
        say("spells = \"as-recorded\"");
    }
    say("drain = \"tenant-leaves\"");
    say("# ASSUMED: no file tells how often operators boot a node in maintenance to look at it, nor for how long.");
    say(
        "errands = { counts = [[1, 0.5], [2, 0.3], [3, 0.2]], duration = { lognormal = { median = \"2h\", sigma = 0.8 } } }",
    );
    if facts.spells == 0 {
        say("");
        say("# ASSUMED: no file tells spells of maintenance. Each node fails about twice in three years.");
        say("[[maintenance.faults]]");
        say("between = { exponential = \"500d\" }");
        say("kind = [{ name = \"fault\", work = { lognormal = { median = \"4h\", sigma = 1.0 } } }]");
    }
    say("");
}

fn plane(facts: &Facts<'_>, say: &mut impl FnMut(&str)) {
    if facts.provisioned {
        return;
    }
    say("# What the source records contains the time in which a node is made ready, and every node is seen at once.");
    say("[control_plane]");
    say("loop = \"instant\"");
    say("");
    say("[ironic]");
    say("deploy = \"0s\"");
    say("cleaning = \"0s\"");
    say("build_failure = 0.0");
    say("clean_failure = 0.0");
}

/// A text of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                write!(out, "\\u{:04x}", u32::from(c)).ok();
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text in lines that are not too long. Names of files and options alone can act; they are cleaned where they come in.
fn filled(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && line.chars().count() + word.chars().count() >= WIDTH {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
