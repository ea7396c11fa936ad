//! The answer of `plan` in words.

use super::plots::percent;
use super::roster::broken;
use crate::judge::planned::Planned;
use crate::judge::quest::Answer;
use crate::judge::search::{Ruling, SearchEnd};

/// The widest line.
const WIDE: usize = 140;

/// The answer as text: a sentence, then how sure it is for each strategy.
#[must_use]
pub fn answer(planned: &Planned) -> String {
    let mut out = broken(&sentence(planned), WIDE).join("\n");
    out.push_str("\n\n");
    let width = planned
        .strategies
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0);
    for (label, answer) in planned.strategies.iter().zip(&planned.answers) {
        out.push_str(&format!("{label:<width$}  {}\n", line(planned, answer)));
    }
    if still(planned) {
        let note = note_of_still(planned);
        out.push('\n');
        out.push_str(&(broken(&note, WIDE).join("\n") + "\n"));
    }
    out.push('\n');
    for line in planned.assumptions.iter().flat_map(|text| broken(text, WIDE)) {
        out.push_str(&(line + "\n"));
    }
    out
}

/// The answer sentence by sentence: all strategies together, then each by itself.
pub(super) fn sentences(planned: &Planned) -> Vec<String> {
    let pairs = planned.strategies.iter().zip(&planned.answers);
    let each = pairs.map(|(label, answer)| format!("{label}: {}.", line(planned, answer)));
    let still = still(planned).then(|| note_of_still(planned));
    [sentence(planned)].into_iter().chain(each).chain(still).collect()
}

/// That intervals beside the border have no width.
fn note_of_still(planned: &Planned) -> String {
    let more = if planned.quest.by_seed {
        ""
    } else {
        "; --seeds draws anew what a scenario draws once"
    };
    format!("The replications beside some border do not differ at all: its intervals have no width{more}.")
}

/// `A meets SLO with KEY = 14 (95 %), B needs 19; C does not reach it anywhere in 1..30.`
fn sentence(planned: &Planned) -> String {
    let (slo, key) = (&planned.quest.slo, &planned.key);
    let level = percent(planned.quest.confidence);
    let pairs = || planned.strategies.iter().zip(&planned.answers);
    // The values that answer, each with its strategies, the most modest first.
    let mut groups: Vec<(usize, Vec<&str>)> = Vec::new();
    for (label, answer) in pairs() {
        let Some(value) = planned.value(answer) else { continue };
        let place = planned.values.iter().position(|known| known == value).unwrap_or(0);
        match groups.iter_mut().find(|(known, _)| *known == place) {
            Some((_, labels)) => labels.push(label),
            None => groups.push((place, vec![label])),
        }
    }
    groups.sort_by_key(|(place, _)| *place);
    if planned.quest.largest {
        groups.reverse();
    }
    let with = if planned.quest.largest { "up to" } else { "with" };
    let mut parts = Vec::new();
    for (at, (place, labels)) in groups.iter().enumerate() {
        let (value, who, one) = (planned.at(*place), and(labels), labels.len() == 1);
        parts.push(match (at, planned.quest.largest) {
            (0, _) => {
                let verb = if one { "meets" } else { "meet" };
                format!("{who} {verb} {slo} {with} {key} = {value} ({level} %)")
            }
            (_, true) => format!("{who} up to {value}"),
            (_, false) => format!("{who} {} {value}", if one { "needs" } else { "need" }),
        });
    }
    let mut said = parts.join(", ");
    let range = &planned.range;
    let (open, nowhere) = unreached(planned);
    for (labels, verb, verbs) in [
        (nowhere, "does not reach", "do not reach"),
        (open, "is not shown to reach", "are not shown to reach"),
    ] {
        if labels.is_empty() {
            continue;
        }
        let (it, link) = match said.is_empty() {
            true => (slo.to_string(), ""),
            false => ("it".to_owned(), "; "),
        };
        let verb = if labels.len() == 1 { verb } else { verbs };
        said += &format!(
            "{link}{} {verb} {it} anywhere in {key} = {range} ({level} %)",
            and(&labels)
        );
    }
    let tangled = named(planned, |finding| matches!(finding, SearchEnd::NotMonotone { .. }));
    if !tangled.is_empty() {
        let link = if said.is_empty() { "" } else { "; " };
        said += &format!(
            "{link}there is no {} {key} under {}, where {slo} is not monotone in it",
            planned.which(),
            and(&tangled)
        );
    }
    said + "."
}

/// The strategies that reach the objective nowhere: those for which even the easiest value is open, and the others.
fn unreached(planned: &Planned) -> (Vec<&str>, Vec<&str>) {
    let pairs = planned.strategies.iter().zip(&planned.answers);
    let nowhere = pairs.filter(|(_, answer)| answer.finding == SearchEnd::Nowhere);
    let split: (Vec<_>, Vec<_>) = nowhere.partition(|(_, answer)| easiest(planned, answer) == Some(Ruling::Open));
    let [open, others] = [split.0, split.1].map(|pairs| pairs.into_iter().map(|(label, _)| label.as_str()).collect());
    (open, others)
}

