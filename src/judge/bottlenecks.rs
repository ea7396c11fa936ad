//! What is overloaded in a run, by rule: technicians who are nearly always at work, or a class of which more is asked for
//! than can be scheduled.

use super::results::{Arm, Results};
use crate::cells::columns::{Dimension, Metric};
use crate::scenario::value_in;
use crate::stats::estimate::Estimate;

/// From this share of their time at work on, technicians are a bottleneck: the wait of a queue with random arrivals and
/// work grows with 1 / (1 - share), so that it is ten times the work of one node here.
const BUSY: f64 = 0.9;
/// From this offered load on a class is: more machine-hours are asked for than there are.
const LOADED: f64 = 1.0;
/// An hour of the day stands out from this many times the average hour on.
const STANDS_OUT: f64 = 1.5;

/// What is overloaded.
#[derive(Clone, Debug, PartialEq)]
pub enum Bottleneck {
    /// The technicians.
    Technicians {
        /// How many there are; none where they work in crews.
        number: Option<u32>,
        /// The strategy, by its place among the arms.
        arm: usize,
        /// The share of their time on shift that they are at work.
        busy: f64,
        /// How long work waits for one, in hours.
        wait: f64,
        /// How many nodes wait for one, on average.
        queue: f64,
        /// Under how many other strategies they are overloaded, too.
        others: usize,
    },
    /// A class.
    Class {
        /// Its name.
        class: String,
        /// The strategy, by its place among the arms.
        arm: usize,
        /// What is asked for over what can be scheduled.
        load: f64,
        /// The hour of the day in which most is refused, of all classes, and its share of the refusals; none where no hour
        /// stands out.
        hour: Option<(String, f64)>,
        /// Under how many other strategies it is overloaded, too.
        others: usize,
    },
}

/// What is overloaded under the strategy where it is worst; technicians before classes, since those who wait for hands are
/// lacking in their class.
#[must_use]
pub fn bottleneck(results: &Results) -> Option<Bottleneck> {
    technicians(results).or_else(|| class(results))
}

fn mean(arm: &Arm, at: usize) -> Option<f64> {
    Some((*arm.estimates.get(at)?)?.mean)
}

/// Under how many arms but the worst one the mean of a column is above a bound.
fn others(results: &Results, at: usize, above: f64) -> usize {
    let over = results
        .arms
        .iter()
        .filter(|arm| mean(arm, at).is_some_and(|mean| mean >= above));
    over.count().saturating_sub(1)
}

/// The arm with the highest mean of a column, with it.
fn worst(results: &Results, at: usize) -> Option<(usize, f64)> {
    let arms = results.arms.iter().enumerate();
    let known = arms.filter_map(|(arm, it)| Some((arm, mean(it, at)?)));
    known.reduce(|worst, it| if it.1 > worst.1 { it } else { worst })
}

fn technicians(results: &Results) -> Option<Bottleneck> {
    let (arm, busy) = worst(results, Metric::TechniciansBusy.at()).filter(|(_, busy)| *busy >= BUSY)?;
    let of = |metric: Metric| mean(&results.arms[arm], metric.at()).unwrap_or(0.0);
    Some(Bottleneck::Technicians {
        number: value_in(&results.effective, "operators.technicians").and_then(|n| n.parse().ok()),
        arm,
        busy,
        wait: of(Metric::TechnicianWaitMean),
        queue: of(Metric::TechnicianQueue),
        others: others(results, Metric::TechniciansBusy.at(), BUSY),
    })
}

fn class(results: &Results) -> Option<Bottleneck> {
    let columns = results.columns.iter().enumerate();
    let loads = columns.filter_map(|(at, column)| match (column.metric, column.of) {
        (Metric::OfferedLoad, Some((Dimension::Class, class))) => Some(((class, at), worst(results, at)?)),
        _ => None,
    });
    let ((class, at), (arm, load)) = loads.reduce(|worst, it| if it.1.1 > worst.1.1 { it } else { worst })?;
    (load > LOADED).then(|| Bottleneck::Class {
        class: class.to_owned(),
        arm,
        load,
        hour: hour(results, arm),
        others: others(results, at, LOADED),
    })
}

