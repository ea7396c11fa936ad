//! Where a mean difference is 0 along a range: a root of the line through the means at the places that were looked at, with
//! an interval by the bootstrap. All places have the same replications (common random numbers), so that a resample takes the
//! same replications at every place (Efron and Tibshirani 1993, chapter 13: percentiles).

use super::estimate::{nearest_rank, tidy};
use crate::kernel::Stream;

/// Differences by replication at places of a range, the places rising.
#[derive(Clone, Debug, Default)]
pub struct DifferenceCurve {
    /// The places, from 0 to 1.
    pub places: Vec<f64>,
    /// At each place the differences, by replication; all places have as many.
    pub differences: Vec<Vec<f64>>,
}

/// A root with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakEven {
    /// Where the mean difference is 0.
    pub at: f64,
    /// The lower end of the interval.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
    /// The share of resamples that have no root.
    pub without: f64,
}

/// How often replications are drawn anew.
pub const RESAMPLES: u32 = 1_000;

impl DifferenceCurve {
    /// The means at the places, over these replications.
    fn means(&self, drawn: &[usize]) -> Vec<f64> {
        let mean = |all: &Vec<f64>| drawn.iter().map(|&at| all[at]).sum::<f64>() / drawn.len().max(1) as f64;
        self.differences.iter().map(mean).collect()
    }

    /// The roots of the line through the means.
    fn roots(&self, means: &[f64]) -> Vec<f64> {
        let mut roots: Vec<f64> = Vec::new();
        for (at, pair) in means.windows(2).enumerate() {
            let (a, b) = (pair[0], pair[1]);
            let (x, y) = (self.places[at], self.places[at + 1]);
            if a == 0.0 {
                roots.push(x);
            } else if a * b < 0.0 {
                roots.push(x + (y - x) * a / (a - b));
            }
        }
        if means.last() == Some(&0.0) {
            roots.extend(self.places.last());
        }
        roots
    }

    /// Between which neighbouring places the mean difference changes its sign first; none where it does not.
    #[must_use]
    pub fn bracket(&self) -> Option<(usize, usize)> {
        let all: Vec<usize> = (0..self.replications()).collect();
        let means = self.means(&all);
        let change = means.windows(2).position(|pair| pair[0] * pair[1] < 0.0)?;
        Some((change, change + 1))
    }

    /// The root of the line through the means; of several the first.
    #[must_use]
    pub fn root(&self) -> Option<f64> {
        let all: Vec<usize> = (0..self.replications()).collect();
        self.roots(&self.means(&all)).first().copied()
    }

    fn replications(&self) -> usize {
        self.differences.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// The root with its interval at this level; none where there is none, or where more resamples than the level allows
    /// have none.
    ///
    /// # Panics
    /// When a place lacks its differences.
    #[must_use]
    pub fn break_even(&self, confidence: f64, stream: &mut Stream) -> Option<BreakEven> {
        assert_eq!(
            self.places.len(),
            self.differences.len(),
            "each place has its differences"
        );
        let at = self.root()?;
        let n = self.replications();
        let mut found: Vec<f64> = Vec::new();
        for _ in 0..RESAMPLES {
            let drawn: Vec<usize> = (0..n).map(|_| stream.below(n as u64) as usize).collect();
            let roots = self.roots(&self.means(&drawn));
            // Of several roots the one that is meant is the nearest.
            let nearest = roots
                .into_iter()
                .min_by(|a, b| (a - at).abs().total_cmp(&(b - at).abs()));
            found.extend(nearest);
        }
        let without = 1.0 - found.len() as f64 / f64::from(RESAMPLES);
        if without > 1.0 - confidence {
            return None;
        }
        found.sort_by(f64::total_cmp);
        let tail = (1.0 - confidence) / 2.0;
        let quantile = |p| nearest_rank(found.len(), p).map_or(at, |rank| found[rank]);
        Some(BreakEven {
            at: tidy(at),
            lo: tidy(quantile(tail)),
            hi: tidy(quantile(1.0 - tail)),
            without: tidy(without),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;
    use crate::stats::testing::normal;

    fn stream(replication: u64) -> Stream {
        Seed { master: 5, replication }.stream(3, 1)
    }

    /// Differences a + b x + noise, the noise the same at all places but for a small part.
    fn curve(places: &[f64], line: impl Fn(f64) -> f64, n: usize, spread: f64, stream: &mut Stream) -> DifferenceCurve {
        let common: Vec<f64> = (0..n).map(|_| spread * normal(stream)).collect();
        let at = |&x: &f64| common.iter().map(|noise| line(x) + noise).collect();
        DifferenceCurve {
            places: places.to_vec(),
            differences: places.iter().map(at).collect(),
        }
    }

    #[test]
    fn a_line_without_noise_has_its_root_and_no_width() {
        let curve = curve(&[0.0, 0.5, 1.0], |x| 2.0 * x - 0.5, 10, 0.0, &mut stream(0));
        let found = curve.break_even(0.95, &mut stream(1)).expect("a root");
        assert_eq!((found.at, found.lo, found.hi, found.without), (0.25, 0.25, 0.25, 0.0));
        assert_eq!(curve.bracket(), Some((0, 1)));
    }

    #[test]
    fn what_does_not_cross_has_no_root_and_what_hardly_crosses_is_not_told() {
        let never = curve(&[0.0, 1.0], |x| 1.0 + x, 20, 0.1, &mut stream(0));
        assert_eq!((never.root(), never.break_even(0.95, &mut stream(1))), (None, None));
        // The mean at the upper end lies within half a standard error of 0.
        let hardly = DifferenceCurve {
            places: vec![0.0, 1.0],
            differences: vec![
                vec![-1.0; 16],
                (0..16).map(|k| if k % 2 == 0 { 1.1 } else { -1.0 }).collect(),
            ],
        };
        assert!(hardly.root().is_some());
        assert_eq!(hardly.break_even(0.95, &mut stream(1)), None);
    }

    /// The interval covers the root about as often as it says: the normal theory's width is 1.96 × 0.4 / (√40 × 2) = 0.062.
    #[test]
    fn the_interval_covers_the_root() {
        let (mut covered, mut width, tries) = (0, 0.0, 150);
        let mut noise = stream(2);
        for at in 0..tries {
            let curve = curve(&[0.0, 0.25, 0.5, 1.0], |x| 2.0 * x - 0.6, 40, 0.4, &mut noise);
            let found = curve.break_even(0.95, &mut stream(10 + at)).expect("a root");
            covered += u64::from(found.lo <= 0.3 && 0.3 <= found.hi);
            width += (found.hi - found.lo) / 2.0 / tries as f64;
        }
        // 95 % of 150 is 142, its standard deviation 2.7; a percentile interval of 40 is a little short.
        assert!((130..=150).contains(&covered), "{covered}");
        assert!((width - 0.062).abs() < 0.006, "{width}");
    }
}
