//! How often something begins: its rate with the interval of a Poisson number, by hour of the week, and its trend.
//!
//! Hours, days and stretches get rates of their own only where a chi-squared test says that they differ (1 %) and there is
//! enough in each. The whole week is taken hour by hour where 1,680 begins are seen, else as hours of the day times days
//! of the week.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::bench::DAY_MS;
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Clock, Time};
use crate::stats::estimate::{Interval, mean};
use crate::stats::goodness::{Goodness, distance, p_value};
use crate::stats::lifelaw::gamma_interval;
use crate::stats::lifetimes::Lifetime;

/// Hours of a week.
pub const WEEK: usize = 168;
/// How long a stretch of the trend is: four weeks, so that each has every hour of the week as often.
pub const STRETCH_MS: u64 = 28 * 86_400_000;
/// So many begins an hour of the week, and a stretch, are enough.
const ENOUGH: usize = 10;
/// The level at which hours, days and stretches are taken to differ.
const LEVEL: f64 = 0.01;

/// How often something begins.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundRate {
    /// How many were seen.
    pub seen: u64,
    /// Begins a day: the mean of the trend's stretches.
    pub per_day: f64,
    /// The interval of the mean rate.
    pub interval: Interval,
    /// The relative rate of each hour of the week, mean 1; none where they do not differ.
    pub hours: Option<Vec<f64>>,
    /// The relative rate of each stretch, mean 1; none where they do not differ.
    pub trend: Option<Vec<f64>>,
    /// Whether begins come as evenly as a Poisson process of these rates; none where there are too few.
    pub evenness: Option<Goodness>,
    /// Variance / mean of the counts by day: 1 for a Poisson process, more where begins come in clusters.
    pub dispersion: f64,
}

/// The rate of what begins at these instants (ms, rising) before the horizon, and cannot begin before it `came`.
pub(crate) fn rate(
    begins: &[u64],
    (came, horizon): (u64, Time),
    clock: &Clock,
    bench: &super::bench::Bench,
    of: &str,
) -> FoundRate {
    let days = horizon.0 as f64 / DAY_MS;
    let seen = begins.len() as u64;
    let hours = hours(begins, horizon, clock);
    let trend = trend(begins, came, horizon);
    let interval = gamma_interval(seen, bench.wish.confidence);
    let flat = seen as f64 / days;
    let per_day = trend.as_ref().map_or(flat, |trend| mean(trend));
    let shape = Shape {
        hours: hours.as_deref(),
        trend: trend.as_deref(),
    };
    FoundRate {
        seen,
        per_day,
        interval: Interval {
            lo: interval.lo / days,
            hi: interval.hi / days,
        },
        evenness: evenness(begins, (horizon, clock), shape, bench, of),
        dispersion: dispersion(begins, days),
        trend: trend.map(|rates| relative(&rates)),
        hours,
    }
}

/// Numbers over their mean.
fn relative(numbers: &[f64]) -> Vec<f64> {
    let mean = mean(numbers);
    numbers.iter().map(|number| number / mean).collect()
}

/// Whether counts differ more than chance lets them, where so much time stands behind each.
fn differ(counts: &[f64], times: &[f64]) -> bool {
    let (count, time): (f64, f64) = (counts.iter().sum(), times.iter().sum());
    let parts = counts.iter().zip(times).filter(|(_, time)| **time > 0.0);
    let expected = |part: f64| count * part / time;
    let (sum, n) = parts.fold((0.0, 0), |(sum, n), (seen, part)| {
        let off = seen - expected(*part);
        (sum + off * off / expected(*part), n + 1)
    });
    n > 1 && ChiSquared::new(f64::from(n - 1)).is_ok_and(|law| law.sf(sum) < LEVEL)
}

/// How much time of each hour of the week there is before the horizon, in hours.
fn times(horizon: Time, clock: &Clock) -> Vec<f64> {
    let mut times = vec![0.0; WEEK];
    // Clocks change at whole quarters of an hour.
    const STEP: u64 = HOUR_MS / 4;
    let mut at = 0;
    while at < horizon.0 {
        times[clock.hour_of_week(Time(at))] += (horizon.0 - at).min(STEP) as f64 / HOUR_MS as f64;
        at += STEP;
    }
    times
}

fn hours(begins: &[u64], horizon: Time, clock: &Clock) -> Option<Vec<f64>> {
    let times = times(horizon, clock);
    if begins.len() < 24 * ENOUGH || times.iter().any(|time| *time <= 0.0) {
        return None;
    }
    let mut counts = vec![0.0; WEEK];
    begins
        .iter()
        .for_each(|&at| counts[clock.hour_of_week(Time(at))] += 1.0);
    let fold = |numbers: &[f64], by: fn(usize) -> usize, parts: usize| {
        let mut folded = vec![0.0; parts];
        numbers
            .iter()
            .enumerate()
            .for_each(|(hour, number)| folded[by(hour)] += number);
        folded
    };
    let of_day = |numbers: &[f64]| fold(numbers, |hour| hour % 24, 24);
    let of_week = |numbers: &[f64]| fold(numbers, |hour| hour / 24, 7);
    let rates = |counts: &[f64], times: &[f64]| {
        let rates: Vec<f64> = counts.iter().zip(times).map(|(count, time)| count / time).collect();
        relative(&rates)
    };
    if begins.len() >= WEEK * ENOUGH && differ(&counts, &times) {
        return Some(rates(&counts, &times));
    }
    let day = Some((of_day(&counts), of_day(&times))).filter(|(counts, times)| differ(counts, times));
    let week = Some((of_week(&counts), of_week(&times))).filter(|(counts, times)| differ(counts, times));
    if day.is_none() && week.is_none() {
        return None;
    }
    let day = day.map_or_else(|| vec![1.0; 24], |(counts, times)| rates(&counts, &times));
    let week = week.map_or_else(|| vec![1.0; 7], |(counts, times)| rates(&counts, &times));
    let both: Vec<f64> = (0..WEEK).map(|hour| day[hour % 24] * week[hour / 24]).collect();
    Some(relative(&both))
}

