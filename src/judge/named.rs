//! The metrics that a scenario names, held against the column table: `scenario` cannot know it.

use crate::cells::columns::{COLUMNS, Column, column, nearest};
use crate::scenario::expect::Wants;
use crate::scenario::{Problem, Scenario};
use crate::stats::compare::Good;
use crate::stats::width::Width;

/// What a scenario says of metrics that cannot be: unknown names, points of what is no share, the best side of a
/// metric that has none.
#[must_use]
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut find = |name: &str, place: &Problem| {
        let found = column(name).map(|at| &COLUMNS[at]);
        if found.is_none() {
            problems.push(unknown(name, place));
        }
        found
    };
    for expectation in &scenario.expectations {
        if let Wants::Metric { metric, .. } = &expectation.wants {
            find(metric, &expectation.place);
        }
    }
    for name in &scenario.reporting.metrics {
        find(name, &scenario.reporting.metrics_place);
    }
    let precision = scenario.reporting.precision.as_ref();
    let precise = precision.and_then(|goal| Some((find(&goal.metric, &goal.place)?, goal.half_width, &goal.place)));
    let best = scenario.reporting.best.as_ref();
    let best = best.and_then(|goal| Some((find(&goal.metric, &goal.place)?, goal.indifference, &goal.place)));
    let points = |(column, width, place): (&Column, Width, &Problem)| {
        (matches!(width, Width::Points(_)) && column.unit != "share").then(|| Problem {
            message: format!("`{}` is no share: it is not counted in points", column.name),
            fix: format!("give a number in its unit ({})", column.unit),
            ..place.clone()
        })
    };
    let sideless = |(column, _, place): (&Column, Width, &Problem)| {
        (column.good == Good::Neither).then(|| Problem {
            message: format!("`{}` has no good side: no strategy is best at it", column.name),
            fix: "name a metric such as `acceptance` or `errand_wait_p95`".to_owned(),
            ..place.clone()
        })
    };
    problems.extend(precise.and_then(points));
    problems.extend(best.and_then(points));
    problems.extend(best.and_then(sideless));
    problems
}

fn unknown(name: &str, place: &Problem) -> Problem {
    Problem {
        message: format!("there is no metric `{name}`"),
        fix: nearest(name).map_or_else(
            || "`sickbay metrics` lists them".to_owned(),
            |near| format!("is it meant as `{near}`?"),
        ),
        ..place.clone()
    }
}
