//! How long it is from one event to the next of many things that are watched for a while: the exponential and Weibull's
//! law by maximum likelihood.
//!
//! A thing that was there before the watch began is watched from anywhere in an interval. The time to its first event
//! then has the density S(t) / mean, and it sees none for a time t with the share that the integral of S / mean
//! beyond t has (Cox 1962, 5.2). Who takes such a time for a whole interval finds wear-out where there is none.

use statrs::function::gamma::gamma_ur;

use super::estimate::{Interval, z_quantile};
use super::goodness::{Goodness, distance, p_value};
use super::lifelaw::{FoundLaw, FoundParameter, LifeLaw, deviations, gamma_interval};
use super::lifetimes::Lifetime;
use crate::kernel::Stream;

/// What was seen of one thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    /// From the begin of the watch to the first event, where the thing was there before: in the midst of an interval.
    pub first: Option<Lifetime>,
    /// Whole intervals, and the last one, which the end of the watch cuts.
    pub gaps: Vec<Lifetime>,
    /// Of the watch: how long an event would not have been seen, for the thing was broken.
    pub hidden: f64,
}

impl Watched {
    /// Of a thing that is watched for `length`, with its events by rising time since the begin of the watch; `fresh`
    /// says that it began new with the watch.
    #[must_use]
    pub fn of(events: &[f64], length: f64, fresh: bool) -> Watched {
        let ends = events.iter().map(|&at| (at, true)).chain([(length, false)]);
        let mut since = 0.0;
        let mut lifetimes = ends.map(|(at, ended)| {
            let time = at - since;
            since = at;
            Lifetime { time, ended }
        });
        let first = if fresh { None } else { lifetimes.next() };
        Watched {
            first,
            gaps: lifetimes.collect(),
            hidden: 0.0,
        }
    }

    /// The same with so much of the watch in which an event would not have been seen.
    #[must_use]
    pub fn hidden(self, hidden: f64) -> Watched {
        Watched { hidden, ..self }
    }

    /// How long the watch is.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.all().map(|one| one.time).sum()
    }

    /// How many intervals there are, cut ones too.
    #[must_use]
    pub fn intervals(&self) -> usize {
        self.all().count()
    }

    /// How many events were seen.
    #[must_use]
    pub fn events(&self) -> usize {
        self.all().filter(|one| one.ended).count()
    }

    fn all(&self) -> impl Iterator<Item = &Lifetime> {
        self.first.iter().chain(&self.gaps)
    }
}

/// The law of the time between events, with intervals of the level `confidence`: exponential, unless Weibull's law is so much
/// likelier that chance gives as much in 5 of 100 cases (the ratio of likelihoods, Wilks 1938). None where no event was
/// seen.
#[must_use]
pub fn between(watched: &[Watched], confidence: f64) -> Option<FoundLaw> {
    /// The 95 % quantile of chi-squared with one degree of freedom.
    const WILKS: f64 = 3.841;
    let simple = exponential(watched, confidence)?;
    let finer = weibull(watched, confidence);
    Some(match finer {
        Some(finer) if 2.0 * (finer.likelihood - simple.likelihood) > WILKS => finer,
        _ => simple,
    })
}

/// The exponential law: as it forgets, only the time counts in which an event would have been seen.
#[must_use]
pub fn exponential(watched: &[Watched], confidence: f64) -> Option<FoundLaw> {
    let events: usize = watched.iter().map(Watched::events).sum();
    let length: f64 = watched.iter().map(|one| one.length() - one.hidden).sum();
    if events == 0 || length <= 0.0 {
        return None;
    }
    let (rate, mean) = (gamma_interval(events as u64, confidence), length / events as f64);
    let parameter = FoundParameter {
        name: "mean",
        is_time: true,
        value: mean,
        interval: Interval {
            lo: length / rate.hi,
            hi: length / rate.lo,
        },
    };
    // The likelihood is that of the whole watch, as Weibull's law has it, so that the two can be compared.
    let whole: f64 = watched.iter().map(Watched::length).sum();
    Some(FoundLaw {
        law: LifeLaw::Exponential(mean),
        likelihood: likelihood(watched, LifeLaw::Exponential(whole / events as f64)),
        parameters: vec![parameter],
    })
}

