//! What went wrong with requests in replication 0: each refusal and misplacement with its explanation, and the count of the rest.

use serde::Serialize;

use crate::cells::rows::DecisionRow;
use crate::judge::results::{Arm, Results};
use crate::kernel::Time;
use crate::kernel::text::one_line;
use crate::kernel::time::DAY_MS;
use crate::world::CAUSES;

/// The decisions under a strategy.
#[derive(Debug, Serialize)]
pub(super) struct Decided {
    label: String,
    /// The strategy's place among those that have a course, by which the timeline knows it.
    place: usize,
    /// How many there are, in words.
    count: String,
    rows: Vec<Decision>,
}

#[derive(Debug, Serialize)]
struct Decision {
    when: String,
    /// The word, with a sign that does without colour.
    what: String,
    who: String,
    cause: String,
    said: String,
    node: String,
    /// When, in seconds since the epoch of the run.
    at: String,
}

/// The decisions of every strategy; none where nothing went wrong, or a folder has none.
pub(super) fn decided(results: &Results) -> Vec<Decided> {
    let arms = results.arms.iter().enumerate();
    let any = results.arms.iter().any(|arm| !arm.log.decisions.is_empty());
    let cut = results.warm_up.as_ref().map_or(Time::ZERO, |it| Time(it.cut.0));
    arms.filter(|_| any).map(|(place, arm)| of(place, arm, cut)).collect()
}

fn of(place: usize, arm: &Arm, cut: Time) -> Decided {
    let left = arm.log.decisions_left;
    let shown = arm.log.decisions.len();
    let more: Vec<String> = [(left.refused, "refusal"), (left.misplaced, "misplacement")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
        .collect();
    Decided {
        label: arm.label.clone(),
        place,
        count: match (shown, more.is_empty()) {
            (0, _) => "None.".to_owned(),
            (1, true) => "1 decision.".to_owned(),
            (n, true) => format!("{n} decisions."),
            (n, false) => format!("The first {n}; {} more are not listed.", more.join(" and ")),
        },
        rows: arm.log.decisions.iter().map(|row| decision(row, cut)).collect(),
    }
}

/// A decision; what lies before the cut of the warm-up is in no metric.
fn decision(row: &DecisionRow, cut: Time) -> Decision {
    let cause = row
        .cause
        .and_then(|cause| CAUSES.iter().find(|(known, _)| *known == cause));
    let asked = match row.count {
        0 | 1 => row.class.clone(),
        n => format!("{n} × {}", row.class),
    };
    let who: Vec<&str> = [row.tenant.as_str(), asked.as_str()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    Decision {
        when: moment(row.at) + if row.at < cut { " (warm-up)" } else { "" },
        what: format!("{}{}", if row.node.is_empty() { "✕ " } else { "↯ " }, row.what.word()),
        who: match who.is_empty() {
            true => row.request.clone(),
            false => format!("{} ({})", row.request, who.join(", ")),
        },
        cause: cause.map_or_else(String::new, |(_, word)| (*word).to_owned()),
        said: row.said.clone(),
        node: one_line(&row.node).into_owned(),
        at: (row.at.0 / 1000).to_string(),
    }
}

/// A time as the timeline tells it.
fn moment(at: Time) -> String {
    let minutes = at.0 % DAY_MS / 60_000;
    format!("day {} {:02}:{:02}", at.0 / DAY_MS, minutes / 60, minutes % 60)
}
