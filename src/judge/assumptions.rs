//! What to know when reading results: what was drawn rather than recorded, what was scaled, what the horizon cuts off,
//! and how the intervals were made. Sentences, each beginning with what it is about.

use super::minimise::MinimiseQuest;
use super::quest::Quest;
use super::results::{Arm, Results};
use super::robust::RobustQuest;
use crate::cells::columns::Metric;
use crate::cells::points::design::DesignKind;
use crate::cells::table::{ERRAND_WAITS, endless_wait};
use crate::cells::warmup::rule_of;
use crate::scenario::Scenario;
use crate::stats::estimate::Estimate;
use crate::workload::laws::Stock;

/// The sentences of one run. `stand_in`: the scenario's baseline was not among the strategies.
#[must_use]
pub fn of(scenario: &Scenario, results: &Results, stand_in: bool) -> Vec<String> {
    let mut said = of_scenario(scenario);
    if stand_in && let Some(first) = results.arms.get(results.baseline) {
        said.push(format!(
            "Baseline: the scenario's was not run; differences are against {}.",
            first.label
        ));
    }
    said.extend(endless(results));
    said.extend(censored(results));
    said.extend(logged(scenario, results));
    said.extend(replications(scenario, results));
    said.extend(intervals(results));
    said
}

/// The sentences that hold whatever is run of a scenario: what is drawn, replayed and scaled.
#[must_use]
pub fn of_scenario(scenario: &Scenario) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(drawn(scenario));
    let replayed: Vec<&str> = scenario
        .demand
        .sources
        .iter()
        .filter(|source| !matches!(source.stock, Stock::Poisson(_)))
        .map(|source| source.name.as_str())
        .collect();
    if !replayed.is_empty() {
        said.push(format!(
            "Replayed: the requests of {}; a record holds granted requests only, so nobody knows who did not ask, and it is one \
             demand: replications differ in what is drawn, and no interval covers another demand.",
            listed(&replayed)
        ));
    }
    if !scenario.maintenance.spells.is_empty() {
        said.push(format!(
            "Replayed: {} spells of maintenance.",
            scenario.maintenance.spells.len()
        ));
    }
    let scaled: Vec<String> = scenario
        .demand
        .sources
        .iter()
        .filter(|source| source.scale != 1.0)
        .map(|source| format!("{} by {}", source.name, source.scale))
        .collect();
    if !scaled.is_empty() {
        said.push(format!("Scaled: the workload {}.", listed(&scaled)));
    }
    said.extend(unsupported(scenario));
    let doubled = scenario.costs.iter().flat_map(|costs| costs.doubled());
    said.extend(doubled.map(|text| format!("Counted twice: {text}.")));
    said.extend(scenario.assumptions.iter().map(|text| format!("Assumed: {text}")));
    said
}

/// The values that no data supports: those with a plausible range, and the defaults.
fn unsupported(scenario: &Scenario) -> Vec<String> {
    let mut said = Vec::new();
    let short = |key: &str| key.strip_prefix("scenario.strategies.").unwrap_or(key).to_owned();
    let ranged = scenario.plausible.iter();
    let ranged: Vec<String> = ranged
        .map(|one| format!("{} = {} ({})", short(&one.key), bare(&one.own), one.range))
        .collect();
    if !ranged.is_empty() {
        said.push(format!(
            "No data supports, with the range that is plausible: {}.",
            ranged.join(", ")
        ));
    }
    let defaults = scenario.unsupported.iter();
    let defaults: Vec<String> = defaults
        .map(|one| format!("{} = {}", short(&one.key), bare(&one.value)))
        .collect();
    if !defaults.is_empty() {
        said.push(format!("No data supports these defaults: {}.", defaults.join(", ")));
    }
    said.extend(by_hand(scenario));
    said
}

