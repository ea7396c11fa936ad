//! Intervals held against their word: on models whose answers are known, 95 % intervals cover the truth 95 times of a
//! hundred, and two equal strategies are told apart as often as the level says. Each test is small, and accepts what a
//! right implementation gives but for once in ten thousand; `cargo test --release coverage -- --ignored` asks the same of
//! a thousand repetitions and accepts 93 % to 97 %.
//!
//! Known answers are of the steady state. The runs begin empty and cut a warm-up that is many times as long as the
//! system remembers, so that the bias that is left is small against the intervals' widths.

use sickbay::cells::cell::{measure_cell, run_cell_watched};
use sickbay::cells::columns::{COLUMNS, Metric};
use sickbay::cells::selector::Columns;
use sickbay::cells::table::{Yardstick, against};
use sickbay::kernel::streams::{Seed, Stream};
use sickbay::kernel::{Law, Span, Time};
use sickbay::scenario::Scenario;
use sickbay::stats::compare::paired;
use sickbay::stats::compare::{Good, Verdict};
use sickbay::stats::estimate::{deviation, estimate, mean, z_quantile};
use sickbay::world::{Fact, Observer, Sight};

use super::{erlang_b, pure};

const LEVEL: f64 = 0.95;

/// How much is done.
#[derive(Clone, Copy)]
struct Effort {
    repetitions: u32,
    replications: u32,
    /// Days of each replication, of hold times of an hour.
    days: u32,
    long: bool,
}

/// The small form, with as many repetitions as the model is cheap.
fn small(repetitions: u32, days: u32) -> Effort {
    Effort {
        repetitions,
        replications: 5,
        days,
        long: false,
    }
}

/// The long form.
fn long(days: u32) -> Effort {
    Effort {
        repetitions: 1_000,
        replications: 10,
        days,
        long: true,
    }
}

/// The probability of `k` hits at most among `n`.
fn binomial(k: u32, n: u32, p: f64) -> f64 {
    let mass = |hits: u32| {
        let (n, k) = (f64::from(n), f64::from(hits));
        let ways = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
        libm::exp(ways + k * libm::log(p) + (n - k) * libm::log(1.0 - p))
    };
    (0..=k).map(mass).sum()
}

/// The hits among `n` that a right implementation has, but for once in twenty thousand on either side.
fn region(n: u32, p: f64) -> (u32, u32) {
    const TAIL: f64 = 5e-5;
    let least = (0..=n).find(|&k| binomial(k, n, p) > TAIL).unwrap_or(0);
    let most = (0..=n).find(|&k| binomial(k, n, p) >= 1.0 - TAIL).unwrap_or(n);
    (least, most)
}

/// Whether so many hits are what intervals of 95 % give.
fn keeps_its_word(hits: u32, effort: Effort) -> bool {
    let n = effort.repetitions;
    if effort.long {
        return (0.93..=0.97).contains(&(f64::from(hits) / f64::from(n)));
    }
    let (least, most) = region(n, LEVEL);
    (least..=most).contains(&hits)
}

/// How many of the repetitions' intervals cover the truth; the figure is shown with `--nocapture`.
fn hits(what: &str, effort: Effort, truth: f64, values: impl Fn(u32) -> Vec<f64>) -> u32 {
    let covers = |&repetition: &u32| {
        let interval = estimate(&values(repetition), LEVEL).expect("replications");
        interval.lo <= truth && truth <= interval.hi
    };
    let hits = (0..effort.repetitions).filter(covers).count() as u32;
    show(&format!("{what}: {hits} of {} cover", effort.repetitions));
    hits
}

/// Tells a figure to somebody who runs the tests with `--nocapture`.
fn show(text: &str) {
    println!("{text}");
}

/// One class of nodes, requests of one node for exponential hours, `load` Erlang of them.
fn queue(nodes: u32, load: f64, on_refusal: &str, warm_up: &str, days: u32) -> Scenario {
    let per_day = load * 24.0;
    let rest = format!(
        "[[workload]]\nname = \"all\"\ntenants = 1\non_refusal = {on_refusal}\n[[workload.flavor]]\nclass = \"metal\"\n\
         per_day = {per_day}\nsizes = 1\nhold = {{ exponential = \"1h\" }}\n"
    );
    pure(nodes, &format!("{days}d"), warm_up, &rest)
}

/// Acceptance of a loss system in each replication under one seed.
fn acceptance(scenario: &Scenario, seed: u64, replications: u32) -> Vec<f64> {
    let scenario = Scenario {
        seed,
        ..scenario.clone()
    };
    let at = Metric::Acceptance.at();
    let value = |replication| measure_cell(&scenario, 0, replication, &|| false).values[at].expect("requests");
    (0..replications).map(value).collect()
}

fn loss(effort: Effort) -> Scenario {
    queue(5, 4.0, "\"give-up\"", "10h", effort.days)
}