/// Begins a day of each stretch.
fn trend(begins: &[u64], came: u64, horizon: Time) -> Option<Vec<f64>> {
    let stretches = horizon.0.div_ceil(STRETCH_MS);
    let length = |stretch: u64, from: u64| {
        let (begin, end) = (stretch * STRETCH_MS, ((stretch + 1) * STRETCH_MS).min(horizon.0));
        end.saturating_sub(begin.max(from)) as f64 / DAY_MS
    };
    let all: Vec<f64> = (0..stretches).map(|stretch| length(stretch, 0)).collect();
    let there: Vec<f64> = (0..stretches).map(|stretch| length(stretch, came)).collect();
    let known = there.iter().filter(|time| **time > 0.0).count();
    let mut counts = vec![0.0; stretches as usize];
    begins.iter().for_each(|&at| counts[(at / STRETCH_MS) as usize] += 1.0);
    if known >= 3 && begins.len() >= known * ENOUGH && differ(&counts, &there) {
        return Some(counts.iter().zip(&all).map(|(count, time)| count / time).collect());
    }
    // What is even from when it came on is uneven over the whole.
    let even = begins.len() as f64 / there.iter().sum::<f64>();
    (came > 0).then(|| there.iter().zip(&all).map(|(time, all)| even * time / all).collect())
}

/// What rates hang on.
#[derive(Clone, Copy)]
struct Shape<'a> {
    hours: Option<&'a [f64]>,
    trend: Option<&'a [f64]>,
}

impl Shape<'_> {
    fn at(&self, at: u64, clock: &Clock) -> f64 {
        let hour = self.hours.map_or(1.0, |hours| hours[clock.hour_of_week(Time(at))]);
        let stretch = (at / STRETCH_MS) as usize;
        let trend = self
            .trend
            .map_or(1.0, |trend| trend.get(stretch).copied().unwrap_or(1.0));
        hour * trend
    }

    /// Each instant (rising) by the time that the clock of a process with an even rate would show.
    fn rescaled(&self, begins: &[u64], horizon: Time, clock: &Clock) -> Vec<f64> {
        const STEP: u64 = HOUR_MS / 4;
        let (mut shown, mut at, mut next) = (0.0, 0, 0);
        let mut rescaled = Vec::with_capacity(begins.len());
        while at < horizon.0 {
            let rate = self.at(at, clock) / HOUR_MS as f64;
            while let Some(&begin) = begins.get(next).filter(|&&begin| begin < at + STEP) {
                rescaled.push(shown + rate * (begin - at) as f64);
                next += 1;
            }
            shown += rate * STEP as f64;
            at += STEP;
        }
        rescaled
    }
}

/// Most gaps that the bootstrap looks at.
const MOST: usize = 2_000;

/// Whether the gaps between begins are exponential once the rates are taken out (the time-rescaling theorem; Brown and
/// others 2002), their mean being fitted (Lilliefors 1969, by simulation).
fn evenness(
    begins: &[u64],
    (horizon, clock): (Time, &Clock),
    shape: Shape<'_>,
    bench: &super::bench::Bench,
    of: &str,
) -> Option<Goodness> {
    if begins.len() < 2 * ENOUGH {
        return None;
    }
    let shown = shape.rescaled(begins, horizon, clock);
    let gaps: Vec<f64> = shown.windows(2).map(|pair| pair[1] - pair[0]).take(MOST).collect();
    let off = |gaps: &[f64]| {
        let mean = mean(gaps).max(f64::MIN_POSITIVE);
        let sample: Vec<Lifetime> = gaps.iter().map(|&gap| Lifetime::ended(gap)).collect();
        distance(&sample, |gap| 1.0 - libm::exp(-gap / mean))
    };
    let mut stream = bench.stream(of);
    let samples = (0..bench.wish.samples).map(|_| {
        let drawn: Vec<f64> = gaps.iter().map(|_| -libm::log(stream.unit())).collect();
        off(&drawn)
    });
    let (distance, drawn) = (off(&gaps), samples.collect::<Vec<f64>>());
    Some(Goodness {
        distance,
        p: p_value(distance, &drawn),
    })
}

/// Variance / mean of the counts by day.
fn dispersion(begins: &[u64], days: f64) -> f64 {
    let mut counts = vec![0.0; (days.ceil() as usize).max(1)];
    let last = counts.len() - 1;
    begins
        .iter()
        .for_each(|&at| counts[((at as f64 / DAY_MS) as usize).min(last)] += 1.0);
    let mean = mean(&counts);
    let off: f64 = counts.iter().map(|count| (count - mean) * (count - mean)).sum();
    if mean > 0.0 {
        off / counts.len() as f64 / mean
    } else {
        0.0
    }
}