/// Boots through Nova fail as tenants' builds do. Nothing is recorded of deploys by hand.
fn by_hand(scenario: &Scenario) -> Option<String> {
    let node = scenario.fleet.nodes.first()?;
    let (by_hand, boots): (Vec<_>, Vec<_>) = scenario.variants.iter().partition(|it| it.deploys_by_hand(node));
    let labels: Vec<&str> = by_hand.iter().map(|it| it.label.as_str()).collect();
    (!labels.is_empty() && !boots.is_empty()).then(|| {
        format!(
            "Assumed: a deploy by hand never fails, on broken hardware neither ({}). Boots through Nova do, as tenants' builds do, so \
             `errands_failed` hangs on this.",
            listed(&labels)
        )
    })
}

/// A value as it is told: text without its quotes.
fn bare(value: &str) -> &str {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inner.unwrap_or(value)
}

/// The sentences of a sweep; what holds of the scenario is said of it as it stands without a varied key.
#[must_use]
pub fn of_sweep(scenario: &Scenario, kind: DesignKind) -> Vec<String> {
    let mut said = of_scenario(scenario);
    said.extend(rule_of(scenario));
    let n = scenario.replications;
    said.push(format!("Replications: {n} at every point.{}", goals_unused(scenario)));
    if n < 2 {
        said.push("Intervals: none, for one replication has no spread.".to_owned());
        return said;
    }
    let level = level(scenario.reporting.confidence);
    said.push(format!(
        "Intervals: {level} % t-intervals of means over replications, cut at what a metric can be; a quantile's mean is the \
         mean of the replications' quantiles."
    ));
    let others = scenario.variants.len().saturating_sub(1);
    let joint = if others > 1 {
        format!("; of each metric the {others} differences at a point hold together at {level} % (Bonferroni)")
    } else {
        String::new()
    };
    if others > 0 || kind == DesignKind::OneAtATime {
        said.push(format!(
            "Comparisons: paired by replication (common random numbers){joint}. Each point and metric is a question of its \
             own: of twenty, one may show a difference by chance."
        ));
    }
    said
}

/// The sentences of a plan.
#[must_use]
pub fn of_plan(scenario: &Scenario, quest: &Quest) -> Vec<String> {
    let mut said = of_scenario(scenario);
    said.extend(rule_of(scenario));
    let looks: Vec<String> = quest.looks().iter().map(ToString::to_string).collect();
    let each = if quest.by_seed {
        ", each with a seed of its own"
    } else {
        ""
    };
    said.push(format!(
        "Replications: looked at after {}{each}, until a value is shown to hold or to fail.{}",
        listed(&looks),
        goals_unused(scenario)
    ));
    said.push(format!(
        "Intervals: one-sided t-intervals of means over replications; all looks at a value together are wrong with at most \
         {} % (Bonferroni). Values are ruled on one by one, and the search rests on the metrics' being monotone in the key.",
        level(1.0 - quest.confidence)
    ));
    said
}

/// The sentences of a search for the cheapest value.
#[must_use]
pub fn of_minimise(scenario: &Scenario, quest: &MinimiseQuest) -> Vec<String> {
    let mut said = of_scenario(scenario);
    said.extend(rule_of(scenario));
    let looks: Vec<String> = quest.rules().looks.iter().map(ToString::to_string).collect();
    said.push(format!(
        "Replications: looked at after {}, the same of every value (common random numbers), until one value is left or those left \
         differ by less than matters.{}",
        listed(&looks),
        goals_unused(scenario)
    ));
    said.push(format!(
        "Intervals: a value is let go when the one-sided t-interval of its paired difference from another one lies above 0; over \
         all values and looks of a strategy the smallest is let go with at most {} % (Bonferroni).",
        level(1.0 - quest.confidence)
    ));
    said
}