/// What was said of the value at which the objective is easiest to meet.
fn easiest(planned: &Planned, answer: &Answer) -> Option<Ruling> {
    let place = planned.easiest();
    let probe = answer.probes.iter().find(|probe| probe.value == place)?;
    Some(probe.ruling)
}

fn named(planned: &Planned, is: impl Fn(SearchEnd) -> bool) -> Vec<&str> {
    let pairs = planned.strategies.iter().zip(&planned.answers);
    pairs
        .filter(|(_, answer)| is(answer.finding))
        .map(|(label, _)| label.as_str())
        .collect()
}

fn and(labels: &[&str]) -> String {
    match labels {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// How sure the answer is for one strategy, and what it took.
fn line(planned: &Planned, answer: &Answer) -> String {
    let replications: u32 = answer.probes.iter().map(|probe| probe.replications).sum();
    let took = format!(
        "{} values looked at in {replications} replications",
        answer.probes.len()
    );
    let open = |low: usize, high: usize| {
        let (low, high) = (low.min(high), low.max(high));
        match high - low {
            0 | 1 => String::new(),
            2 => format!(", open at {}", planned.at(low + 1)),
            _ => format!(", open from {} to {}", planned.at(low + 1), planned.at(high - 1)),
        }
    };
    let said = match answer.finding {
        SearchEnd::Border {
            holds,
            fails: Some(fails),
        } => {
            format!(
                "holds at {}, fails at {}{}",
                planned.at(holds),
                planned.at(fails),
                open(fails, holds)
            )
        }
        SearchEnd::Border { holds, fails: None } => {
            format!("holds at {}, and no value is shown to fail", planned.at(holds))
        }
        SearchEnd::Everywhere => "holds in the whole range; the border lies outside of it".to_owned(),
        SearchEnd::Nowhere => {
            let easy = planned.at(planned.easiest());
            match easiest(planned, answer) {
                Some(Ruling::Open) => format!("open even at {easy}: more replications may tell"),
                _ => format!("fails even at {easy}"),
            }
        }
        SearchEnd::NotMonotone { holds, fails } => {
            let other = match planned.quest.largest {
                true => "is the smallest value meant (without `--largest`)?",
                false => "is the largest value meant (`--largest`)?",
            };
            format!(
                "holds at {} and fails at {}: not monotone; {other}",
                planned.at(holds),
                planned.at(fails)
            )
        }
    };
    format!("{said}{}; {took}", undone(planned, answer))
}

/// Where a campaign was not done within the horizon, or errands were given up whose waits are asked about.
fn undone(planned: &Planned, answer: &Answer) -> String {
    let campaigns = planned
        .quest
        .slo
        .clauses
        .iter()
        .any(|clause| clause.unfinished.is_some());
    let what = if campaigns {
        "not done within the horizon"
    } else {
        "too many errands are given up"
    };
    let worst = answer.probes.iter().filter(|probe| probe.undone > 0);
    let values: Vec<&str> = worst.map(|probe| planned.at(probe.value)).collect();
    match values.as_slice() {
        [] => String::new(),
        [one] => format!("; at {one} {what}, which no bound allows"),
        [first, .., last] => format!("; from {first} to {last} {what}, which no bound allows"),
    }
}

/// Whether some answer rests on replications that are all alike.
fn still(planned: &Planned) -> bool {
    planned.answers.iter().any(|answer| {
        let SearchEnd::Border { holds, .. } = answer.finding else {
            return false;
        };
        let probe = answer.probes.iter().find(|probe| probe.value == holds);
        probe.is_some_and(|probe| probe.clauses.iter().flatten().all(|look| look.lo == look.hi))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::planned::tests::planned;

    #[test]
    fn the_answer_is_a_sentence() {
        let text = answer(&planned(false)).replace('\n', " ");
        let expected = "naive meets acceptance >= 99% and errand_wait_p95 <= 4h with fleet.group.0.nodes = 1 (95 %), hidden-via-extra-spec needs 14, \
             withdraw needs 19; tenant-reservation does not reach it anywhere in fleet.group.0.nodes = 1..30 (95 %); there is no smallest \
             fleet.group.0.nodes under tenants, unnamed, where acceptance >= 99% and errand_wait_p95 <= 4h is not monotone in it.";
        assert!(text.starts_with(expected), "{text}");
        assert!(
            text.contains("holds at 19, fails at 16, open from 17 to 18; 6 values looked at in 120 replications"),
            "{text}"
        );
        let text = answer(&planned(true)).replace('\n', " ");
        assert!(
            text.contains("up to fleet.group.0.nodes = 30 (95 %), hidden-via-extra-spec up to 17, withdraw up to 12;"),
            "{text}"
        );
    }
}