fn erlang_b_is_covered(effort: Effort) {
    let scenario = loss(effort);
    let values = |repetition| acceptance(&scenario, u64::from(repetition), effort.replications);
    let hits = hits("Erlang B", effort, 1.0 - erlang_b(5, 4.0), values);
    assert!(keeps_its_word(hits, effort), "{hits} of {}", effort.repetitions);
}

#[test]
fn intervals_cover_erlang_b() {
    erlang_b_is_covered(small(100, 4));
}

#[test]
#[ignore = "a thousand repetitions: the long form"]
fn intervals_cover_erlang_b_at_length() {
    erlang_b_is_covered(long(10));
}

/// The waits of requests that arrived since the warm-up, by request.
struct Waits {
    from: Time,
    asked: Vec<Option<Time>>,
    waits: Vec<f64>,
}

impl Observer for Waits {
    fn told(&mut self, at: Time, fact: &Fact, _sight: &Sight<'_>) {
        match *fact {
            Fact::Arrived { request } if at >= self.from => {
                self.asked.resize(self.asked.len().max(request.at() + 1), None);
                self.asked[request.at()] = Some(at);
            }
            Fact::Accepted { request } => {
                let asked = self.asked.get(request.at()).copied().flatten();
                self.waits.extend(asked.map(|asked| (at - asked).0 as f64));
            }
            _ => {}
        }
    }
}

/// The mean wait of M/M/c in hours of the mean hold time (Erlang 1917): the probability of waiting by the loss formula,
/// over what is free.
fn erlang_c_wait(servers: u32, load: f64) -> f64 {
    let (blocking, share) = (erlang_b(servers, load), load / f64::from(servers));
    let waits = blocking / (1.0 - share * (1.0 - blocking));
    waits / (f64::from(servers) - load)
}

fn erlang_c_is_covered(effort: Effort) {
    // Two nodes at half load remember for six hold times.
    let scenario = queue(2, 1.0, "{ wait = \"400d\" }", "36h", effort.days);
    let from = Time::ZERO + Span::hours(36);
    let values = |repetition| {
        let scenario = Scenario {
            seed: u64::from(repetition),
            ..scenario.clone()
        };
        let waits = |replication| {
            let watcher = Waits {
                from,
                asked: Vec::new(),
                waits: Vec::new(),
            };
            let (_, watcher) = run_cell_watched(&scenario, 0, replication, watcher, &|| false);
            mean(&watcher.waits) / Span::hours(1).0 as f64
        };
        (0..effort.replications).map(waits).collect()
    };
    let hits = hits("M/M/2 wait", effort, erlang_c_wait(2, 1.0), values);
    assert!(keeps_its_word(hits, effort), "{hits} of {}", effort.repetitions);
}

#[test]
fn intervals_cover_the_mean_wait_of_a_queue() {
    assert!(
        (erlang_c_wait(1, 0.5) - 1.0).abs() < 1e-12,
        "M/M/1 at half load waits for one hold time"
    );
    erlang_c_is_covered(small(60, 20));
}

#[test]
#[ignore = "a thousand repetitions: the long form"]
fn intervals_cover_the_mean_wait_of_a_queue_at_length() {
    erlang_c_is_covered(long(60));
}

/// A standard normal number, by the product's sampler.
fn normal(stream: &mut Stream) -> f64 {
    let median = Span(1_000_000_000_000);
    let law = Law::Lognormal { median, sigma: 1.0 };
    libm::log(law.draw(stream).0 as f64 / median.0 as f64)
}

/// What differs between the pairs of one repetition: the values of two strategies that met the same demand, the second
/// better by 0.3 on average.
fn pairs(repetition: u32, replications: u32) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let seed = Seed {
        master: u64::from(repetition),
        replication: 0,
    };
    let mut stream = seed.stream(0, 0);
    let pair = |_| {
        let demand = 3.0 * normal(&mut stream);
        (
            Some(demand + normal(&mut stream)),
            Some(demand + 0.3 + normal(&mut stream)),
        )
    };
    (0..replications).map(pair).unzip()
}

fn paired_differences_are_covered(effort: Effort) {
    let covers = |&repetition: &u32| {
        let (base, own) = pairs(repetition, effort.replications);
        let paired = paired(&own, &base, Good::High, 0.0, LEVEL).expect("pairs");
        paired.lo <= 0.3 && 0.3 <= paired.hi
    };
    let hits = (0..effort.repetitions).filter(covers).count() as u32;
    show(&format!("paired normal: {hits} of {} cover", effort.repetitions));
    assert!(keeps_its_word(hits, effort), "{hits} of {}", effort.repetitions);
}

#[test]
fn intervals_cover_a_paired_normal_difference() {
    paired_differences_are_covered(small(1_000, 0));
}

#[test]
#[ignore = "a thousand repetitions: the long form"]
fn intervals_cover_a_paired_normal_difference_at_length() {
    paired_differences_are_covered(long(0));
}