/// The sentences of claims over what is plausible.
#[must_use]
pub fn of_robust(scenario: &Scenario, quest: &RobustQuest) -> Vec<String> {
    let mut said = of_scenario(scenario);
    said.extend(rule_of(scenario));
    let level = level(quest.confidence);
    said.push(format!(
        "Replications: {} at the scenario's own values and along each range, {} at each of {} points of all ranges at once (a Latin \
         hypercube; ranges over more than a factor of ten by their logarithm), the same everywhere.{}",
        quest.replications,
        quest.box_replications,
        quest.samples,
        goals_unused(scenario)
    ));
    said.push(format!(
        "Intervals: a claim's is a paired t-interval, {level} % for all claims together; elsewhere each is a question of its own, at \
         {level} %. Break-evens: interpolated between places on both sides, with percentiles of 1,000 resamples of the replications; \
         none where more than {} % of them have none. What is open may be told by more replications.",
        self::level(1.0 - quest.confidence)
    ));
    said.push(
        "Plausible: that every value of a range is as likely as any other is a way of counting and no knowledge; shares of the box \
         are shares of what the scenario says."
            .to_owned(),
    );
    said
}

/// A level as percent.
fn level(share: f64) -> String {
    crate::stats::estimate::tidy(share * 100.0).to_string()
}

/// Goals are for runs.
fn goals_unused(scenario: &Scenario) -> &'static str {
    if scenario.reporting.precision.is_some() || scenario.reporting.best.is_some() {
        " `report.precision` and `report.best` are for `run` and are not used."
    } else {
        ""
    }
}

/// What comes from laws and seeds.
fn drawn(scenario: &Scenario) -> Option<String> {
    let mut what: Vec<String> = Vec::new();
    let sources = &scenario.demand.sources;
    let poisson: Vec<&str> = sources
        .iter()
        .filter(|source| matches!(source.stock, Stock::Poisson(_)))
        .map(|source| source.name.as_str())
        .collect();
    if !poisson.is_empty() {
        what.push(format!(
            "arrivals, tenants, sizes and hold times of {}",
            listed(&poisson)
        ));
    }
    if sources.iter().any(|source| source.rescue.is_some()) {
        what.push("tenants' rescues".to_owned());
    }
    let plan = &scenario.maintenance;
    if !plan.faults.is_empty() {
        what.push("faults, their detection and their repair".to_owned());
    }
    if !plan.campaigns.is_empty() {
        what.push("the nodes and the work of campaigns".to_owned());
    }
    if !plan.faults.is_empty() || !plan.campaigns.is_empty() || !plan.spells.is_empty() {
        what.push("operators' boots, latencies and slips".to_owned());
    }
    what.push("deploys, cleans, failures of builds, and the pick among equal nodes".to_owned());
    Some(format!("Drawn, not recorded: {}.", what.join("; ")))
}

/// Quantiles of waits that have no value in some replications, because too many waits never came to an end.
fn endless(results: &Results) -> Vec<String> {
    let of = |arm: &Arm| {
        let without = |metric: &Metric| arm.values.iter().filter(|row| endless_wait(row, metric.at())).count();
        let said = ERRAND_WAITS.iter().filter(|metric| without(metric) > 0);
        let said = said.map(|metric| format!("`{}` in {} of {}", metric.name(), without(metric), arm.values.len()));
        (arm.label.clone(), said.collect::<Vec<_>>())
    };
    let arms = results.arms.iter().map(of).filter(|(_, said)| !said.is_empty());
    arms.map(|(label, said)| {
        format!(
            "No value under {label}: {}, where too many errands were given up; means and differences are of the other replications, if any, \
             which flatters it.",
            listed(&said)
        )
    })
    .collect()
}

/// What the horizon cuts off, per strategy, as means over the replications.
fn censored(results: &Results) -> Option<String> {
    if results.replications == 0 {
        return None;
    }
    let parts: Vec<String> = results
        .arms
        .iter()
        .map(|arm| {
            let mean = |metric: Metric| -> f64 {
                let e: Option<Estimate> = arm.estimates.get(metric.at()).copied().flatten();
                e.map_or(0.0, |e| e.mean)
            };
            let errands = (mean(Metric::Errands) - mean(Metric::ErrandsDone) - mean(Metric::ErrandsFailed)).max(0.0);
            format!(
                "{} {:.1} instances, {:.1} waiting requests, {:.1} windows and {:.1} errands",
                arm.label,
                mean(Metric::InstancesOpen),
                mean(Metric::Waiting),
                mean(Metric::WindowsOpen),
                errands
            )
        })
        .collect();
    Some(format!(
        "Cut off at the horizon, open there per replication: {}. Waits and lengths are of what ended.",
        parts.join("; ")
    ))
}

