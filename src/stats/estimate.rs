//! Statistics over replications and over samples. Every figure that leaves an experiment goes
//! through `tidy`, so that output bytes do not depend on last-bit noise of a platform.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// One strategy's values of a metric, by replication; none where a replication has none.
pub type Sample = Vec<Option<f64>>;

/// A mean over replications with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The interval's lower end; equals the mean when `n` is 1 (no interval can be given).
    pub lo: f64,
    /// The interval's upper end.
    pub hi: f64,
    /// Replications with a value.
    pub n: u32,
}

impl Estimate {
    /// The same in another unit, of which so many make one.
    #[must_use]
    pub fn times(self, factor: f64) -> Estimate {
        Estimate {
            mean: self.mean * factor,
            lo: self.lo * factor,
            hi: self.hi * factor,
            n: self.n,
        }
    }
}

/// An interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

impl Interval {
    /// The same in another unit, of which so many make one.
    #[must_use]
    pub fn times(self, factor: f64) -> Interval {
        Interval {
            lo: self.lo * factor,
            hi: self.hi * factor,
        }
    }

    /// Whether 0 lies outside of it.
    #[must_use]
    pub fn excludes_zero(self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }
}

/// A figure to six decimals, as files hold it.
#[must_use]
pub fn six(figure: f64) -> f64 {
    format!("{figure:.6}").parse().unwrap_or(figure)
}

/// Significant digits of every figure that leaves an experiment.
const DIGITS: usize = 9;

/// Below this a figure is noise about 0.
const NOISE: f64 = 1e-12;

/// The figure rounded to nine significant digits; what is smaller than 1e-12 is 0. Infinities and
/// not-a-numbers stay.
#[must_use]
pub fn tidy(figure: f64) -> f64 {
    if !figure.is_finite() {
        return figure;
    }
    if figure.abs() < NOISE {
        return 0.0;
    }
    // Decimal text rounds exactly, which scaling by powers of ten does not.
    format!("{figure:.*e}", DIGITS - 1).parse().unwrap_or(figure)
}

/// The mean; 0 for no values at all.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        0.0
    } else {
        values.iter().sum::<f64>() / values.len() as f64
    }
}

/// The sample's standard deviation (n - 1); 0 for fewer than two values.
#[must_use]
pub fn deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let mean = mean(values);
    let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// The quantile of Student's t distribution with `freedom` degrees of freedom, for a two-sided
/// interval at the level `confidence`.
///
/// # Panics
/// When `freedom` is 0 or `confidence` does not lie between 0 and 1.
#[must_use]
pub fn t_quantile(confidence: f64, freedom: u32) -> f64 {
    assert!(
        confidence > 0.0 && confidence < 1.0,
        "a level of confidence lies between 0 and 1, not {confidence}"
    );
    match StudentsT::new(0.0, 1.0, f64::from(freedom)) {
        Ok(law) => tidy(law.inverse_cdf(0.5 + confidence / 2.0)),
        Err(error) => panic!("no t distribution with {freedom} degrees of freedom: {error}"),
    }
}

/// The probability that Student's t with `freedom` degrees of freedom lies above `t`.
///
/// # Panics
/// When `freedom` is 0.
#[must_use]
pub fn tail(t: f64, freedom: u32) -> f64 {
    match StudentsT::new(0.0, 1.0, f64::from(freedom)) {
        Ok(law) => tidy(law.sf(t)),
        Err(error) => panic!("no t distribution with {freedom} degrees of freedom: {error}"),
    }
}

/// The quantile of the normal distribution, for a two-sided interval at the level `confidence`.
///
/// # Panics
/// When `confidence` does not lie between 0 and 1.
#[must_use]
pub fn z_quantile(confidence: f64) -> f64 {
    assert!(
        confidence > 0.0 && confidence < 1.0,
        "a level of confidence lies between 0 and 1, not {confidence}"
    );
    tidy(Normal::standard().inverse_cdf(0.5 + confidence / 2.0))
}

/// The mean over replications with its t-interval; none without a value. With one value there is
/// no interval: both ends are the mean, and `n` says so.
#[must_use]
pub fn estimate(values: &[f64], confidence: f64) -> Option<Estimate> {
    let n = u32::try_from(values.len()).ok().filter(|&n| n > 0)?;
    let middle = mean(values);
    let half = half_width(values, confidence);
    Some(Estimate {
        mean: tidy(middle),
        lo: tidy(middle - half),
        hi: tidy(middle + half),
        n,
    })
}

