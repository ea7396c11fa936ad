//! Samplers: probability laws over spans of time, and over plain numbers.
//!
//! By inversion or Box-Muller with `+ - * /`, `f64::sqrt` (exact by IEEE 754) and `libm`, and
//! rounded to whole milliseconds here, so that draws agree on every platform. The C library's
//! `ln` and `exp` differ between CPUs; no other file calls a transcendental function for a draw.

use super::streams::{Stream, unit};
use super::time::{DAY_MS, Span, Time};

/// The law of a length of time. All spans are in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Always the same.
    Fixed(Span),
    /// Uniform between the two, both included.
    Uniform(Span, Span),
    /// Exponential with this mean.
    Exponential(Span),
    /// Weibull with this scale (the 63.2 % quantile) and shape.
    Weibull {
        /// The scale.
        scale: Span,
        /// The shape: below 1 infant mortality, above 1 wear-out.
        shape: f64,
    },
    /// Lognormal, given by its median and the standard deviation of its logarithm.
    Lognormal {
        /// The median.
        median: Span,
        /// The standard deviation of the natural logarithm.
        sigma: f64,
    },
    /// Pareto (type I) with this least value and tail index.
    Pareto {
        /// The least value.
        least: Span,
        /// The tail index; the mean is finite above 1.
        index: f64,
    },
    /// A quantile table, log-linear between its points where both are positive, else linear.
    Table(QuantileTable),
}

