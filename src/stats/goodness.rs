//! How well a law fits a sample: the largest distance to Kaplan and Meier's estimate, with its p-value by parametric
//! bootstrap, and the points of a QQ figure.
//!
//! A law whose parameters were fitted lies nearer to its sample than the true one, so that tables of Kolmogorov and
//! Smirnov would never reject it. The bootstrap (Stute, González Manteiga and Presedo Quindimil 1993) draws samples of the
//! law that was found, cuts them as the sample was cut, fits anew, and counts how many lie farther off.

use super::lifelaw::{Family, LifeLaw};
use super::lifetimes::{KaplanMeier, Lifetime};
use crate::kernel::Stream;

/// How well a law fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goodness {
    /// The largest distance between the shares of law and sample.
    pub distance: f64,
    /// How often a sample of the law itself lies as far off: small where the law is wrong.
    pub p: f64,
}

/// The largest distance between the shares that have ended, up to the last end that was seen.
#[must_use]
pub fn distance(sample: &[Lifetime], ended: impl Fn(f64) -> f64) -> f64 {
    let (mut before, mut most) = (0.0_f64, 0.0_f64);
    for (time, lasts) in KaplanMeier::of(sample).steps() {
        let (law, share) = (ended(*time), 1.0 - lasts);
        most = most.max((law - before).abs()).max((share - law).abs());
        before = share;
    }
    most
}

/// The p-value of a distance among those that a bootstrap gave (Davison and Hinkley 1997, 4.2).
#[must_use]
pub fn p_value(distance: f64, drawn: &[f64]) -> f64 {
    let farther = drawn.iter().filter(|&&one| one >= distance).count();
    (farther + 1) as f64 / (drawn.len() + 1) as f64
}

/// Most of a sample that the bootstrap looks at; of more, evenly many are left out. A law that is wrong shows it by then.
const MOST: usize = 2_000;

/// How well the likeliest law of a family fits, by so many samples of it.
#[must_use]
pub fn goodness(sample: &[Lifetime], family: Family, samples: usize, stream: &mut Stream) -> Option<Goodness> {
    let step = sample.len().div_ceil(MOST).max(1);
    let sample: Vec<Lifetime> = sample.iter().step_by(step).copied().collect();
    let law = family.likeliest(&sample)?;
    let distance_to = |sample: &[Lifetime], law: LifeLaw| distance(sample, |time| 1.0 - law.survival(time));
    let watches = KaplanMeier::of_watches(&sample);
    let mut drawn = Vec::with_capacity(samples);
    for _ in 0..samples {
        let again: Vec<Lifetime> = sample.iter().map(|_| watched(law, &watches, stream)).collect();
        if let Some(refitted) = family.likeliest(&again) {
            drawn.push(distance_to(&again, refitted));
        }
    }
    let distance = distance_to(&sample, law);
    Some(Goodness {
        distance,
        p: p_value(distance, &drawn),
    })
}

/// A length of the law, watched as long as one of the sample might have been.
fn watched(law: LifeLaw, watches: &KaplanMeier, stream: &mut Stream) -> Lifetime {
    let (time, share) = (law.draw(stream), stream.unit());
    match watches.quantile(share) {
        Some(until) if until < time => Lifetime::cut(until),
        _ => Lifetime::ended(time),
    }
}

/// Points of a QQ figure: (the law's quantile, the sample's), at so many shares at most.
#[must_use]
pub fn quantiles(sample: &[Lifetime], law: LifeLaw, points: usize) -> Vec<(f64, f64)> {
    let estimate = KaplanMeier::of(sample);
    let points = points.min(sample.len());
    let at = |n: usize| (n as f64 + 0.5) / points as f64;
    let both = |p: f64| Some((law.quantile(p), estimate.quantile(p)?));
    (0..points).filter_map(|n| both(at(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    fn stream(n: u64) -> Stream {
        let seed = Seed {
            master: 42,
            replication: n,
        };
        seed.stream(1, 1)
    }

    fn sample(law: LifeLaw, n: usize, stream: &mut Stream) -> Vec<Lifetime> {
        let one = |stream: &mut Stream| {
            let (time, until) = (law.draw(stream), 150.0 * stream.unit());
            if time <= until {
                Lifetime::ended(time)
            } else {
                Lifetime::cut(until)
            }
        };
        (0..n).map(|_| one(stream)).collect()
    }

    #[test]
    fn a_true_law_is_rejected_as_often_as_the_level_says() {
        let law = LifeLaw::Lognormal {
            median: 20.0,
            sigma: 1.0,
        };
        let rejected = (0..100)
            .filter(|&n| {
                let mut stream = stream(n);
                let sample = sample(law, 60, &mut stream);
                goodness(&sample, Family::Lognormal, 99, &mut stream).expect("a law").p <= 0.1
            })
            .count();
        assert!((3..=19).contains(&rejected), "{rejected} of 100 at 10 %");
    }

    #[test]
    fn a_wrong_law_is_rejected() {
        let mut stream = stream(5);
        let law = LifeLaw::Weibull {
            scale: 30.0,
            shape: 0.5,
        };
        let sample = sample(law, 400, &mut stream);
        let wrong = goodness(&sample, Family::Exponential, 99, &mut stream).expect("a law");
        let right = goodness(&sample, Family::Weibull, 99, &mut stream).expect("a law");
        assert!(wrong.p <= 0.01 && right.p > 0.05, "{wrong:?} {right:?}");
        assert!(right.distance < wrong.distance);
    }

    #[test]
    fn points_of_a_true_law_lie_near_the_diagonal() {
        let law = LifeLaw::Exponential(10.0);
        let mut stream = stream(6);
        let sample: Vec<Lifetime> = (0..4_000).map(|_| Lifetime::ended(law.draw(&mut stream))).collect();
        let points = quantiles(&sample, law, 40);
        assert_eq!(points.len(), 40);
        let middle = &points[4..36];
        assert!(middle.iter().all(|(x, y)| (y / x - 1.0).abs() < 0.15), "{points:?}");
    }
}