/// The half-width of the mean's t-interval; 0 for fewer than two values, or equal ones.
#[must_use]
pub fn half_width(values: &[f64], confidence: f64) -> f64 {
    let Some(freedom) = u32::try_from(values.len())
        .ok()
        .and_then(|n| n.checked_sub(1))
        .filter(|&n| n > 0)
    else {
        return 0.0;
    };
    // Equal values have no spread, whatever the last bit of their mean says.
    if values.iter().all(|value| *value == values[0]) {
        return 0.0;
    }
    t_quantile(confidence, freedom) * deviation(values) / f64::from(freedom + 1).sqrt()
}

/// The interval of Wilson (1927) for a share of `hits` among `n`; from 0 to 1 when `n` is 0.
#[must_use]
pub fn wilson(hits: u64, n: u64, confidence: f64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (z, n, share) = (z_quantile(confidence), n as f64, hits as f64 / n as f64);
    let scale = 1.0 + z * z / n;
    let middle = (share + z * z / (2.0 * n)) / scale;
    let half = z / scale * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    (tidy((middle - half).max(0.0)), tidy((middle + half).min(1.0)))
}

/// The exact quantile of the samples by nearest rank: the smallest sample that at least the share
/// `p` of the samples do not exceed. Reorders the samples. None without samples.
pub fn quantile(samples: &mut [u64], p: f64) -> Option<u64> {
    let rank = nearest_rank(samples.len(), p)?;
    Some(*samples.select_nth_unstable(rank).1)
}

/// The place of the `p` quantile among `n` sorted samples, from 0.
pub fn nearest_rank(n: usize, p: f64) -> Option<usize> {
    let last = n.checked_sub(1)?;
    // `tidy` keeps 0.95 * 20 from being 19.000000000000004.
    let rank = tidy(p * n as f64).ceil() as usize;
    Some(rank.saturating_sub(1).min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, slack: f64) -> bool {
        (a - b).abs() <= slack
    }

    #[test]
    fn quantiles_of_t_and_normal_agree_with_the_tables() {
        for (freedom, table) in [
            (1, 12.706_204_736),
            (2, 4.302_652_730),
            (4, 2.776_445_105),
            (9, 2.262_157_163),
            (29, 2.045_229_642),
            (99, 1.984_216_952),
        ] {
            assert!(
                near(t_quantile(0.95, freedom), table, 1e-6),
                "{freedom}: {}",
                t_quantile(0.95, freedom)
            );
        }
        assert!(near(t_quantile(0.99, 9), 3.249_835_542, 1e-6));
        assert!(near(z_quantile(0.95), 1.959_963_985, 1e-8));
    }

    #[test]
    fn wilson_agrees_with_the_book() {
        let (lo, hi) = wilson(8, 10, 0.95);
        assert!(near(lo, 0.490_162, 1e-5) && near(hi, 0.943_318, 1e-5), "{lo} {hi}");
        assert_eq!(wilson(0, 0, 0.95), (0.0, 1.0));
        let (lo, hi) = wilson(0, 10, 0.95);
        assert!(lo == 0.0 && near(hi, 0.277_533, 1e-5), "{lo} {hi}");
    }

    #[test]
    fn an_estimate_is_a_mean_with_its_t_interval() {
        let e = estimate(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        // sd = sqrt(2.5), half = 2.776445 * sqrt(2.5 / 5) = 1.963243
        assert!(
            e.mean == 3.0 && near(e.lo, 1.036_757, 1e-5) && near(e.hi, 4.963_243, 1e-5) && e.n == 5,
            "{e:?}"
        );
        assert_eq!(
            estimate(&[7.0], 0.95),
            Some(Estimate {
                mean: 7.0,
                lo: 7.0,
                hi: 7.0,
                n: 1
            })
        );
        assert_eq!(
            estimate(&[0.1; 3], 0.95),
            Some(Estimate {
                mean: 0.1,
                lo: 0.1,
                hi: 0.1,
                n: 3
            })
        );
        assert_eq!(estimate(&[], 0.95), None);
    }

    #[test]
    fn quantiles_are_exact_by_nearest_rank() {
        let mut samples: Vec<u64> = (1..=20).rev().collect();
        assert_eq!(quantile(&mut samples, 0.95), Some(19));
        assert_eq!(quantile(&mut samples, 0.5), Some(10));
        assert_eq!(quantile(&mut samples, 0.0), Some(1));
        assert_eq!(quantile(&mut samples, 1.0), Some(20));
        assert_eq!(quantile(&mut [5, 1, 3], 0.5), Some(3));
        assert_eq!(quantile(&mut [], 0.5), None);
    }

    #[test]
    fn tidy_hides_last_bits_and_nothing_else() {
        assert_eq!(tidy(0.1 + 0.2), 0.3);
        assert_eq!(tidy(123_456_789.4), 123_456_789.0);
        assert_eq!(tidy(-1e-15), 0.0);
        assert_eq!(tidy(2.0 / 3.0), 0.666_666_667);
        assert!(tidy(f64::INFINITY).is_infinite());
    }
}
