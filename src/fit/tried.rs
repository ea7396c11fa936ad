//! Which law of times is written for a sample, and how well it fits.
//!
//! Three families are fitted by maximum likelihood, and Akaike's criterion takes one. Where it does not fit (p below 0.05) and the
//! sample is large enough, a table of quantiles is written in its place, by Kaplan and Meier's estimate. So it is where the law's
//! mean is not the sample's: a load is a rate times a mean, and a tail that nobody has seen would be most of it. Quantiles are
//! rounded to two digits and stand on ten lengths at least, and the last one is where the table has the sample's mean, so that
//! no single row can be read off. Values that repeat (leases of a day) are steps of the table.

use super::bench::Bench;
use super::tables::{atoms, digits, table, whole_mean};
use crate::kernel::Span;
use crate::kernel::samplers::QuantileTable;
use crate::stats::goodness::{Goodness, goodness, quantiles};
use crate::stats::lifelaw::{Family, FoundLaw, LifeLaw};
use crate::stats::lifetimes::Lifetime;

/// Fewer ends than this are no ground for a p-value.
const FEWEST: usize = 10;
/// As many ends as this are ground for a table of quantiles.
const TABLE: usize = 30;
/// A law whose mean is so many times the sample's, or the sample's so many times its, has another tail.
const MEAN: f64 = 1.25;
/// A law stands on so many rows at least: what has fewer is told as a wider group's, and where there is none, by its mean to one
/// digit.
pub const POOLED: usize = 10;
/// Where so large a part of the sample is at values that repeat, no family is asked.
const REPEATED: f64 = 0.2;
/// Where the fit is rejected.
pub const REJECTED: f64 = 0.05;
/// Points of a QQ figure.
const POINTS: usize = 60;

/// A law as it stands in a scenario, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub enum WrittenLaw {
    /// Always the same.
    Fixed(f64),
    /// One of the families.
    Life(LifeLaw),
    /// A table of (probability, quantile).
    Table(Vec<(f64, f64)>),
}

/// What was tried for a sample.
#[derive(Clone, Debug)]
pub struct LawTried {
    /// Of what.
    pub of: String,
    /// The lengths, and how many of their ends were seen.
    pub counts: (usize, usize),
    /// The best of the families; none where too little was seen.
    pub found: Option<FoundLaw>,
    /// How well it fits; none where too few ends were seen.
    pub goodness: Option<Goodness>,
    /// What is written.
    pub written: WrittenLaw,
    /// Points of the QQ figure: (the best family's quantile, the sample's), seconds.
    pub quantiles: Vec<(f64, f64)>,
    /// Why it is written so.
    pub why: &'static str,
}

impl LawTried {
    /// Whether the best family was found not to fit.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.goodness.is_some_and(|fits| fits.p < REJECTED)
    }
}

/// Tries the laws for a sample of lengths in seconds, and keeps what was found; the law that is written.
pub(crate) fn try_laws(of: &str, sample: &[Lifetime], bench: &mut Bench) -> WrittenLaw {
    // What took no time that the trace could tell took less than a second.
    let floored = |one: &Lifetime| Lifetime {
        time: one.time.max(0.5),
        ..*one
    };
    let sample: Vec<Lifetime> = sample.iter().map(floored).collect();
    let ended = sample.iter().filter(|one| one.ended).count();
    let confidence = bench.wish.confidence;
    let fitted = Family::ALL
        .into_iter()
        .filter_map(|family| family.fit(&sample, confidence));
    let found = fitted.min_by(|a, b| a.criterion().total_cmp(&b.criterion()));
    let mut stream = bench.stream(of);
    let fits = found.as_ref().filter(|_| ended >= FEWEST);
    let fits = fits.and_then(|found| goodness(&sample, found.law.family(), bench.wish.samples, &mut stream));
    let (written, why) = written(&sample, ended, found.as_ref(), fits);
    let points = found
        .as_ref()
        .map_or_else(Vec::new, |found| quantiles(&sample, found.law, POINTS));
    bench.laws.push(LawTried {
        of: of.to_owned(),
        counts: (sample.len(), ended),
        found,
        goodness: fits,
        written: written.clone(),
        quantiles: points,
        why,
    });
    written
}