/// Weibull's law; none where fewer than ten events were seen.
#[must_use]
pub fn weibull(watched: &[Watched], confidence: f64) -> Option<FoundLaw> {
    const FEWEST: usize = 10;
    let at = likeliest(watched, FEWEST)?;
    let LifeLaw::Weibull { scale, shape } = of(at) else {
        return None;
    };
    let [a, b] = deviations(at, |at| likelihood(watched, of(at)))?;
    let z = z_quantile(confidence);
    let parameter = |name, is_time, value: f64, deviation: f64| FoundParameter {
        name,
        is_time,
        value,
        interval: Interval {
            lo: value * libm::exp(-z * deviation),
            hi: value * libm::exp(z * deviation),
        },
    };
    Some(FoundLaw {
        law: of(at),
        likelihood: likelihood(watched, of(at)),
        parameters: vec![parameter("scale", true, scale, a), parameter("shape", false, shape, b)],
    })
}

/// Weibull's law by the logarithms of its scale and shape.
fn of([scale, shape]: [f64; 2]) -> LifeLaw {
    LifeLaw::Weibull {
        scale: libm::exp(scale),
        shape: libm::exp(shape),
    }
}

/// Where the likelihood is highest, by the logarithms of scale and shape.
fn likeliest(watched: &[Watched], fewest: usize) -> Option<[f64; 2]> {
    let events: usize = watched.iter().map(Watched::events).sum();
    if events < fewest.max(1) {
        return None;
    }
    let LifeLaw::Exponential(mean) = exponential(watched, 0.95)?.law else {
        return None;
    };
    Some(climb([libm::log(mean), 0.0], |at| likelihood(watched, of(at))))
}

/// The top of a function of two numbers: a step to wherever it is higher, and half the step where it is not.
fn climb(mut at: [f64; 2], height: impl Fn([f64; 2]) -> f64) -> [f64; 2] {
    let (mut step, mut here) = (0.5, height(at));
    while step > 1e-5 {
        let ways = [
            [1.0, 0.0],
            [-1.0, 0.0],
            [0.0, 1.0],
            [0.0, -1.0],
            [-0.7, 0.7],
            [0.7, -0.7],
        ];
        let next = ways.into_iter().find_map(|[a, b]| {
            let to = [at[0] + step * a, (at[1] + step * b).clamp(-2.5, 3.0)];
            let found = height(to);
            (found > here).then_some((to, found))
        });
        match next {
            Some((to, found)) => (at, here) = (to, found),
            None => step /= 2.0,
        }
    }
    at
}

/// The logarithm of the likelihood.
fn likelihood(watched: &[Watched], law: LifeLaw) -> f64 {
    let of = |one: &Watched| {
        let first = one.first.map_or(0.0, |first| {
            let share = if first.ended {
                law.survival(first.time) / law.mean()
            } else {
                beyond(law, first.time)
            };
            libm::log(share.max(f64::MIN_POSITIVE))
        });
        first + law.likelihood(&one.gaps)
    };
    watched.iter().map(of).sum()
}

/// The share of times to the first event, watched from anywhere in an interval, that are longer.
fn beyond(law: LifeLaw, time: f64) -> f64 {
    match law {
        LifeLaw::Weibull { scale, shape } => {
            let part = libm::exp(shape * libm::log((time / scale).max(f64::MIN_POSITIVE)));
            if part <= 0.0 { 1.0 } else { gamma_ur(1.0 / shape, part) }
        }
        // An exponential time is alike from wherever it is watched, and no other law is asked for.
        other => other.survival(time),
    }
}

/// How well a law fits: all times are taken to the law's own shares, where they are uniform if it is true. Samples of the
/// law are watched as the things were.
#[must_use]
pub fn goodness(watched: &[Watched], law: LifeLaw, samples: usize, stream: &mut Stream) -> Goodness {
    let farness = |watched: &[Watched], law: LifeLaw| {
        let share = |time: f64, first: bool| 1.0 - if first { beyond(law, time) } else { law.survival(time) };
        let to_share = |one: &Lifetime, first: bool| Lifetime {
            time: share(one.time, first),
            ended: one.ended,
        };
        let sample: Vec<Lifetime> = watched
            .iter()
            .flat_map(|one| {
                let first = one.first.iter().map(|first| to_share(first, true));
                first.chain(one.gaps.iter().map(|gap| to_share(gap, false)))
            })
            .collect();
        distance(&sample, |u| u)
    };
    let refit = |watched: &[Watched]| match law {
        LifeLaw::Exponential(_) => exponential(watched, 0.95).map(|found| found.law),
        _ => likeliest(watched, 2).map(of),
    };
    let mut drawn = Vec::with_capacity(samples);
    for _ in 0..samples {
        let again: Vec<Watched> = watched.iter().map(|one| like(one, law, stream)).collect();
        if let Some(refitted) = refit(&again) {
            drawn.push(farness(&again, refitted));
        }
    }
    let distance = farness(watched, law);
    Goodness {
        distance,
        p: p_value(distance, &drawn),
    }
}

