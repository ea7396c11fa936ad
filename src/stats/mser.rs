//! MSER-5: how much of a series that starts empty is to be cut so that the rest's mean is the best estimate of the
//! steady state's (White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for simulation",
//! 2000; Franklin and White, "Stationarity tests and MSER-5", 2008).
//!
//! The series is batched by five. Of every begin `d` the statistic is the squared half-width of the mean of what is
//! left, less its constant: the sum of squared deviations over the square of their number. Cutting a transient takes
//! deviations away, cutting more than that takes numbers away: the least value is where to cut.

/// Observations in a batch.
pub const BATCH: usize = 5;

/// One batch in so many is left at least where a minimum is looked for: the few last ones always lie near each other,
/// which says nothing, and a series that still rises has its minimum as far back as one looks.
const REST: usize = 4;

/// Where a series is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Observations to cut, whole batches and half of the series at most.
    pub cut: usize,
    /// Whether the statistic has its minimum there; else it lies in the second half, where it is no answer: the
    /// series has not settled.
    pub settled: bool,
}

/// Where MSER-5 cuts `series`. What does not fill a last batch is left out of account.
#[must_use]
pub fn mser5(series: &[f64]) -> Truncation {
    let batches: Vec<f64> = series
        .chunks_exact(BATCH)
        .map(|batch| batch.iter().sum::<f64>() / BATCH as f64)
        .collect();
    let statistics = statistics(&batches);
    let rest = (batches.len() / REST).max(BATCH);
    let (half, most) = (batches.len() / 2, batches.len().saturating_sub(rest));
    let cut = least(&statistics[..statistics.len().min(half + 1)]);
    let anywhere = least(&statistics[..statistics.len().min(most.max(half) + 1)]);
    Truncation {
        cut: cut * BATCH,
        settled: anywhere <= half,
    }
}

/// The statistic of what is left from each batch on.
fn statistics(batches: &[f64]) -> Vec<f64> {
    let mut statistics = vec![0.0; batches.len()];
    // From the end (Welford 1962): no difference of large sums.
    let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for (at, batch) in batches.iter().enumerate().rev() {
        n += 1.0;
        let off = batch - mean;
        mean += off / n;
        squares += off * (batch - mean);
        statistics[at] = squares / (n * n);
    }
    statistics
}

/// The place of the least figure, the first of equals; 0 among none.
fn least(figures: &[f64]) -> usize {
    let indexes = figures.iter().enumerate();
    indexes
        .min_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(&b.0)))
        .map_or(0, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    /// Every observation five times: a batch's mean is its observation.
    fn batched(batches: &[f64]) -> Vec<f64> {
        batches.iter().flat_map(|&batch| [batch; BATCH]).collect()
    }

    #[test]
    fn a_short_series_by_hand() {
        // Batches 9, 1, 3, 1, 3. All: mean 3.4, squares 31.36 + 5.76 + 0.16 + 5.76 + 0.16 = 43.2, over 25.
        // Without the first: mean 2, squares 4, over 16. Of the last three: mean 7/3, squares 8/3, over 9.
        let by_hand = [1.728, 0.25, 8.0 / 27.0, 0.5, 0.0];
        for (statistic, hand) in statistics(&[9.0, 1.0, 3.0, 1.0, 3.0]).into_iter().zip(by_hand) {
            assert!((statistic - hand).abs() < 1e-12, "{statistic}, {hand}");
        }
        // What is left is never five batches or fewer: those of a short series are all it has.
        let series = batched(&[9.0, 1.0, 3.0, 1.0, 3.0]);
        let once = Truncation { cut: 5, settled: true };
        assert_eq!(mser5(&series), once);
        // Observations beyond the last whole batch change nothing.
        assert_eq!(mser5(&[&series[..], &[99.0; 4]].concat()), once);
    }

    #[test]
    fn what_is_steady_is_not_cut() {
        let none = Truncation { cut: 0, settled: true };
        assert_eq!(mser5(&[]), none);
        assert_eq!(mser5(&[1.0, 2.0]), none);
        assert_eq!(mser5(&[4.0; 1000]), none);
        let swings: Vec<f64> = (0..200).map(|n| f64::from(n % 2)).collect();
        assert_eq!(mser5(&batched(&swings)), none);
    }

    #[test]
    fn what_rises_to_the_end_has_not_settled() {
        let ramp: Vec<f64> = (0..1000).map(f64::from).collect();
        let truncation = mser5(&ramp);
        assert_eq!((truncation.cut, truncation.settled), (500, false));
    }

    /// An AR(1) series with this share of memory that starts `off` away from its mean of 0.
    fn autoregressive(n: usize, memory: f64, off: f64, seed: u64) -> Vec<f64> {
        let mut stream = Seed {
            master: seed,
            replication: 0,
        }
        .stream(0, 0);
        let mut level = off;
        let step = |_| {
            // Twelve uniforms: near enough to a normal shock.
            let shock = (0..12).map(|_| stream.unit()).sum::<f64>() - 6.0;
            level = memory * level + shock;
            level
        };
        (0..n).map(step).collect()
    }

    #[test]
    fn the_transient_of_an_autoregressive_series_is_cut_and_little_else() {
        // The begin is 40 standard deviations off and is forgotten by half every 34 observations: it is below one
        // standard deviation after 184 (0.98^184 = 1/40) and below a fifth after 263.
        let deviation = 1.0 / (1.0 - 0.98_f64 * 0.98).sqrt();
        let (mut cuts, mut means, mut uncut) = (0, 0.0, 0.0);
        for seed in 0..20 {
            let series = autoregressive(2000, 0.98, 40.0 * deviation, seed);
            let Truncation { cut, settled } = mser5(&series);
            assert!(settled && (100..1000).contains(&cut), "{cut} at seed {seed}");
            cuts += cut;
            means += crate::stats::estimate::mean(&series[cut..]);
            uncut += crate::stats::estimate::mean(&series);
        }
        let (cut, mean, uncut) = (cuts / 20, means / 20.0, uncut / 20.0);
        assert!((160..420).contains(&cut), "{cut} on average");
        assert!(
            mean.abs() < 0.25 * deviation && uncut > 0.8 * deviation,
            "{mean}, {uncut}"
        );
    }
}