fn written(
    sample: &[Lifetime],
    ended: usize,
    found: Option<&FoundLaw>,
    fits: Option<Goodness>,
) -> (WrittenLaw, &'static str) {
    if sample.len() < POOLED {
        let mean = sample.iter().map(|one| one.time).sum::<f64>() / ended.max(1) as f64;
        let mean = digits(mean, 1, f64::round).max(1.0);
        return (
            WrittenLaw::Life(LifeLaw::Exponential(mean)),
            "too few rows for a law: an exponential one, its mean to one digit",
        );
    }
    let Some(found) = found else {
        // As if one had ended with the watch: the most that nothing can say against.
        let all: f64 = sample.iter().map(|one| one.time).sum();
        return (
            WrittenLaw::Life(LifeLaw::Exponential(all.max(1.0))),
            "no end was seen: as if one had ended",
        );
    };
    let first = sample.iter().find(|one| one.ended).map_or(0.0, |one| one.time);
    let alike = |one: &Lifetime| one.time == first || !one.ended && one.time < first;
    if ended >= FEWEST && sample.iter().all(alike) {
        return (WrittenLaw::Fixed(first), "all are alike");
    }
    let repeated: f64 = atoms(sample).iter().map(|atom| atom.to - atom.from).sum();
    if repeated >= REPEATED
        && let Some(table) = table(sample, found.law)
    {
        return (WrittenLaw::Table(table), "lengths repeat: a table with steps");
    }
    let life = WrittenLaw::Life(found.law);
    match fits {
        None => (life, "too few for a p-value"),
        Some(fits) => {
            let off = whole_mean(sample).is_some_and(|mean| !(1.0 / MEAN..=MEAN).contains(&(found.law.mean() / mean)));
            match (fits.p >= REJECTED, off) {
                (true, false) => (life, "fits"),
                (true, true) if ended < TABLE => (life, "fits, though its mean is another"),
                (false, _) if ended < TABLE => (life, "does not fit, and there are too few for a table"),
                (fits, _) => match table(sample, found.law) {
                    Some(table) if fits => (
                        WrittenLaw::Table(table),
                        "fits, but its mean is another: a table of quantiles",
                    ),
                    Some(table) => (WrittenLaw::Table(table), "no family fits: a table of quantiles"),
                    None => (life, "does not fit, and its end is not seen"),
                },
            }
        }
    }
}

