//! The profile as a scenario that runs as it is.

use std::fmt::Write;

use super::CloudProfile;
use super::demand::{DemandPart, FlavorPart};
use super::rates::STRETCH_MS;
use super::tried::WrittenLaw;
use super::untold::untold;
use super::waiting::WaitPart;
use crate::import::neutral::RequestKind;
use crate::kernel::Span;

/// Keys of tables that name what a trace names; they are not carried over.
const NAMING: [(&str, &str); 6] = [
    ("operators", "crew"),
    ("control_plane", "tenant_quota"),
    ("control_plane", "isolated_hosts"),
    ("control_plane", "isolated_images"),
    ("report", "metrics"),
    ("report", "log_nodes"),
];
/// What is carried over of a table; all of it, where none is named.
const CARRIED: [(&str, &[&str]); 6] = [
    (
        "scenario",
        &["time_zone", "seed", "replications", "strategies", "baseline"],
    ),
    ("maintenance", &["drain", "errands", "clean_work"]),
    ("operators", &[]),
    ("control_plane", &[]),
    ("ironic", &[]),
    ("report", &["confidence", "matters", "headline"]),
];
/// What is carried over of the workload that plays the trace.
const OF_WORKLOAD: [&str; 5] = ["on_refusal", "line", "hold_from", "names_owner", "rescue"];

/// What the scenario beside a trace says of everything that the trace does not.
#[derive(Clone, Debug, Default)]
pub struct CarriedOver {
    tables: toml::Table,
    workload: toml::Table,
}