/// Three strategies that are one: the same loss system under seeds of its own. Counts repetitions in which the second
/// is called better or worse than the first, alone; and those in which any of the two others is, jointly.
fn false_verdicts(effort: Effort) -> (u32, u32, u32) {
    let scenario = loss(effort);
    let at = Metric::Acceptance.at();
    let yardstick = Yardstick {
        columns: Columns::default(),
        confidence: LEVEL,
        matters: vec![0.0; COLUMNS.len()],
        told: vec![at],
    };
    let (mut better, mut worse, mut jointly) = (0, 0, 0);
    for repetition in 0..effort.repetitions {
        let rows: Vec<Vec<Vec<Option<f64>>>> = (1..=3)
            .map(|strategy| {
                let seed = u64::from(repetition) + 1_000_000 * strategy;
                let row = |value| {
                    let mut row = vec![None; COLUMNS.len()];
                    row[at] = Some(value);
                    row
                };
                let values = acceptance(&scenario, seed, effort.replications);
                values.into_iter().map(row).collect()
            })
            .collect();
        let value = |strategy: usize| -> Vec<Option<f64>> { rows[strategy].iter().map(|row| row[at]).collect() };
        let alone = paired(&value(1), &value(0), Good::High, 0.0, LEVEL)
            .expect("pairs")
            .verdict;
        better += u32::from(alone == Verdict::Better);
        worse += u32::from(alone == Verdict::Worse);
        let all = against(&rows, Some(0), &yardstick);
        let apart = |differences: &Vec<Option<_>>| {
            let difference: Option<sickbay::stats::compare::Paired> = differences[at];
            difference.is_some_and(|difference| difference.verdict.differs())
        };
        jointly += u32::from(all.iter().any(apart));
    }
    let n = effort.repetitions;
    show(&format!(
        "equal strategies: {better} better and {worse} worse of {n} alone, {jointly} of {n} any of two jointly"
    ));
    (better, worse, jointly)
}

fn equal_strategies_are_seldom_told_apart(effort: Effort) {
    let (better, worse, jointly) = false_verdicts(effort);
    let n = effort.repetitions;
    let (least, most) = region(n, 0.025);
    assert!(
        (least..=most).contains(&better) && (least..=most).contains(&worse),
        "{better}, {worse} of {n}"
    );
    let (least, most) = region(n, 0.05);
    assert!(
        (least..=most).contains(&(better + worse)),
        "{better} and {worse} of {n}"
    );
    // Holm allows at most 5 %.
    assert!(jointly <= most, "{jointly} of {n}");
}

#[test]
fn equal_strategies_are_told_apart_as_seldom_as_the_level_says() {
    equal_strategies_are_seldom_told_apart(small(60, 3));
}

#[test]
#[ignore = "a thousand repetitions: the long form"]
fn equal_strategies_are_told_apart_as_seldom_as_the_level_says_at_length() {
    equal_strategies_are_seldom_told_apart(long(5));
}

#[test]
fn intervals_that_are_wrong_are_caught() {
    // Five replications: the normal's quantile in place of Student's covers 87.8 %, and a level of 80 % covers that much.
    let effort = small(1_000, 0);
    let differences = |repetition| {
        let (base, own) = pairs(repetition, effort.replications);
        let both = own.iter().zip(&base);
        both.map(|(own, base)| own.expect("a value") - base.expect("a value"))
            .collect::<Vec<f64>>()
    };
    let count = |half: &dyn Fn(&[f64]) -> f64| {
        let covers = |&repetition: &u32| {
            let values = differences(repetition);
            (mean(&values) - 0.3).abs() <= half(&values)
        };
        (0..effort.repetitions).filter(covers).count() as u32
    };
    let by_normal = count(&|values| z_quantile(LEVEL) * deviation(values) / (values.len() as f64).sqrt());
    let by_80 = count(&|values| sickbay::stats::estimate::half_width(values, 0.8));
    let too_wide = count(&|values| sickbay::stats::estimate::half_width(values, 0.99));
    for (hits, expected) in [(by_normal, 878), (by_80, 800), (too_wide, 990)] {
        assert!(hits.abs_diff(expected) < 45, "{hits} against {expected}");
        assert!(!keeps_its_word(hits, effort), "{hits} would pass");
    }
    // And of the simulator's small form, an interval of half the width.
    let (least, _) = region(100, LEVEL);
    assert!(least >= 85, "{least}");
}

#[test]
fn the_region_is_that_of_the_binomial() {
    assert!((binomial(1, 2, 0.5) - 0.75).abs() < 1e-12 && (binomial(60, 60, 0.95) - 1.0).abs() < 1e-9);
    // Normal approximation at n = 1,000: 950 -+ 3.89 * 6.89, and the lower tail is the longer one.
    let (least, most) = region(1_000, 0.95);
    assert!(
        (920..=924).contains(&least) && (972..=976).contains(&most),
        "{least} {most}"
    );
}