/// A thing of the law that is watched as another was.
fn like(watched: &Watched, law: LifeLaw, stream: &mut Stream) -> Watched {
    let length = watched.length();
    let fresh = watched.first.is_none();
    let mut at = if fresh { law.draw(stream) } else { forward(law, stream) };
    let mut events = Vec::new();
    while at < length {
        events.push(at);
        at += law.draw(stream);
    }
    Watched::of(&events, length, fresh)
}

/// A time to the first event, watched from anywhere in an interval: that interval is drawn by its length.
fn forward(law: LifeLaw, stream: &mut Stream) -> f64 {
    let seen = stream.unit();
    // Where the share that is longer is `seen`; it falls with time.
    let (mut low, mut high) = (0.0, law.mean().max(f64::MIN_POSITIVE));
    while beyond(law, high) > seen {
        high *= 2.0;
    }
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if beyond(law, middle) > seen {
            low = middle
        } else {
            high = middle
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    fn stream(n: u64) -> Stream {
        let seed = Seed {
            master: 43,
            replication: n,
        };
        seed.stream(1, 1)
    }

    fn fleet(law: LifeLaw, nodes: usize, length: f64, stream: &mut Stream) -> Vec<Watched> {
        let one = Watched::of(&[], length, false);
        (0..nodes).map(|_| like(&one, law, stream)).collect()
    }

    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        let laws = [
            LifeLaw::Exponential(300.0),
            LifeLaw::Weibull {
                scale: 250.0,
                shape: 0.7,
            },
            LifeLaw::Weibull {
                scale: 300.0,
                shape: 2.0,
            },
        ];
        for law in laws {
            let (mut held, mut all) = (0, 0);
            for n in 0..200 {
                let watched = fleet(law, 100, 400.0, &mut stream(n));
                let (found, truth) = match law {
                    LifeLaw::Exponential(mean) => (exponential(&watched, 0.95), vec![mean]),
                    LifeLaw::Weibull { scale, shape } => (weibull(&watched, 0.95), vec![scale, shape]),
                    LifeLaw::Lognormal { .. } => unreachable!("no such law is asked for"),
                };
                for (found, truth) in found.expect("a law").parameters.iter().zip(truth) {
                    held += u32::from((found.interval.lo..=found.interval.hi).contains(&truth));
                    all += 1;
                }
            }
            let share = f64::from(held) / f64::from(all);
            // Of 200 draws at 95 % fewer than 180 hold in 2 of 1,000 cases.
            assert!((0.90..=1.0).contains(&share), "{law:?}: {share}");
        }
    }

    #[test]
    fn the_finer_law_is_taken_where_it_is_needed() {
        let worn = LifeLaw::Weibull {
            scale: 300.0,
            shape: 3.0,
        };
        let found = between(&fleet(worn, 150, 500.0, &mut stream(1)), 0.95).expect("a law");
        assert!(
            matches!(found.law, LifeLaw::Weibull { shape, .. } if shape > 2.0),
            "{found:?}"
        );
        let simple = LifeLaw::Exponential(300.0);
        let taken = (0..40)
            .filter(|&n| {
                let found = between(&fleet(simple, 80, 400.0, &mut stream(n)), 0.95).expect("a law");
                found.law
                    != exponential(&fleet(simple, 80, 400.0, &mut stream(n)), 0.95)
                        .expect("a law")
                        .law
            })
            .count();
        assert!(taken <= 7, "the finer law was taken in {taken} of 40 cases");
        assert_eq!(between(&[Watched::of(&[], 30.0, false)], 0.95), None);
    }

    #[test]
    fn a_law_that_is_wrong_does_not_fit() {
        let worn = LifeLaw::Weibull {
            scale: 100.0,
            shape: 4.0,
        };
        let watched = fleet(worn, 60, 400.0, &mut stream(2));
        let wrong = exponential(&watched, 0.95).expect("a law").law;
        assert!(goodness(&watched, wrong, 99, &mut stream(3)).p <= 0.01);
        assert!(
            goodness(
                &watched,
                weibull(&watched, 0.95).expect("a law").law,
                19,
                &mut stream(4)
            )
            .p > 0.05
        );
    }

    #[test]
    fn a_watch_is_cut_into_its_intervals() {
        let old = Watched::of(&[3.0, 10.0], 12.0, false);
        assert_eq!(old.first, Some(Lifetime::ended(3.0)));
        assert_eq!(old.gaps, [Lifetime::ended(7.0), Lifetime::cut(2.0)]);
        let new = Watched::of(&[], 12.0, true);
        assert_eq!((new.length(), new.events(), new.intervals()), (12.0, 0, 1));
        assert_eq!((new.first, new.gaps), (None, vec![Lifetime::cut(12.0)]));
    }
}