/// The hour of the day in which most is refused, with its share of all refusals. It stands out where the lower end of its
/// interval is half as high again as an hour has on average; the highest of 24 that are alike is chance.
fn hour(results: &Results, arm: usize) -> Option<(String, f64)> {
    let columns = results.columns.iter().enumerate();
    let hours = columns.filter_map(|(at, column)| match (column.metric, column.of) {
        (Metric::Refused, Some((Dimension::Hour, hour))) => Some((hour, (*results.arms[arm].estimates.get(at)?)?)),
        _ => None,
    });
    let hours: Vec<(&str, Estimate)> = hours.collect();
    let all: f64 = hours.iter().map(|(_, refused)| refused.mean).sum();
    let even = all / hours.len() as f64;
    let most = hours
        .into_iter()
        .reduce(|most, it| if it.1.mean > most.1.mean { it } else { most })?;
    (most.1.lo > STANDS_OUT * even).then(|| (most.0.to_owned(), most.1.mean / all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::selector::Selector;
    use crate::judge::sample::{SampleWish, results};

    fn sample() -> Results {
        let mut sample = results(SampleWish {
            arms: 2,
            replications: 5,
            eventful: true,
        });
        let hours = ["9", "14"].map(|hour| Selector::part(Metric::Refused, Dimension::Hour, hour));
        let classes = ["gpu", "cpu"].map(|class| Selector::part(Metric::OfferedLoad, Dimension::Class, class));
        sample.columns = sample.columns.with(hours.into_iter().chain(classes));
        sample
    }

    fn set(arm: &mut Arm, at: usize, mean: f64) {
        let estimate = Estimate {
            mean,
            lo: mean,
            hi: mean,
            n: 5,
        };
        arm.estimates.resize(arm.estimates.len().max(at + 1), None);
        arm.estimates[at] = Some(estimate);
    }

    #[test]
    fn who_is_overloaded_is_named_and_nobody_else() {
        let mut sample = sample();
        let place = |sample: &Results, name: &str| sample.columns.placed(name).expect("asked for").0;
        for arm in &mut sample.arms {
            set(arm, Metric::TechniciansBusy.at(), 0.5);
        }
        assert_eq!(bottleneck(&sample), None);
        let (gpu, cpu) = (
            place(&sample, "offered_load{class=gpu}"),
            place(&sample, "offered_load{class=cpu}"),
        );
        let (nine, two) = (place(&sample, "refused{hour=9}"), place(&sample, "refused{hour=14}"));
        for (at, value) in [(gpu, 1.2), (cpu, 0.4), (nine, 3.0), (two, 9.0)] {
            set(&mut sample.arms[1], at, value);
        }
        let class = |hour, others| Bottleneck::Class {
            class: "gpu".to_owned(),
            arm: 1,
            load: 1.2,
            hour,
            others,
        };
        // 9 of 12 in one of two hours are half as many again as 6, and not more.
        assert_eq!(bottleneck(&sample), Some(class(None, 0)));
        set(&mut sample.arms[1], two, 12.0);
        assert_eq!(bottleneck(&sample), Some(class(Some(("14".to_owned(), 0.8)), 0)));
        set(&mut sample.arms[0], gpu, 1.1);
        assert_eq!(bottleneck(&sample), Some(class(Some(("14".to_owned(), 0.8)), 1)));
        set(&mut sample.arms[0], Metric::TechniciansBusy.at(), 0.97);
        set(&mut sample.arms[0], Metric::TechnicianWaitMean.at(), 128.0);
        let found = bottleneck(&sample);
        assert!(
            matches!(found, Some(Bottleneck::Technicians { arm: 0, busy, wait, .. }) if busy == 0.97 && wait == 128.0),
            "{found:?}"
        );
    }
}