impl Law {
    /// Draws one span; takes exactly two words from the stream, whatever the law, so that a
    /// changed law does not shift what is drawn after it.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> Span {
        let [u, v] = stream.words().map(unit);
        self.at(u, v)
    }

    /// The span that two uniform numbers give.
    #[must_use]
    #[inline]
    pub fn at(&self, u: f64, v: f64) -> Span {
        match self {
            Law::Exponential(mean) => exponential(u, *mean),
            other => other.at_any(u, v),
        }
    }

    fn at_any(&self, u: f64, v: f64) -> Span {
        match self {
            Law::Fixed(span) => *span,
            Law::Uniform(a, b) => round_ms(a.0 as f64 + u * (b.0.saturating_sub(a.0)) as f64),
            Law::Exponential(mean) => exponential(u, *mean),
            Law::Weibull { scale, shape } => round_ms(libm::exp(libm::log(-libm::log(u)) / shape) * scale.0 as f64),
            Law::Lognormal { median, sigma } => round_ms(libm::exp(sigma * normal(u, v)) * median.0 as f64),
            Law::Pareto { least, index } => round_ms(libm::exp(-libm::log(u) / index) * least.0 as f64),
            Law::Table(table) => round_ms(table.at(u)),
        }
    }

    /// Of a renewal process with this law that has run for any length of time: the time since the last renewal
    /// and the time to the next. The interval that holds an instant is drawn by its length, and the instant
    /// falls anywhere in it. The law needs a mean. Takes any number of words from the stream.
    #[must_use]
    pub fn straddling(&self, stream: &mut Stream) -> (Span, Span) {
        if let Law::Exponential(mean) = self {
            // Without a memory the two know nothing of each other.
            let [u, v] = stream.words().map(unit);
            return (exponential(u, *mean), exponential(v, *mean));
        }
        let length = self.by_length(stream);
        let age = round_ms(length * stream.unit());
        (age, round_ms(length).less(age))
    }

    /// A span of this law, each as likely as it is frequent and long.
    fn by_length(&self, stream: &mut Stream) -> f64 {
        match self {
            Law::Fixed(span) => span.0 as f64,
            Law::Uniform(a, b) => rising(a.0 as f64, b.0 as f64, stream.unit()),
            Law::Exponential(mean) => gamma(2.0, stream) * mean.0 as f64,
            // The shape's power of such a span is a gamma number.
            Law::Weibull { scale, shape } => {
                libm::exp(libm::log(gamma(1.0 + 1.0 / shape, stream)) / shape) * scale.0 as f64
            }
            Law::Lognormal { median, sigma } => {
                let [u, v] = stream.words().map(unit);
                libm::exp(sigma * (normal(u, v) + sigma)) * median.0 as f64
            }
            Law::Pareto { least, index } => {
                libm::exp(-libm::log(stream.unit()) / (index - 1.0).max(f64::MIN_POSITIVE)) * least.0 as f64
            }
            Law::Table(table) => table.by_length(stream.unit(), stream.unit()),
        }
    }

    /// What is left of a span of this law that has lasted `age` already, at the probability `u` that it is longer still;
    /// none where none of this law lasts as long as that.
    #[must_use]
    pub fn left(&self, age: Span, u: f64) -> Option<Span> {
        let a = age.0 as f64;
        let whole = match self {
            Law::Fixed(span) => return (*span > age).then(|| span.less(age)),
            // Without a memory the age says nothing.
            Law::Exponential(mean) => return Some(exponential(u, *mean)),
            Law::Weibull { scale, shape } => {
                let scale = scale.0 as f64;
                let passed = libm::exp(shape * libm::log((a / scale).max(f64::MIN_POSITIVE)));
                scale * libm::exp(libm::log(passed - libm::log(u)) / shape)
            }
            Law::Pareto { least, index } => a.max(least.0 as f64) * libm::exp(-libm::log(u) / index),
            Law::Lognormal { median, sigma } => {
                let longer = u * self.longer(age);
                if longer <= 0.0 {
                    return Some(Span::ZERO);
                }
                libm::exp(sigma * normal_exceeded(longer)) * median.0 as f64
            }
            Law::Uniform(..) | Law::Table(_) => {
                let longer = self.longer(age);
                if longer <= 0.0 {
                    return None;
                }
                self.at(1.0 - u * longer, 0.5).0 as f64
            }
        };
        Some(round_ms(whole - a))
    }

    /// The probability that a span of this law is longer than this.
    #[must_use]
    pub fn longer(&self, than: Span) -> f64 {
        let x = than.0 as f64;
        match self {
            Law::Fixed(span) => f64::from(u8::from(*span > than)),
            Law::Uniform(a, b) if b > a => ((b.0 as f64 - x) / (b.0 - a.0) as f64).clamp(0.0, 1.0),
            Law::Uniform(a, _) => f64::from(u8::from(*a > than)),
            Law::Exponential(mean) => libm::exp(-x / (mean.0 as f64).max(f64::MIN_POSITIVE)),
            _ if than == Span::ZERO => 1.0,
            Law::Weibull { scale, shape } => libm::exp(-libm::exp(shape * libm::log(x / scale.0 as f64))),
            Law::Lognormal { median, sigma } => {
                let z = libm::log(x / median.0 as f64) / sigma.max(f64::MIN_POSITIVE);
                libm::erfc(z / std::f64::consts::SQRT_2) / 2.0
            }
            Law::Pareto { least, index } => libm::exp(index * libm::log((least.0 as f64 / x).min(1.0))),
            Law::Table(table) => 1.0 - table.below(x),
        }
    }

    /// The mean in milliseconds, where it is known in closed form or by the table's pieces.
    /// Infinite for a Pareto law with a tail index of at most 1.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        match self {
            Law::Fixed(span) => span.0 as f64,
            Law::Uniform(a, b) => (a.0 as f64 + b.0 as f64) / 2.0,
            Law::Exponential(mean) => mean.0 as f64,
            Law::Weibull { scale, shape } => scale.0 as f64 * libm::tgamma(1.0 + 1.0 / shape),
            Law::Lognormal { median, sigma } => median.0 as f64 * libm::exp(sigma * sigma / 2.0),
            Law::Pareto { least, index } if *index > 1.0 => least.0 as f64 * index / (index - 1.0),
            Law::Pareto { .. } => f64::INFINITY,
            Law::Table(table) => table.mean(),
        }
    }
}

/// A quantile table: (probability, value) points in rising order, from probability 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileTable {
    points: Vec<(f64, f64)>,
}

/// Why a quantile table was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Fewer than two points.
    #[error("a quantile table needs at least two points")]
    Short,
    /// It does not run from probability 0 to 1.
    #[error("a quantile table runs from probability 0 to probability 1")]
    Ends,
    /// Probabilities must rise and values must not fall.
    #[error("the probabilities of a quantile table rise, and its values never fall")]
    Order,
}

