//! What a search for the cheapest value says in the terminal.

use super::number::{decimals, estimated, rounded};
use super::plots::percent;
use super::roster::broken;
use crate::judge::minimise::{MinimiseAnswer, Minimised};
use crate::stats::estimate::Interval;
use crate::stats::race::RaceEnd;

const WIDE: usize = 140;

/// The answer as text: a sentence for each strategy, and what to know when reading it.
#[must_use]
pub fn answer(found: &Minimised) -> String {
    let pairs = found.strategies.iter().zip(&found.answers);
    let said = pairs.map(|(label, answer)| match answer {
        Some(answer) => sentence(found, label, answer),
        None => format!(
            "{label}: {} has no value in some replication.",
            found.quest.metric().name
        ),
    });
    let notes = found.assumptions.iter().cloned();
    let lines = said.flat_map(|text| broken(&text, WIDE));
    let lines = lines
        .chain([String::new()])
        .chain(notes.flat_map(|text| broken(&text, WIDE)));
    lines.map(|line| line + "\n").collect()
}

/// `naive: cost is smallest with operators.technicians = 3 (95 %): 1234 [1200, 1270] EUR; …`
fn sentence(found: &Minimised, label: &str, answer: &MinimiseAnswer) -> String {
    let (metric, level) = (found.quest.metric(), percent(found.quest.confidence));
    let standing = &answer.standing;
    let name = |at: usize| found.values.get(at).map_or("", String::as_str);
    let best = answer.values[standing.first]
        .estimate
        .map(estimated)
        .unwrap_or_default();
    let (unit, key) = (metric.unit, &found.key);
    let near: Vec<&str> = standing
        .left
        .iter()
        .filter(|at| **at != standing.first)
        .map(|at| name(*at))
        .collect();
    let what = format!(
        "{label}: {} is smallest with {key} = {}",
        metric.name,
        name(standing.first)
    );
    let said = match answer.end {
        RaceEnd::Alone => format!("{what} ({level} %): {best} {unit}{}.", next(found, answer)),
        RaceEnd::Near => format!(
            "{what}, {best} {unit}, or within {} {unit} of it ({level} %); not told apart from it: {}.",
            rounded(answer.matters, decimals(&[answer.matters], &[])),
            near.join(", ")
        ),
        RaceEnd::Spent => format!(
            "{what} by its mean alone, {best} {unit}: after {} replications it is not told apart from {}; the smallest is among \
             them ({level} %).",
            standing.at,
            near.join(", ")
        ),
    };
    said + &edge(found, answer)
}

/// Whether what is left reaches an end of the range: what lies beyond was not looked at.
fn edge(found: &Minimised, answer: &MinimiseAnswer) -> String {
    let ends = [0, found.values.len().saturating_sub(1)];
    let ends: Vec<&str> = ends
        .into_iter()
        .filter(|at| answer.standing.left.contains(at))
        .map(|at| found.values[at].as_str())
        .collect();
    match ends[..] {
        [] => String::new(),
        [end] => format!(" {end} is an end of the range: a value beyond it may be smaller still."),
        _ => " Both ends of the range are left: a value beyond it may be smaller still.".to_owned(),
    }
}

/// The nearest other value, and by how much it is above.
fn next(found: &Minimised, answer: &MinimiseAnswer) -> String {
    let others = answer
        .values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| Some((at, value.above?)));
    // One that was let go early has a wide interval: its mean is what says how near it is.
    let middle = |it: &Interval| f64::midpoint(it.lo, it.hi);
    let nearest = others.reduce(|best, it| if middle(&it.1) < middle(&best.1) { it } else { best });
    let Some((at, above)) = nearest else {
        return String::new();
    };
    let places = decimals(&[above.lo, above.hi], &[(above.hi - above.lo) / 2.0]);
    let [lo, hi] = [above.lo, above.hi].map(|figure| rounded(figure, places));
    format!(
        "; with {} it is {lo} to {hi} more",
        found.values.get(at).map_or("", String::as_str)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::minimise::tests::{quest, searched};

    fn found(cost: impl Fn(usize, f64) -> f64) -> String {
        let quest = quest();
        let (answers, _) = searched(&quest, |job| cost(job.point, f64::from(job.replication % 7)));
        answer(&Minimised {
            version: "0.1.0".to_owned(),
            scenario: "sample".to_owned(),
            digest: "d".repeat(64),
            seed: 1,
            key: "operators.technicians".to_owned(),
            range: "1..9".to_owned(),
            values: (1..=9).map(|n| n.to_string()).collect(),
            strategies: ["naive", "withdraw"].map(str::to_owned).to_vec(),
            quest,
            answers,
            assumptions: vec!["Drawn, not recorded: everything.".to_owned()],
        })
    }

    /// Let go at the first look, 9 has so wide an interval that it begins below that of 5, which is nearer.
    #[test]
    fn the_runner_up_is_the_nearest_and_not_the_one_that_is_least_known() {
        let said = found(|point, noise| match point {
            3 => 1_000.0,
            4 => 1_030.0 + noise,
            8 => 1_500.0 + 400.0 * (noise - 3.0),
            _ => 3_000.0,
        });
        assert!(said.contains("; with 5 it is "), "{said}");
    }

    #[test]
    fn the_answer_is_a_sentence_a_strategy() {
        let said = found(|point, noise| 1_000.0 + 100.0 * (point as f64 - 3.0).abs() + 10.0 * noise);
        assert!(
            said.starts_with("naive: cost is smallest with operators.technicians = 4 (95 %): 1024"),
            "{said}"
        );
        assert!(said.contains(" EUR; with 3 it is 100 to 100 more."), "{said}");
        assert!(said.ends_with("\n\nDrawn, not recorded: everything.\n"), "{said}");
        assert!(!said.contains("end of the range"), "{said}");
        let near = found(|point, noise| 1_000.0 + 100.0 * (point as f64 / 2.0).floor() + 10.0 * noise);
        assert!(
            near.contains(" 1 is an end of the range: a value beyond it may be"),
            "{near}"
        );
        assert!(near.contains("EUR of it (95 %); not told apart from it: 2."), "{near}");
    }
}
