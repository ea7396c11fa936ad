//! Laws of lengths of time, fitted by maximum likelihood to samples some of whose ends were not seen.
//!
//! The likelihood of a length that ended is its density, that of one that was cut the share that lasts longer (Lawless
//! 2003, section 2.2). Intervals are Wald's on the scale of logarithms by the observed information, and for the
//! exponential law the exact ones of a gamma number (ibid., 4.1).

use statrs::distribution::{ContinuousCDF, Gamma, Normal};

use super::estimate::{Interval, tidy, z_quantile};
use super::lifetimes::Lifetime;
use crate::kernel::Stream;

/// A law of lengths of time, in the unit of its sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LifeLaw {
    /// Exponential with this mean.
    Exponential(f64),
    /// Weibull.
    Weibull {
        /// The 63.2 % quantile.
        scale: f64,
        /// Below 1 infant mortality, above 1 wear-out.
        shape: f64,
    },
    /// Lognormal.
    Lognormal {
        /// The median.
        median: f64,
        /// The standard deviation of the natural logarithm.
        sigma: f64,
    },
}

/// A parameter as it was found, with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundParameter {
    /// What it is called in a scenario.
    pub name: &'static str,
    /// Whether it has the sample's unit of time.
    pub is_time: bool,
    /// Its most likely value.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
}

/// A law as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundLaw {
    /// The law.
    pub law: LifeLaw,
    /// The logarithm of the likelihood there.
    pub likelihood: f64,
    /// Its parameters.
    pub parameters: Vec<FoundParameter>,
}

impl FoundLaw {
    /// Akaike's criterion (1974): of two laws the one with the lower is the better guess.
    #[must_use]
    pub fn criterion(&self) -> f64 {
        2.0 * self.parameters.len() as f64 - 2.0 * self.likelihood
    }
}

/// Which family of laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Exponential.
    Exponential,
    /// Weibull.
    Weibull,
    /// Lognormal.
    Lognormal,
}

impl Family {
    /// All of them, the simplest first.
    pub const ALL: [Family; 3] = [Family::Exponential, Family::Weibull, Family::Lognormal];

    /// The law of the family under which the sample is most likely; none where fewer than two different ends were seen.
    #[must_use]
    pub fn likeliest(self, sample: &[Lifetime]) -> Option<LifeLaw> {
        let mut ends = sample.iter().filter(|one| one.ended && one.time > 0.0);
        let first = ends.next()?;
        let varied = ends.any(|one| one.time != first.time);
        match self {
            Family::Exponential => {
                let (ended, all) = exposure(sample);
                Some(LifeLaw::Exponential(all / ended))
            }
            Family::Weibull if varied => weibull(sample),
            Family::Lognormal if varied => lognormal(sample),
            Family::Weibull | Family::Lognormal => None,
        }
    }

    /// The same with intervals of the level `confidence`.
    #[must_use]
    pub fn fit(self, sample: &[Lifetime], confidence: f64) -> Option<FoundLaw> {
        let law = self.likeliest(sample)?;
        let likelihood = law.likelihood(sample);
        let parameters = match law {
            LifeLaw::Exponential(mean) => {
                let (ended, all) = exposure(sample);
                let rate = gamma_interval(ended as u64, confidence);
                let interval = Interval {
                    lo: all / rate.hi,
                    hi: all / rate.lo,
                };
                vec![found("mean", true, mean, interval)]
            }
            LifeLaw::Weibull { scale, shape } => {
                let at = [libm::log(scale), libm::log(shape)];
                let of = |[a, b]: [f64; 2]| LifeLaw::Weibull {
                    scale: libm::exp(a),
                    shape: libm::exp(b),
                };
                let [a, b] = deviations(at, |at| of(at).likelihood(sample))?;
                let z = z_quantile(confidence);
                vec![
                    found("scale", true, scale, around(scale, z * a)),
                    found("shape", false, shape, around(shape, z * b)),
                ]
            }
            LifeLaw::Lognormal { median, sigma } => {
                let at = [libm::log(median), libm::log(sigma)];
                let of = |[a, b]: [f64; 2]| LifeLaw::Lognormal {
                    median: libm::exp(a),
                    sigma: libm::exp(b),
                };
                let [a, b] = deviations(at, |at| of(at).likelihood(sample))?;
                let z = z_quantile(confidence);
                vec![
                    found("median", true, median, around(median, z * a)),
                    found("sigma", false, sigma, around(sigma, z * b)),
                ]
            }
        };
        Some(FoundLaw {
            law,
            likelihood,
            parameters,
        })
    }
}

