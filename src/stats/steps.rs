//! The empirical distribution function, thinned to so many steps.

use super::estimate::tidy;

/// The steps of the distribution function of `samples` among `of` things, of which those without a sample never come: each
/// value with the share that does not exceed it. Where there are more values than `most`, so many quantiles stand for
/// them, the least and the greatest among them; each step is exact.
#[must_use]
pub fn steps(mut samples: Vec<u64>, of: u64, most: usize) -> Vec<(u64, f64)> {
    samples.sort_unstable();
    let of = of.max(samples.len() as u64) as f64;
    // The last of equal values has their share.
    let mut all: Vec<(u64, f64)> = Vec::new();
    for (at, value) in samples.iter().enumerate() {
        let share = tidy((at + 1) as f64 / of);
        match all.last_mut() {
            Some(last) if last.0 == *value => last.1 = share,
            _ => all.push((*value, share)),
        }
    }
    if all.len() <= most || most < 2 {
        return all;
    }
    let last = all.len() - 1;
    (0..most)
        .map(|k| all[(k * last + (most - 1) / 2) / (most - 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_shares_of_all_and_the_ends_stay() {
        assert_eq!(steps(vec![3, 1, 3], 4, 10), [(1, 0.25), (3, 0.75)]);
        assert_eq!(steps(Vec::new(), 4, 10), []);
        let many = steps((1..=1000).rev().collect(), 1000, 50);
        assert_eq!((many.len(), many[0], many[49]), (50, (1, 0.001), (1000, 1.0)));
        assert!(many.iter().all(|(value, share)| *share == *value as f64 / 1000.0));
        assert!(many.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
