//! Costs whose smallest value is known, and the answer against looking at everything.

use super::*;
use crate::cells::columns::Metric;
use crate::kernel::streams::{Seed, unit};

/// A quest over nine values for two strategies.
pub fn quest() -> MinimiseQuest {
    MinimiseQuest {
        values: 9,
        strategies: 2,
        columns: Columns::default().in_unit("EUR"),
        column: Metric::Cost.at(),
        matters: Matters {
            costs: Some(crate::stats::width::Width::Relative(0.001)),
            ..Matters::bare()
        },
        confidence: 0.95,
        first: 10,
        most: 160,
    }
}

/// A parabola over the values with its smallest at the third or the sixth, and noise that all values share.
fn cost(job: CellJob) -> f64 {
    let noise = |entity: u64| {
        let seed = Seed {
            master: 5,
            replication: u64::from(job.replication),
        };
        unit(seed.stream(1, entity).word()) - 0.5
    };
    let away = job.point as f64 - if job.variant == 0 { 2.0 } else { 5.0 };
    1_000.0 + 20.0 * away * away + 400.0 * noise(1) + 30.0 * noise(2 + job.point as u64)
}

/// Fills the table as it is asked for; gives the answers and the cells that it took.
pub fn searched(quest: &MinimiseQuest, cost: impl Fn(CellJob) -> f64) -> (Vec<Option<MinimiseAnswer>>, usize) {
    let mut table: CellTable<CellRow> = CellTable::default();
    loop {
        let wanted = quest.next(&table);
        if wanted.is_empty() {
            return (quest.answers(&table), table.len());
        }
        for job in wanted {
            let mut row = quest.columns.empty_row();
            row[quest.column] = Some(cost(job));
            table.enter(job, row);
        }
    }
}

#[test]
fn the_cheapest_value_is_that_of_brute_force() {
    let quest = quest();
    let (answers, cells) = searched(&quest, cost);
    for (variant, answer) in answers.iter().enumerate() {
        let answer = answer.as_ref().expect("an answer");
        // Brute force: all values in all replications.
        let mean = |point: usize| {
            let job = |replication| CellJob {
                point,
                variant,
                replication,
            };
            (0..160).map(|replication| cost(job(replication))).sum::<f64>() / 160.0
        };
        let best = (0..9).reduce(|best, at| if mean(at) < mean(best) { at } else { best });
        assert_eq!(Some(answer.standing.first), best);
        assert_eq!(
            (answer.end, answer.standing.left.len()),
            (RaceEnd::Alone, 1),
            "{answer:?}"
        );
        assert!(
            answer.values.iter().flatten_above().all(|above| above.lo > 0.0),
            "{answer:?}"
        );
    }
    assert!(cells < 9 * 2 * 160 / 4, "{cells}");
}

trait Above {
    fn flatten_above(self) -> impl Iterator<Item = Interval>;
}

impl<'a, T: Iterator<Item = &'a MinimisedValue>> Above for T {
    fn flatten_above(self) -> impl Iterator<Item = Interval> {
        self.filter_map(|value| value.above)
    }
}

#[test]
fn equals_are_told_together_and_what_has_no_value_has_no_answer() {
    let mut quest = quest();
    // Two values that never differ end at once, for what is left of their difference does not matter.
    let (answers, _) = searched(&quest, |job| {
        1_000.0 + 50.0 * (job.point as f64 / 2.0).floor() + f64::from(job.replication)
    });
    let answer = answers[0].as_ref().expect("an answer");
    assert_eq!(
        (answer.standing.left.as_slice(), answer.end),
        (&[0, 1][..], RaceEnd::Near)
    );
    quest.most = 20;
    let mut table: CellTable<CellRow> = CellTable::default();
    for job in quest.next(&table) {
        table.enter(job, quest.columns.empty_row());
    }
    assert!(quest.next(&table).is_empty());
    assert!(quest.answers(&table).iter().all(Option::is_none));
}