impl LifeLaw {
    /// Its family.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            LifeLaw::Exponential(_) => Family::Exponential,
            LifeLaw::Weibull { .. } => Family::Weibull,
            LifeLaw::Lognormal { .. } => Family::Lognormal,
        }
    }

    /// The share that lasts longer than `time`.
    #[must_use]
    pub fn survival(&self, time: f64) -> f64 {
        if time <= 0.0 {
            return 1.0;
        }
        match *self {
            LifeLaw::Exponential(mean) => libm::exp(-time / mean),
            LifeLaw::Weibull { scale, shape } => libm::exp(-power(time / scale, shape)),
            LifeLaw::Lognormal { median, sigma } => above(libm::log(time / median) / sigma),
        }
    }

    /// The quantile at `p`, between 0 and 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        match *self {
            LifeLaw::Exponential(mean) => -mean * libm::log1p(-p),
            LifeLaw::Weibull { scale, shape } => scale * power(-libm::log1p(-p), 1.0 / shape),
            LifeLaw::Lognormal { median, sigma } => median * libm::exp(sigma * tidy(Normal::standard().inverse_cdf(p))),
        }
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            LifeLaw::Exponential(mean) => mean,
            LifeLaw::Weibull { scale, shape } => scale * libm::tgamma(1.0 + 1.0 / shape),
            LifeLaw::Lognormal { median, sigma } => median * libm::exp(sigma * sigma / 2.0),
        }
    }

    /// Draws a length; takes two numbers from the stream.
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        let (u, v) = (stream.unit(), stream.unit());
        match *self {
            LifeLaw::Exponential(mean) => -mean * libm::log(u),
            LifeLaw::Weibull { scale, shape } => scale * power(-libm::log(u), 1.0 / shape),
            LifeLaw::Lognormal { median, sigma } => {
                let normal = (-2.0 * libm::log(u)).sqrt() * libm::cos(std::f64::consts::TAU * v);
                median * libm::exp(sigma * normal)
            }
        }
    }

    /// The logarithm of the likelihood of a sample; what lasted no time at all tells nothing.
    #[must_use]
    pub fn likelihood(&self, sample: &[Lifetime]) -> f64 {
        let of = |one: &Lifetime| {
            if one.ended {
                self.ln_density(one.time)
            } else {
                self.ln_survival(one.time)
            }
        };
        sample.iter().filter(|one| one.time > 0.0).map(of).sum()
    }

    fn ln_survival(&self, time: f64) -> f64 {
        match *self {
            LifeLaw::Exponential(mean) => -time / mean,
            LifeLaw::Weibull { scale, shape } => -power(time / scale, shape),
            LifeLaw::Lognormal { median, sigma } => {
                libm::log(above(libm::log(time / median) / sigma).max(f64::MIN_POSITIVE))
            }
        }
    }

    fn ln_density(&self, time: f64) -> f64 {
        match *self {
            LifeLaw::Exponential(mean) => -libm::log(mean) - time / mean,
            LifeLaw::Weibull { scale, shape } => {
                let log = libm::log(time / scale);
                libm::log(shape / scale) + (shape - 1.0) * log - libm::exp(shape * log)
            }
            LifeLaw::Lognormal { median, sigma } => {
                let z = libm::log(time / median) / sigma;
                -0.5 * z * z - libm::log(sigma * time) - 0.5 * libm::log(std::f64::consts::TAU)
            }
        }
    }
}

