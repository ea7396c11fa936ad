//! What a run compares, in a few lines: the fleet, the demand, the maintenance, the strategies, the runs.

use crate::scenario::{Scenario, value_in};

/// A line: what it is about, and what there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedLine {
    /// What it is about.
    pub about: String,
    /// What there is.
    pub text: String,
}

/// The lines of a scenario of which these strategies are run so often.
#[must_use]
pub fn compared(scenario: &Scenario, strategies: &[&str], replications: u32) -> Vec<ComparedLine> {
    let line = |about: &str, text: String| ComparedLine {
        about: about.to_owned(),
        text,
    };
    let days = scenario.horizon.to_string();
    vec![
        line("Fleet", fleet(scenario)),
        line("Demand", demand(scenario)),
        line("Maintenance", maintenance(scenario)),
        line("Strategies", strategies.join(", ")),
        line(
            "Runs",
            format!(
                "{replications} of {days} from {}, seed {}{}",
                scenario.epoch,
                scenario.seed,
                clocks(scenario)
            ),
        ),
    ]
}

/// By which clocks times are told, where there are two.
fn clocks(scenario: &Scenario) -> String {
    let zone = value_in(&scenario.effective, "scenario.time_zone");
    let zone = zone.filter(|zone| zone != "UTC");
    zone.map_or_else(String::new, |zone| {
        format!(
            "; hours of the day, as of windows, shifts and refusals, by the clocks of {zone}, and other times in UTC"
        )
    })
}

/// How many classes, workloads and the like are named one by one.
const NAMED: usize = 6;

/// The first of these, and how many there are besides.
fn some(items: Vec<String>) -> String {
    let rest = items.len().saturating_sub(NAMED);
    let first: Vec<String> = items.into_iter().take(NAMED).collect();
    match rest {
        0 => first.join(", "),
        rest => format!("{} and {rest} more", first.join(", ")),
    }
}

fn fleet(scenario: &Scenario) -> String {
    let names = &scenario.fleet.names;
    let nodes = &scenario.fleet.nodes;
    let mut classes: Vec<(u16, usize)> = Vec::new();
    for node in nodes {
        match classes.iter_mut().find(|(class, _)| *class == node.class.0) {
            Some((_, count)) => *count += 1,
            None => classes.push((node.class.0, 1)),
        }
    }
    let classes = classes.into_iter();
    let classes = classes.map(|(class, count)| format!("{count} {}", names.classes.name(class)));
    let all = match nodes.len() {
        1 => "1 node".to_owned(),
        n => format!("{n} nodes"),
    };
    format!("{all}: {}", some(classes.collect()))
}

fn demand(scenario: &Scenario) -> String {
    let sources = scenario.demand.sources.iter().map(|source| source.name.clone());
    let requests = scenario.demand.expected(scenario.horizon);
    format!(
        "about {:.0} requests a run, of {}",
        requests.abs(),
        some(sources.collect())
    )
}

fn maintenance(scenario: &Scenario) -> String {
    let plan = &scenario.maintenance;
    let mut parts = Vec::new();
    if !plan.spells.is_empty() {
        parts.push(format!("{} recorded spells", plan.spells.len()));
    }
    let kinds = plan.faults.iter().flat_map(|law| &law.kinds);
    let kinds: Vec<String> = kinds.map(|kind| kind.name.clone()).collect();
    if !kinds.is_empty() {
        parts.push(format!("faults ({})", some(kinds)));
    }
    let campaigns: Vec<String> = plan.campaigns.iter().map(|campaign| campaign.name.clone()).collect();
    if !campaigns.is_empty() {
        parts.push(format!("campaigns ({})", some(campaigns)));
    }
    match parts.is_empty() {
        true => "none".to_owned(),
        false => parts.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::busy;

    #[test]
    fn five_lines_say_what_is_compared() {
        let scenario = busy();
        let lines = compared(&scenario, &["naive", "withdraw"], 3);
        let about: Vec<&str> = lines.iter().map(|line| line.about.as_str()).collect();
        assert_eq!(about, ["Fleet", "Demand", "Maintenance", "Strategies", "Runs"]);
        assert!(lines[0].text.starts_with("12 nodes: "), "{lines:?}");
        assert!(lines[2].text.contains("faults ("), "{lines:?}");
        assert_eq!(lines[3].text, "naive, withdraw");
        assert!(lines.iter().all(|line| line.text.chars().count() < 300), "{lines:?}");
        let many = (0..9).map(|n| n.to_string()).collect();
        assert_eq!(some(many), "0, 1, 2, 3, 4, 5 and 3 more");
        // Where there are two clocks, it is said which is whose.
        assert!(!lines[4].text.contains("clocks"), "{lines:?}");
        let mut zoned = busy();
        zoned.effective = "[scenario]\ntime_zone = \"Europe/Berlin\"\n".to_owned();
        let runs = compared(&zoned, &["naive"], 3).remove(4).text;
        assert!(
            runs.ends_with("by the clocks of Europe/Berlin, and other times in UTC"),
            "{runs}"
        );
    }
}