impl QuantileTable {
    /// A table from its points.
    ///
    /// # Errors
    /// When there are fewer than two points, when the probabilities do not run from 0 to 1, or
    /// when they do not rise strictly, or when a value falls or is negative or not finite.
    pub fn new(points: Vec<(f64, f64)>) -> Result<QuantileTable, TableError> {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Err(TableError::Short);
        };
        if points.len() < 2 {
            return Err(TableError::Short);
        }
        if first.0 != 0.0 || last.0 != 1.0 {
            return Err(TableError::Ends);
        }
        let rising = points.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1);
        if !rising || first.1 < 0.0 || !last.1.is_finite() {
            return Err(TableError::Order);
        }
        Ok(QuantileTable { points })
    }

    /// The points, in rising order.
    #[must_use]
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// The quantile at probability `u`.
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        let upper = self.points.partition_point(|p| p.0 < u).clamp(1, self.points.len() - 1);
        let ((p0, x0), (p1, x1)) = (self.points[upper - 1], self.points[upper]);
        let share = (u - p0) / (p1 - p0);
        if x0 > 0.0 {
            x0 * libm::exp(share * libm::log(x1 / x0))
        } else {
            x0 + share * (x1 - x0)
        }
    }

    /// The probability of a value of at most `x`.
    fn below(&self, x: f64) -> f64 {
        let upper = self.points.partition_point(|point| point.1 <= x);
        if upper == 0 {
            return 0.0;
        }
        let Some(&(p1, x1)) = self.points.get(upper) else {
            return 1.0;
        };
        let (p0, x0) = self.points[upper - 1];
        let share = if x0 > 0.0 {
            libm::log(x / x0) / libm::log(x1 / x0)
        } else {
            (x - x0) / (x1 - x0)
        };
        p0 + share * (p1 - p0)
    }

    /// The mean of the law that the table describes.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.points.windows(2).map(share_of_mean).sum()
    }

    /// A value, each as likely as it is frequent and large, from two uniform numbers.
    fn by_length(&self, u: f64, v: f64) -> f64 {
        let mut left = u * self.mean();
        let last = self.points.len() - 2;
        let holds = |piece: &[(f64, f64)]| {
            let share = share_of_mean(piece);
            let holds = left < share;
            left -= if holds { 0.0 } else { share };
            holds
        };
        let piece = self.points.windows(2).position(holds).unwrap_or(last);
        let (x0, x1) = (self.points[piece].1, self.points[piece + 1].1);
        // A log-linear piece has a density that falls as the value rises, which makes the two cancel out.
        if x0 > 0.0 {
            x0 + v * (x1 - x0)
        } else {
            rising(x0, x1, v)
        }
    }
}

/// What a piece of a table, between two of its points, adds to the mean.
fn share_of_mean(piece: &[(f64, f64)]) -> f64 {
    let ((p0, x0), (p1, x1)) = (piece[0], piece[1]);
    let inside = if x0 > 0.0 && x1 > x0 {
        (x1 - x0) / libm::log(x1 / x0)
    } else {
        (x0 + x1) / 2.0
    };
    (p1 - p0) * inside
}

/// A number between two whose density rises in proportion to it.
fn rising(a: f64, b: f64, u: f64) -> f64 {
    (a * a + u * (b * b - a * a)).max(0.0).sqrt()
}

/// A gamma number of a shape of at least 1 and scale 1 (Marsaglia and Tsang 2000).
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let [u, v, w] = stream.words().map(unit);
        let x = normal(u, v);
        let cube = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
        if cube > 0.0 && libm::log(w) < x * x / 2.0 + d * (1.0 - cube + libm::log(cube)) {
            return d * cube;
        }
    }
}

/// A year of growth, in milliseconds.
const YEAR_MS: f64 = 365.0 * DAY_MS as f64;

/// How much of the clock of arrivals has passed by an instant, in milliseconds, where their rate grows by this share a year:
/// the integral of (1 + growth)^(t / year).
#[must_use]
pub fn growth_passed(by: Time, growth: f64) -> f64 {
    let rate = libm::log1p(growth) / YEAR_MS;
    if rate == 0.0 {
        return by.0 as f64;
    }
    libm::expm1(rate * by.0 as f64) / rate
}

/// How many times as large the rate is after such a time.
#[must_use]
pub fn growth_after(passed: Span, growth: f64) -> f64 {
    libm::exp(libm::log1p(growth) / YEAR_MS * passed.0 as f64)
}

/// The instant at which so much of that clock has passed; never, where the rate falls so fast that it does not come to it. By
/// this change of time a Poisson process of a constant rate becomes one whose rate grows (Cinlar 1975).
#[must_use]
pub fn growth_reached(passed: Time, growth: f64) -> Time {
    let rate = libm::log1p(growth) / YEAR_MS;
    if rate == 0.0 {
        return passed;
    }
    let grown = rate * passed.0 as f64;
    if grown <= -1.0 {
        return Time::NEVER;
    }
    Time(round_ms(libm::log1p(grown) / rate).0)
}

#[inline]
fn exponential(u: f64, mean: Span) -> Span {
    round_ms(-libm::log(u) * mean.0 as f64)
}

/// A standard normal number from two uniform ones (Box and Muller 1958).
fn normal(u: f64, v: f64) -> f64 {
    (-2.0 * libm::log(u)).sqrt() * libm::cos(std::f64::consts::TAU * v)
}

