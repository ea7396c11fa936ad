//! The metrics that a scenario names, held against the column table: `scenario` cannot know it.

use crate::cells::columns::Column;
use crate::cells::selector::{Selector, SelectorError};
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
        let found = known(name, scenario);
        let problem = |SelectorError { message, mend }| Problem {
            message,
            fix: mend,
            ..place.clone()
        };
        found.map_err(|why| problems.push(problem(why))).ok()
    };
    for expectation in &scenario.expectations {
        if let Wants::Metric { metric, .. } = &expectation.wants {
            find(metric, &expectation.place);
        }
    }
    for name in &scenario.reporting.metrics {
        find(name, &scenario.reporting.metrics_place);
    }
    let headline = scenario.reporting.headline.iter();
    let place = &scenario.reporting.headline_place;
    let claimed: Vec<_> = headline
        .filter_map(|name| Some((find(name, place)?, Width::Absolute(0.0), place)))
        .collect();
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
            message: format!("`{}` has no good side: no strategy is better at it", column.name),
            fix: "name a metric such as `acceptance` or `errand_wait_p95`".to_owned(),
            ..place.clone()
        })
    };
    problems.extend(precise.and_then(points));
    problems.extend(best.and_then(points));
    problems.extend(best.into_iter().chain(claimed).filter_map(sideless));
    problems
}

/// The column of a metric that a scenario has.
///
/// # Errors
/// When there is no such metric, or the scenario lacks its part.
pub fn known(name: &str, scenario: &Scenario) -> Result<&'static Column, SelectorError> {
    let selector = Selector::parse(name)?;
    selector.check(scenario)?;
    Ok(selector.column())
}