impl WrittenLaw {
    /// The mean, in seconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            WrittenLaw::Fixed(time) => *time,
            WrittenLaw::Life(law) => law.mean(),
            WrittenLaw::Table(points) => QuantileTable::new(points.clone()).map_or(f64::NAN, |table| table.mean()),
        }
    }

    /// The law of times that are so many times as long, to three digits.
    #[must_use]
    pub fn scaled(&self, by: f64) -> WrittenLaw {
        let scaled = |time: f64| digits(time * by, 3, f64::round);
        match self {
            _ if by == 1.0 => self.clone(),
            WrittenLaw::Fixed(time) => WrittenLaw::Fixed(scaled(*time)),
            WrittenLaw::Life(LifeLaw::Exponential(mean)) => WrittenLaw::Life(LifeLaw::Exponential(scaled(*mean))),
            WrittenLaw::Life(LifeLaw::Weibull { scale, shape }) => WrittenLaw::Life(LifeLaw::Weibull {
                scale: scaled(*scale),
                shape: *shape,
            }),
            WrittenLaw::Life(LifeLaw::Lognormal { median, sigma }) => WrittenLaw::Life(LifeLaw::Lognormal {
                median: scaled(*median),
                sigma: *sigma,
            }),
            WrittenLaw::Table(points) => {
                WrittenLaw::Table(points.iter().map(|(share, time)| (*share, scaled(*time))).collect())
            }
        }
    }

    /// The law as a scenario has it.
    #[must_use]
    pub fn toml(&self) -> String {
        match self {
            WrittenLaw::Fixed(time) => exact(*time),
            WrittenLaw::Life(LifeLaw::Exponential(mean)) => format!("{{ exponential = {} }}", quoted(*mean)),
            WrittenLaw::Life(LifeLaw::Weibull { scale, shape }) => {
                format!("{{ weibull = {{ scale = {}, shape = {shape:.4} }} }}", quoted(*scale))
            }
            WrittenLaw::Life(LifeLaw::Lognormal { median, sigma }) => {
                format!(
                    "{{ lognormal = {{ median = {}, sigma = {sigma:.4} }} }}",
                    quoted(*median)
                )
            }
            WrittenLaw::Table(points) => {
                let points = points
                    .iter()
                    .map(|(share, time)| format!("[{share}, {}]", exact(*time)));
                format!("{{ quantiles = [{}] }}", points.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A time as a scenario has it: to three digits, at least a millisecond.
fn quoted(seconds: f64) -> String {
    let kept = digits(seconds, 3, f64::round);
    exact(kept)
}

/// A time as a scenario has it, as it is: it repeats, or is rounded already.
fn exact(seconds: f64) -> String {
    format!("\"{}\"", Span((seconds * 1000.0).round().max(1.0) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::FitWish;

    fn bench() -> Bench {
        Bench {
            wish: FitWish::default(),
            laws: Vec::new(),
            left_out: Vec::new(),
        }
    }

    fn drawn(law: LifeLaw, n: usize) -> Vec<Lifetime> {
        let mut stream = bench().stream("sample");
        (0..n).map(|_| Lifetime::ended(law.draw(&mut stream))).collect()
    }

    #[test]
    fn a_law_that_fits_is_written_as_itself() {
        let law = LifeLaw::Lognormal {
            median: 7200.0,
            sigma: 0.9,
        };
        let mut bench = bench();
        let written = try_laws("holds", &drawn(law, 400), &mut bench);
        assert!(
            matches!(written, WrittenLaw::Life(LifeLaw::Lognormal { .. })),
            "{written:?}"
        );
        let tried = &bench.laws[0];
        assert!(!tried.rejected() && tried.quantiles.len() == POINTS && tried.counts == (400, 400));
        assert!(written.toml().starts_with("{ lognormal = { median = \"") && written.toml().contains("sigma = "));
    }

    #[test]
    fn what_no_law_fits_becomes_a_table_without_rows() {
        // Two heaps, of an hour and of ten days.
        let mut sample = drawn(LifeLaw::Exponential(3600.0), 300);
        sample.extend(drawn(LifeLaw::Exponential(864_000.0), 300).iter().map(|one| Lifetime {
            time: one.time + 400_000.0,
            ..*one
        }));
        let mut bench = bench();
        let WrittenLaw::Table(points) = try_laws("holds", &sample, &mut bench) else {
            panic!("{:?}", bench.laws);
        };
        assert!(bench.laws[0].rejected());
        assert_eq!((points[0].0, points[points.len() - 1].0), (0.0, 1.0));
        assert!(
            points
                .windows(2)
                .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1),
            "{points:?}"
        );
        let median = points.iter().find(|point| point.0 == 0.5).expect("a median").1;
        assert!((3_600.0..800_000.0).contains(&median));
        for (_, time) in &points {
            assert!(sample.iter().all(|one| one.time != *time));
        }
    }

    #[test]
    fn little_is_written_plainly_and_said_so() {
        let mut bench = bench();
        let cut = [Lifetime::cut(100.0), Lifetime::cut(300.0)];
        assert_eq!(
            try_laws("a", &cut, &mut bench),
            WrittenLaw::Life(LifeLaw::Exponential(400.0))
        );
        assert_eq!(
            try_laws("b", &[Lifetime::ended(60.0); 20], &mut bench),
            WrittenLaw::Fixed(60.0)
        );
        let few = try_laws("c", &drawn(LifeLaw::Exponential(50.0), 5), &mut bench);
        assert!(matches!(few, WrittenLaw::Life(_)) && bench.laws[2].goodness.is_none());
        assert_eq!(WrittenLaw::Fixed(60.0).toml(), "\"1m\"");
    }
}