/// The standard normal number that is exceeded with this probability, by bisection of `erfc`: 60 halvings of [-40, 40]
/// leave less than a rounding error.
fn normal_exceeded(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if libm::erfc(middle / std::f64::consts::SQRT_2) / 2.0 > p {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

#[inline]
fn round_ms(ms: f64) -> Span {
    Span(if ms >= 9.0e18 {
        9_000_000_000_000_000_000
    } else {
        // The cast rounds towards zero, and what is below zero becomes zero: the floor, without a call. By
        // way of `i64`, which is one instruction where `u64` is six.
        ((ms + 0.5) as i64).max(0) as u64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    fn laws() -> Vec<Law> {
        vec![
            Law::Fixed(Span::hours(3)),
            Law::Uniform(Span::hours(1), Span::hours(2)),
            Law::Exponential(Span::hours(5)),
            Law::Weibull {
                scale: Span::hours(5),
                shape: 1.7,
            },
            Law::Lognormal {
                median: Span::hours(2),
                sigma: 0.8,
            },
            Law::Pareto {
                least: Span::hours(1),
                index: 3.5,
            },
            Law::Table(QuantileTable::new(vec![(0.0, 0.0), (0.5, 3.6e6), (0.9, 7.2e7), (1.0, 9e7)]).unwrap()),
        ]
    }

    #[test]
    fn sample_means_agree_with_closed_forms() {
        for law in laws() {
            let mut stream = Seed {
                master: 3,
                replication: 0,
            }
            .stream(9, 9);
            let n = 60_000;
            let mean = (0..n).map(|_| law.draw(&mut stream).0 as f64).sum::<f64>() / f64::from(n);
            let relative = (mean / law.mean_ms() - 1.0).abs();
            assert!(relative < 0.03, "{law:?}: {relative}");
        }
    }

    /// E[X^2] / 2 E[X] is the mean of both, and a long renewal process looked at now and then shows the same.
    #[test]
    fn an_instant_falls_into_a_renewal_process_by_the_lengths_of_its_intervals() {
        let mut stream = Seed {
            master: 4,
            replication: 0,
        }
        .stream(9, 9);
        for law in laws() {
            let n = 60_000;
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..8 * n {
                let x = law.draw(&mut stream).0 as f64;
                (sum, squares) = (sum + x, squares + x * x);
            }
            let expected = squares / sum / 2.0;
            let (mut ages, mut rests) = (0.0, 0.0);
            for _ in 0..n {
                let (age, rest) = law.straddling(&mut stream);
                (ages, rests) = (ages + age.0 as f64, rests + rest.0 as f64);
            }
            for mean in [ages / f64::from(n), rests / f64::from(n)] {
                assert!(
                    (mean / expected - 1.0).abs() < 0.05,
                    "{law:?}: {mean} instead of {expected}"
                );
            }
            // How often the next renewal is nearer than half its mean, found in a long process.
            let near = Span(expected as u64 / 2);
            let (mut next, mut met, mut asked) = (0_u64, 0_u32, 0_u64);
            for _ in 0..n {
                asked += (law.mean_ms() * 1.37) as u64;
                while next <= asked {
                    next += law.draw(&mut stream).0.max(1);
                }
                met += u32::from(next - asked < near.0);
            }
            let drawn = (0..n).filter(|_| law.straddling(&mut stream).1 < near).count();
            let (seen, drawn) = (f64::from(met) / f64::from(n), drawn as f64 / f64::from(n));
            assert!((seen - drawn).abs() < 0.012, "{law:?}: {seen} and {drawn}");
        }
    }

    /// What is left of spans that are longer than an age, drawn given the age, against whole spans of which those are kept.
    #[test]
    fn what_is_left_given_an_age_is_as_among_those_that_lasted_so_long() {
        let mut stream = Seed {
            master: 6,
            replication: 0,
        }
        .stream(9, 9);
        for law in laws() {
            let ages = [0.0, 0.4, 1.3].map(|times| Span((law.mean_ms() * times) as u64));
            for age in ages {
                let n = 40_000;
                let kept: Vec<u64> = (0..n)
                    .map(|_| law.draw(&mut stream))
                    .filter(|span| *span > age)
                    .map(|span| span.less(age).0)
                    .collect();
                let share = kept.len() as f64 / f64::from(n);
                assert!((share - law.longer(age)).abs() < 0.01, "{law:?} {age}: {share}");
                if law.longer(age) == 0.0 {
                    assert_eq!(law.left(age, 0.5), None, "{law:?}");
                    continue;
                }
                let mut drawn: Vec<u64> = (0..n)
                    .map(|_| law.left(age, stream.unit()).expect("some last so long").0)
                    .collect();
                let mut kept = kept;
                kept.sort_unstable();
                drawn.sort_unstable();
                for p in [0.1, 0.5, 0.9] {
                    let of = |all: &[u64]| all[(all.len() as f64 * p) as usize] as f64;
                    let (seen, made) = (of(&kept), of(&drawn));
                    assert!(
                        (seen - made).abs() < 0.1 * law.mean_ms(),
                        "{law:?} {age} {p}: {seen} {made}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_left_is_known_by_hand() {
        // A Weibull of shape 2 and scale 10 s that has lasted 10 s: the square of the whole is 100 - 100 ln u.
        let law = Law::Weibull {
            scale: Span::secs(10),
            shape: 2.0,
        };
        assert_eq!(law.left(Span::secs(10), libm::exp(-3.0)), Some(Span::secs(10)));
        assert_eq!(Law::Fixed(Span::secs(5)).left(Span::secs(2), 0.3), Some(Span::secs(3)));
        assert_eq!(Law::Fixed(Span::secs(5)).left(Span::secs(5), 0.3), None);
        let uniform = Law::Uniform(Span::secs(10), Span::secs(20));
        assert_eq!(uniform.left(Span::secs(15), 0.4), Some(Span::secs(3)));
        let normal = Law::Lognormal {
            median: Span::secs(100),
            sigma: 1.0,
        };
        // Half of those beyond the median are beyond the upper quartile, exp(0.6745) times the median.
        let left = normal.left(Span::secs(100), 0.5).expect("some").as_secs();
        assert!((left - 96.3).abs() < 0.1, "{left}");
    }

    #[test]
    fn the_clock_of_growth_goes_there_and_back() {
        let year = Time(365 * DAY_MS);
        for growth in [-0.5, 0.0, 0.2, 3.0] {
            for days in [0, 1, 100, 365, 1000] {
                let at = Time(days * DAY_MS);
                let passed = growth_passed(at, growth);
                // A millisecond of that clock is 7 of the real one where the rate has fallen to a seventh.
                assert!(
                    growth_reached(Time(passed as u64), growth).0.abs_diff(at.0) <= 8,
                    "{growth} {days}"
                );
            }
        }
        // The mean of 1.2^t over the first year is 0.2 / ln 1.2.
        let mean = growth_passed(year, 0.2) / year.0 as f64;
        assert!((mean - 0.2 / libm::log(1.2)).abs() < 1e-12, "{mean}");
        // At half the rate each year there is as much as 1 / ln 2 years of it in all, and no more.
        assert_eq!(growth_reached(Time(2 * 365 * DAY_MS), -0.5), Time::NEVER);
    }

    #[test]
    fn a_changed_law_does_not_shift_later_draws() {
        let after = |law: &Law| {
            let mut stream = Seed {
                master: 3,
                replication: 0,
            }
            .stream(1, 1);
            law.draw(&mut stream);
            stream.word()
        };
        assert!(laws().windows(2).all(|pair| after(&pair[0]) == after(&pair[1])));
    }

    #[test]
    fn tables_refuse_what_is_not_a_law() {
        assert_eq!(QuantileTable::new(vec![(0.0, 1.0)]), Err(TableError::Short));
        assert_eq!(QuantileTable::new(vec![(0.1, 1.0), (1.0, 2.0)]), Err(TableError::Ends));
        assert_eq!(QuantileTable::new(vec![(0.0, 2.0), (1.0, 1.0)]), Err(TableError::Order));
        let table = QuantileTable::new(vec![(0.0, 10.0), (0.5, 20.0), (1.0, 40.0)]).unwrap();
        assert!((table.at(0.5) - 20.0).abs() < 1e-9 && (table.at(0.25) - 14.142).abs() < 1e-3);
    }

    #[test]
    fn draws_are_pinned_bit_for_bit() {
        let law = Law::Lognormal {
            median: Span::hours(2),
            sigma: 0.8,
        };
        assert_eq!(
            law.at(0.25, 0.125),
            Law::Lognormal {
                median: Span::hours(2),
                sigma: 0.8
            }
            .at(0.25, 0.125)
        );
        assert_eq!(Law::Exponential(Span(1000)).at(0.5, 0.5), Span(693));
        assert_eq!(
            Law::Weibull {
                scale: Span(1000),
                shape: 2.0
            }
            .at(0.5, 0.5),
            Span(833)
        );
    }
}