fn found(name: &'static str, is_time: bool, value: f64, interval: Interval) -> FoundParameter {
    FoundParameter {
        name,
        is_time,
        value,
        interval,
    }
}

/// An interval of so much to both sides on the scale of logarithms.
fn around(value: f64, half: f64) -> Interval {
    Interval {
        lo: value * libm::exp(-half),
        hi: value * libm::exp(half),
    }
}

/// A positive number to a power.
fn power(base: f64, exponent: f64) -> f64 {
    if base <= 0.0 {
        return 0.0;
    }
    libm::exp(exponent * libm::log(base))
}

/// The share of standard normal numbers above `z`.
fn above(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// How many ends were seen, and how long all were watched.
fn exposure(sample: &[Lifetime]) -> (f64, f64) {
    let ended = sample.iter().filter(|one| one.ended).count();
    (ended as f64, sample.iter().map(|one| one.time).sum())
}

/// The interval of the mean of a Poisson number of which `n` was seen (Garwood 1936), at the level `confidence`.
#[must_use]
pub fn gamma_interval(n: u64, confidence: f64) -> Interval {
    let quantile = |shape: u64, p: f64| Gamma::new(shape as f64, 1.0).map_or(0.0, |law| tidy(law.inverse_cdf(p)));
    let tail = (1.0 - confidence) / 2.0;
    Interval {
        lo: if n == 0 { 0.0 } else { quantile(n, tail) },
        hi: quantile(n + 1, 1.0 - tail),
    }
}

/// Weibull's law: the shape solves one equation, which Newton's steps find, and the scale follows (Lawless 2003, 5.2).
fn weibull(sample: &[Lifetime]) -> Option<LifeLaw> {
    let known: Vec<(f64, bool)> = sample
        .iter()
        .filter(|one| one.time > 0.0)
        .map(|one| (libm::log(one.time), one.ended))
        .collect();
    let ended = known.iter().filter(|one| one.1).count() as f64;
    let mean = known.iter().filter(|one| one.1).map(|one| one.0).sum::<f64>() / ended;
    // Powers are taken of times in units of the longest, so that none overflows.
    let most = known.iter().map(|one| one.0).fold(f64::NEG_INFINITY, f64::max);
    let sums = |shape: f64| {
        known.iter().fold([0.0; 3], |[zero, one, two], (log, _)| {
            let (log, part) = (log - most, libm::exp(shape * (log - most)));
            [zero + part, one + part * log, two + part * log * log]
        })
    };
    let mut shape = 1.0_f64;
    for _ in 0..100 {
        let [zero, one, two] = sums(shape);
        let value = one / zero - 1.0 / shape - (mean - most);
        let slope = two / zero - (one / zero) * (one / zero) + 1.0 / (shape * shape);
        let next = (shape - value / slope).clamp(shape / 3.0, shape * 3.0);
        let done = (next - shape).abs() < 1e-10 * shape;
        shape = next;
        if done {
            break;
        }
    }
    let scale = libm::exp(most + libm::log(sums(shape)[0] / ended) / shape);
    (shape.is_finite() && scale.is_finite() && scale > 0.0).then_some(LifeLaw::Weibull { scale, shape })
}

/// The lognormal law: those that were cut are put where they are expected, and both parameters are found anew, until
/// nothing moves (Dempster, Laird and Rubin 1977).
fn lognormal(sample: &[Lifetime]) -> Option<LifeLaw> {
    let logs = |ended: bool| {
        let some = sample.iter().filter(move |one| one.ended == ended && one.time > 0.0);
        some.map(|one| libm::log(one.time)).collect::<Vec<f64>>()
    };
    let (ends, cuts) = (logs(true), logs(false));
    let n = (ends.len() + cuts.len()) as f64;
    let sums = (ends.iter().sum::<f64>(), ends.iter().map(|x| x * x).sum::<f64>());
    let (mut mean, mut sigma) = {
        let mean = sums.0 / ends.len() as f64;
        (mean, (sums.1 / ends.len() as f64 - mean * mean).max(1e-12).sqrt())
    };
    let rounds = if cuts.is_empty() { 0 } else { 2_000 };
    for _ in 0..rounds {
        let (mut one, mut two) = sums;
        for cut in &cuts {
            let z = (cut - mean) / sigma;
            let density = libm::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt();
            // Far out the hazard of the normal law comes near to its argument.
            let hazard = if z > 30.0 {
                z
            } else {
                density / above(z).max(f64::MIN_POSITIVE)
            };
            one += mean + sigma * hazard;
            two += mean * mean + sigma * sigma + sigma * (cut + mean) * hazard;
        }
        let next = (one / n, (two / n - one / n * (one / n)).max(1e-12).sqrt());
        let moved = (next.0 - mean).abs() + (next.1 - sigma).abs();
        (mean, sigma) = next;
        if moved < 1e-10 * (1.0 + sigma) {
            break;
        }
    }
    let median = libm::exp(mean);
    (sigma > 1e-6 && median.is_finite() && median > 0.0).then_some(LifeLaw::Lognormal { median, sigma })
}

/// The standard deviations of two parameters by the curvature of a likelihood at its top; none where it has no top there.
pub(super) fn deviations(at: [f64; 2], likelihood: impl Fn([f64; 2]) -> f64) -> Option<[f64; 2]> {
    const STEP: f64 = 1e-3;
    let value = |a: f64, b: f64| likelihood([at[0] + a * STEP, at[1] + b * STEP]);
    let here = value(0.0, 0.0);
    let aa = (2.0 * here - value(1.0, 0.0) - value(-1.0, 0.0)) / (STEP * STEP);
    let bb = (2.0 * here - value(0.0, 1.0) - value(0.0, -1.0)) / (STEP * STEP);
    let ab = (value(1.0, -1.0) + value(-1.0, 1.0) - value(1.0, 1.0) - value(-1.0, -1.0)) / (4.0 * STEP * STEP);
    let whole = aa * bb - ab * ab;
    (aa > 0.0 && bb > 0.0 && whole > 0.0).then(|| [(bb / whole).sqrt(), (aa / whole).sqrt()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    fn stream(n: u64) -> Stream {
        let seed = Seed {
            master: 41,
            replication: n,
        };
        seed.stream(1, 1)
    }

    /// A sample of a law whose watches end at random, and how much of it was cut.
    fn sample(law: LifeLaw, n: usize, watch: f64, stream: &mut Stream) -> Vec<Lifetime> {
        let one = |stream: &mut Stream| {
            let (time, until) = (law.draw(stream), watch * stream.unit());
            if time <= until {
                Lifetime::ended(time)
            } else {
                Lifetime::cut(until)
            }
        };
        (0..n).map(|_| one(stream)).collect()
    }

    const LAWS: [LifeLaw; 4] = [
        LifeLaw::Exponential(30.0),
        LifeLaw::Weibull {
            scale: 25.0,
            shape: 0.6,
        },
        LifeLaw::Weibull {
            scale: 40.0,
            shape: 2.2,
        },
        LifeLaw::Lognormal {
            median: 12.0,
            sigma: 1.1,
        },
    ];

    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        for law in LAWS {
            let (mut held, mut all) = (0, 0);
            for n in 0..150 {
                let sample = sample(law, 120, 120.0, &mut stream(n));
                assert!(sample.iter().any(|one| !one.ended));
                let fitted = law.family().fit(&sample, 0.95).expect("a law");
                let truth = match law {
                    LifeLaw::Exponential(mean) => vec![mean],
                    LifeLaw::Weibull { scale, shape } => vec![scale, shape],
                    LifeLaw::Lognormal { median, sigma } => vec![median, sigma],
                };
                for (found, true_value) in fitted.parameters.iter().zip(truth) {
                    assert!(found.interval.lo < found.value && found.value < found.interval.hi);
                    held += u32::from((found.interval.lo..=found.interval.hi).contains(&true_value));
                    all += 1;
                }
            }
            let share = f64::from(held) / f64::from(all);
            assert!((0.90..=0.985).contains(&share), "{law:?}: {share}");
        }
    }

    #[test]
    fn the_likeliest_law_is_the_top_of_the_likelihood() {
        for law in LAWS {
            let sample = sample(law, 300, 200.0, &mut stream(7));
            for family in Family::ALL {
                let best = family.likeliest(&sample).expect("a law");
                let top = best.likelihood(&sample);
                let near = |a: f64, b: f64| match best {
                    LifeLaw::Exponential(mean) => LifeLaw::Exponential(mean * a),
                    LifeLaw::Weibull { scale, shape } => LifeLaw::Weibull {
                        scale: scale * a,
                        shape: shape * b,
                    },
                    LifeLaw::Lognormal { median, sigma } => LifeLaw::Lognormal {
                        median: median * a,
                        sigma: sigma * b,
                    },
                };
                for (a, b) in [(1.02, 1.0), (0.98, 1.0), (1.0, 1.02), (1.0, 0.98), (1.01, 0.99)] {
                    assert!(near(a, b).likelihood(&sample) <= top + 1e-9, "{family:?} of {law:?}");
                }
            }
            let by_criterion = Family::ALL.into_iter().filter_map(|family| family.fit(&sample, 0.95));
            let best = by_criterion
                .min_by(|a, b| a.criterion().total_cmp(&b.criterion()))
                .expect("a law");
            // An exponential law is a Weibull law of shape 1 as well.
            let alike = matches!((law, best.law), (LifeLaw::Exponential(_), LifeLaw::Weibull { .. }));
            assert!(
                best.law.family() == law.family() || alike,
                "{law:?} was taken for {best:?}"
            );
        }
    }

    #[test]
    fn quantiles_survivals_means_and_draws_belong_together() {
        for law in LAWS {
            for p in [0.01, 0.3, 0.5, 0.9, 0.999] {
                let survival = law.survival(law.quantile(p));
                assert!((survival - (1.0 - p)).abs() < 1e-6, "{law:?} at {p}");
            }
            let mut stream = stream(3);
            let n = 40_000;
            let draws: Vec<f64> = (0..n).map(|_| law.draw(&mut stream)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            assert!((mean / law.mean() - 1.0).abs() < 0.04, "{law:?}: {mean}");
            let below = draws.iter().filter(|&&time| time <= law.quantile(0.7)).count();
            assert!((below as f64 / f64::from(n) - 0.7).abs() < 0.01);
        }
    }

    #[test]
    fn too_little_is_no_law() {
        let cut = [Lifetime::cut(3.0), Lifetime::cut(4.0)];
        let alike = [Lifetime::ended(3.0), Lifetime::ended(3.0)];
        for family in Family::ALL {
            assert_eq!(family.likeliest(&cut), None);
            assert_eq!(family.likeliest(&[]), None);
        }
        assert_eq!(Family::Weibull.likeliest(&alike), None);
        assert_eq!(Family::Exponential.likeliest(&alike), Some(LifeLaw::Exponential(3.0)));
    }

    #[test]
    fn intervals_of_counts_are_the_published_ones() {
        // Garwood's table: 10 events, 4.80 to 18.39; none, 0 to 3.69.
        let (ten, none) = (gamma_interval(10, 0.95), gamma_interval(0, 0.95));
        assert!(
            (ten.lo - 4.795).abs() < 0.005 && (ten.hi - 18.391).abs() < 0.005,
            "{ten:?}"
        );
        assert!(none.lo == 0.0 && (none.hi - 3.689).abs() < 0.005);
    }
}