/// Of how many nodes the log has the courses, where it leaves some out.
fn logged(scenario: &Scenario, results: &Results) -> Option<String> {
    let nodes = scenario.fleet.nodes.len();
    let left_out = |arm: &&Arm| arm.log.nodes_left_out > 0;
    let parts: Vec<String> = results
        .arms
        .iter()
        .filter(left_out)
        .map(|arm| format!("{} under {}", nodes - arm.log.nodes_left_out, arm.label))
        .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "Logged: of {nodes} nodes, states.csv has the courses of {}, those first whose maintenance is due first \
             (`report.log_nodes` says how many).",
            listed(&parts)
        )
    })
}

/// How many replications there are, and why.
fn replications(scenario: &Scenario, results: &Results) -> Vec<String> {
    let n = results.replications;
    let mut said = Vec::new();
    if let Some(goal) = &results.precision {
        let metric = results.columns[goal.column].name;
        said.push(match goal.at {
            Some(at) => format!(
                "Replications: {n}; the half-width asked of {metric} was reached at {at} and kept (Hoad, Robinson and Davies 2010)."
            ),
            None if results.partial => format!("Replications: {n}; interrupted before {metric} was known as well as asked."),
            None => format!(
                "Replications: {n}; the budget of {} was spent before {metric} was known as well as asked.",
                goal.budget.max(scenario.replications)
            ),
        });
    }
    if let Some(best) = &results.best {
        let metric = results.columns[best.column].name;
        let first = best.first;
        said.push(match best.at {
            Some(at) => format!(
                "Replications: {n}; the best strategy in {metric} was chosen at {at}, after a first stage of {first} (Kim and Nelson 2001)."
            ),
            None if results.partial => format!("Replications: {n}; interrupted before the best in {metric} was chosen."),
            None => format!(
                "Replications: {n}; the budget of {} was spent before the best in {metric} was chosen.",
                best.budget.max(scenario.replications)
            ),
        });
    }
    if said.is_empty() {
        said.push(format!("Replications: {n}, as the scenario or the command says."));
    }
    said
}

/// How the intervals were made.
fn intervals(results: &Results) -> Vec<String> {
    if results.replications < 2 {
        return vec!["Intervals: none, for one replication has no spread.".to_owned()];
    }
    let level = level(results.confidence);
    let mut said = vec![format!(
        "Intervals: {level} % t-intervals of means over replications, cut at what a metric can be; a quantile's mean is the \
         mean of the replications' quantiles, and its pooled value has an order-statistic interval with replications as \
         clusters (Woodruff 1952); shares of replications have Wilson's."
    )];
    let others = results.arms.len().saturating_sub(1);
    if others > 0 {
        let pairs = if others > 1 {
            ", and so do the letters of all pairs of all metrics"
        } else {
            ""
        };
        said.push(format!(
            "Comparisons: paired by replication (common random numbers). The words of all claims hold together at {level} % \
             (Bonferroni), those of the other rows that are shown hold together, too (Holm 1979){pairs}. What is not shown has no \
             word."
        ));
    }
    said
}

fn listed<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    use crate::cells::testing::{busy, request};
    use crate::workload::{Kind, Trace};

    #[test]
    fn a_replay_owns_up_to_being_one_demand() {
        let mut scenario = busy();
        let requests = [request(5, Kind::People)];
        scenario.demand.sources[0].stock = Stock::Given(Arc::new(Trace::of(&requests, [])));
        let said = of_scenario(&scenario);
        assert!(
            said.iter()
                .any(|said| said.starts_with("Replayed") && said.contains("no interval covers another demand"))
        );
        assert!(!of_scenario(&busy()).iter().any(|said| said.starts_with("Replayed")));
    }

    #[test]
    fn lists_are_read_as_lists() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