impl CarriedOver {
    /// Of the scenario beside the trace; none where it is no TOML.
    #[must_use]
    pub fn of(text: &str) -> Option<CarriedOver> {
        let whole: toml::Table = text.parse().ok()?;
        let mut tables = toml::Table::new();
        for (name, keys) in CARRIED {
            let Some(toml::Value::Table(table)) = whole.get(name) else {
                continue;
            };
            let kept = |key: &str| (keys.is_empty() || keys.contains(&key)) && !NAMING.contains(&(name, key));
            let table: toml::Table = table
                .iter()
                .filter(|(key, _)| kept(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            tables.insert(name.to_owned(), toml::Value::Table(table));
        }
        let workloads = whole.get("workload").and_then(toml::Value::as_array);
        let traced = workloads
            .into_iter()
            .flatten()
            .filter_map(toml::Value::as_table)
            .find(|workload| workload.contains_key("trace"));
        let workload = traced
            .into_iter()
            .flatten()
            .filter(|(key, _)| OF_WORKLOAD.contains(&key.as_str()));
        Some(CarriedOver {
            tables,
            workload: workload.map(|(key, value)| (key.clone(), value.clone())).collect(),
        })
    }

    /// The keys of a table, one a line.
    fn lines(&self, table: &str) -> String {
        let table = self.tables.get(table).and_then(toml::Value::as_table);
        table.map_or_else(String::new, lines)
    }
}

/// Keys with their values on one line each.
fn lines(table: &toml::Table) -> String {
    table.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
}

/// The scenario's text.
#[must_use]
pub fn scenario(profile: &CloudProfile, carried: &CarriedOver, name: &str) -> String {
    let mut text = String::new();
    head(profile, &mut text);
    let days = profile.days.ceil().max(1.0);
    write!(
        text,
        "[scenario]\nname = {}\nhorizon = \"{days}d\"\n{}\n",
        quoted(name),
        carried.lines("scenario")
    )
    .ok();
    for part in &profile.fleet {
        write!(
            text,
            "[[fleet.group]]\nclass = {}\nnodes = {}\nracks = {}\n",
            quoted(&part.class),
            part.nodes,
            part.racks
        )
        .ok();
        if !part.traits.is_empty() {
            writeln!(
                text,
                "name = {}\ntraits = {}",
                quoted(&format!("{}-{}", part.class, part.traits.join("-"))),
                list(&part.traits)
            )
            .ok();
        }
        text.push('\n');
    }
    let workload = lines(&carried.workload);
    profile
        .demand
        .iter()
        .for_each(|part| demand(part, &workload, &mut text));
    maintenance(profile, carried, &mut text);
    for table in ["operators", "control_plane", "ironic", "report"] {
        let lines = carried.lines(table);
        if !lines.is_empty() {
            write!(text, "[{table}]\n{lines}\n").ok();
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn head(profile: &CloudProfile, text: &mut String) {
    let requests: u64 = profile.demand.iter().map(|part| part.rate.seen).sum();
    let faults: u64 = profile.faults.iter().map(|part| part.seen).sum();
    let campaigns: u64 = profile.campaigns.iter().map(|part| part.seen.0).sum();
    let nodes: u64 = profile.fleet.iter().map(|part| part.nodes).sum();
    let mut said = vec![
        "What would each way of hiding nodes in maintenance cost on a cloud like this one?".to_owned(),
        String::new(),
        format!(
            "A profile, fitted by `sickbay fit` to {requests} requests, {faults} faults and {campaigns} campaigns of {nodes} nodes in \
             {:.0} days.",
            profile.days
        ),
        "It holds laws and counts. No row, no name of a tenant, user, node, rack or campaign and no instant of the trace is \
         in it. Names of classes and traits are those of the trace, unless `--rename-classes` was given."
            .to_owned(),
        "To scale it: --set workload.0.scale=1.5 (a workload), --set fleet.scale=0.5 (the fleet).".to_owned(),
        String::new(),
        "What the trace cannot tell:".to_owned(),
    ];
    said.extend(untold(profile).into_iter().map(|line| format!("- {line}")));
    for line in said {
        for line in filled(&line) {
            writeln!(text, "{}", format!("# {line}").trim_end()).ok();
        }
    }
    text.push('\n');
}

fn demand(part: &DemandPart, carried: &str, text: &mut String) {
    let kind = match part.kind {
        RequestKind::People => "people",
        RequestKind::Monitoring => "monitoring",
        RequestKind::Operator => "operator",
    };
    write!(
        text,
        "# {} requests, {:.3} a day ({:.3} to {:.3}).\n[[workload]]\nname = {}\nkind = \"{kind}\"\n{carried}",
        part.rate.seen,
        part.rate.per_day,
        part.rate.interval.lo,
        part.rate.interval.hi,
        quoted(&part.name)
    )
    .ok();
    if part.blazar {
        text.push_str("multi = \"blazar\"\n");
    }
    match (&part.shares, part.skew) {
        (Some(shares), _) => {
            let one = |(at, share): (usize, &f64)| {
                format!(
                    "{{ name = {}, share = {share:.2e} }}",
                    quoted(&format!("{}-{}", part.name, at + 1))
                )
            };
            let all: Vec<String> = shares.iter().enumerate().map(one).collect();
            writeln!(text, "tenants = [{}]", all.join(", ")).ok();
        }
        (None, Some(found)) => _ = writeln!(text, "tenants = {}\nskew = {:.3}", part.tenants, found.skew),
        (None, None) => _ = writeln!(text, "tenants = {}", part.tenants.max(1)),
    }
    let numbers = |numbers: &[f64]| numbers.iter().map(|n| format!("{n:.3}")).collect::<Vec<_>>().join(", ");
    if let Some(trend) = &part.rate.trend {
        writeln!(
            text,
            "trend = {{ every = \"{}\", rates = [{}] }}",
            Span(STRETCH_MS),
            numbers(trend)
        )
        .ok();
    }
    if let Some(hours) = &part.rate.hours {
        let days: Vec<String> = hours.chunks(24).map(|day| format!("  {},", numbers(day))).collect();
        writeln!(text, "hours_of_week = [\n{}\n]", days.join("\n")).ok();
    }
    part.flavors.iter().for_each(|one| flavor(part, one, text));
    text.push('\n');
}

fn flavor(part: &DemandPart, one: &FlavorPart, text: &mut String) {
    let sizes: Vec<String> = one
        .sizes
        .iter()
        .map(|(size, seen)| format!("[{size}, {seen}]"))
        .collect();
    write!(
        text,
        "\n[[workload.flavor]]\nname = {}\nclass = {}\nper_day = {:.5}\nsizes = [{}]\n",
        quoted(&one.name),
        quoted(&part.class),
        one.per_day,
        sizes.join(", ")
    )
    .ok();
    if let Some(least) = one.min_count {
        writeln!(text, "min_count = {least}").ok();
    }
    writeln!(text, "hold = {}", one.hold.toml()).ok();
    if let Some(lead) = &one.lead {
        writeln!(text, "lead = {}", lead.toml()).ok();
    }
    if !one.traits.is_empty() {
        writeln!(text, "traits = {}", list(&one.traits)).ok();
    }
}

fn maintenance(profile: &CloudProfile, carried: &CarriedOver, text: &mut String) {
    write!(text, "[maintenance]\n{}\n", carried.lines("maintenance")).ok();
    for part in &profile.faults {
        write!(
            text,
            "# {} seen.\n[[maintenance.faults]]\nname = {}\nclasses = {}\nbetween = {}\nage = {}\n{}\n",
            part.seen,
            quoted(&part.name),
            list(&part.classes),
            WrittenLaw::Life(part.between.law).toml(),
            // What broke before the trace began and was not mended by then would be in it.
            if part.whole { "\"new\"" } else { "\"stationary\"" },
            drain(part.wait)
        )
        .ok();
        for (kind, seen, away) in &part.kinds {
            write!(
                text,
                "[[maintenance.faults.kind]]\nname = {}\nshare = {seen}\ninterrupts = false\ndeploy_fails = 0.0\nwork = {}\n\n",
                quoted(kind),
                away.scaled(part.wait.work).toml()
            )
            .ok();
        }
    }
    for part in &profile.campaigns {
        let day = |days: f64| Span((days * 24.0).round().max(1.0) as u64 * 3_600_000);
        write!(
            text,
            "# {} seen, of {:.1} nodes on average.\n[[maintenance.campaign]]\nname = {}\nstart = \"{}\"\nevery = \"{}\"\nshare = {:.6}\n\
             budget = {{ scope = \"fleet\", share = 1.0 }}\n{}work = {}\n\n",
            part.seen.0,
            part.seen.1,
            quoted(&part.name),
            day(part.times.0),
            day(part.times.1),
            part.share,
            drain(part.wait),
            part.away.scaled(part.wait.work).toml()
        )
        .ok();
    }
}

/// How long the work waits for tenants, where not as the scenario says.
fn drain(wait: WaitPart) -> String {
    wait.deadline
        .map_or_else(String::new, |most| format!("drain = {{ deadline = \"{most}\" }}\n"))
}

/// A text of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A text in lines that are not too long.
fn filled(text: &str) -> Vec<String> {
    const WIDTH: usize = 110;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + word.chars().count() >= WIDTH {
            lines.push(format!("  {word}"));
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}
