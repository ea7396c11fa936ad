//! The values of θ for which two means may have the ratio θ (Fieller 1954), from pairs: where the mean of y - θ x is not
//! told apart from 0. The set is an interval only where the mean of x is told apart from 0 itself.

use super::estimate::{deviation, mean, t_quantile, tidy};

/// A set of ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RatioSet {
    /// Between two ratios.
    Between(f64, f64),
    /// At most the first, or at least the second.
    Outside(f64, f64),
    /// Every ratio.
    All,
}

/// The ratio of the mean of `y` to that of `x`, and the set of ratios that the pairs do not rule out at this level; none
/// for fewer than two pairs, or where `x` is 0 throughout.
#[must_use]
pub fn ratio(y: &[f64], x: &[f64], confidence: f64) -> Option<(f64, RatioSet)> {
    let n = y.len().min(x.len());
    let freedom = u32::try_from(n).ok()?.checked_sub(1).filter(|&n| n > 0)?;
    let (y, x) = (&y[..n], &x[..n]);
    if x.iter().all(|&value| value == 0.0) {
        return None;
    }
    let (my, mx) = (mean(y), mean(x));
    let t = t_quantile(confidence, freedom);
    let of_mean = |variance: f64| t * t * variance / n as f64;
    let joint = y.iter().zip(x).map(|(y, x)| (y - my) * (x - mx)).sum::<f64>() / f64::from(freedom);
    // (my - θ mx)² <= t² (syy - 2 θ sxy + θ² sxx) / n, that is a θ² - 2 b θ + c <= 0.
    let a = mx * mx - of_mean(deviation(x) * deviation(x));
    let b = my * mx - of_mean(joint);
    let c = my * my - of_mean(deviation(y) * deviation(y));
    let point = tidy(my / mx);
    let discriminant = b * b - a * c;
    let ends = |root: f64| {
        let (one, other) = ((b - root) / a, (b + root) / a);
        (tidy(one.min(other)), tidy(one.max(other)))
    };
    let set = if a > 0.0 {
        let (lo, hi) = ends(discriminant.max(0.0).sqrt());
        RatioSet::Between(lo, hi)
    } else if a == 0.0 || discriminant <= 0.0 {
        RatioSet::All
    } else {
        let (lo, hi) = ends(discriminant.sqrt());
        RatioSet::Outside(lo, hi)
    };
    Some((point, set))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;
    use crate::stats::estimate::estimate;
    use crate::stats::testing::normal;

    /// Whether the t-interval of the mean of y - θ x covers 0: the definition.
    fn plain(y: &[f64], x: &[f64], theta: f64) -> bool {
        let rest: Vec<f64> = y.iter().zip(x).map(|(y, x)| y - theta * x).collect();
        let e = estimate(&rest, 0.95).expect("values");
        e.lo <= 0.0 && 0.0 <= e.hi
    }

    fn holds(set: RatioSet, theta: f64) -> bool {
        match set {
            RatioSet::Between(lo, hi) => (lo..=hi).contains(&theta),
            RatioSet::Outside(lo, hi) => theta <= lo || theta >= hi,
            RatioSet::All => true,
        }
    }

    #[test]
    fn the_set_is_what_the_t_interval_does_not_rule_out() {
        let mut stream = Seed {
            master: 8,
            replication: 0,
        }
        .stream(1, 1);
        let mut kinds = [0; 3];
        for (mx, my) in [(3.0, 6.0), (0.05, 2.0), (0.05, 0.05), (-4.0, 1.0)] {
            for _ in 0..20 {
                let x: Vec<f64> = (0..12).map(|_| mx + normal(&mut stream)).collect();
                let y: Vec<f64> = x.iter().map(|x| my + 0.4 * (x - mx) + normal(&mut stream)).collect();
                let (_, set) = ratio(&y, &x, 0.95).expect("pairs");
                kinds[match set {
                    RatioSet::Between(..) => 0,
                    RatioSet::Outside(..) => 1,
                    RatioSet::All => 2,
                }] += 1;
                for step in -60..=60 {
                    let theta = f64::from(step) * 0.173;
                    assert_eq!(holds(set, theta), plain(&y, &x, theta), "{set:?} at {theta}");
                }
            }
        }
        assert!(kinds.iter().all(|&seen| seen > 3), "{kinds:?}");
    }

    #[test]
    fn pairs_without_spread_have_one_ratio() {
        assert_eq!(
            ratio(&[6.0, 6.0, 6.0], &[2.0, 2.0, 2.0], 0.95),
            Some((3.0, RatioSet::Between(3.0, 3.0)))
        );
        assert_eq!(ratio(&[1.0, 2.0], &[0.0, 0.0], 0.95), None);
        assert_eq!(ratio(&[1.0], &[2.0], 0.95), None);
    }

    /// The set covers the true ratio in 95 % of samples, also where it is no interval in many of them: of 2,000 that is 1,900,
    /// with a standard deviation of 9.7.
    #[test]
    fn the_set_covers_the_true_ratio_as_often_as_it_says() {
        let mut stream = Seed {
            master: 17,
            replication: 0,
        }
        .stream(1, 1);
        // The mean of x lies 10, 2 and half a standard error from 0.
        for (mx, open) in [(2.9, 0), (0.58, 200), (0.144, 1_000)] {
            let (theta, mut covered, mut unbounded) = (2.0, 0, 0);
            for _ in 0..2_000 {
                let x: Vec<f64> = (0..12).map(|_| mx + normal(&mut stream)).collect();
                let y: Vec<f64> = x
                    .iter()
                    .map(|x| theta * mx + 0.7 * (x - mx) + normal(&mut stream))
                    .collect();
                let (_, set) = ratio(&y, &x, 0.95).expect("pairs");
                covered += u32::from(holds(set, theta));
                unbounded += u32::from(!matches!(set, RatioSet::Between(..)));
            }
            assert!((1_860..=1_940).contains(&covered), "{covered} at {mx}");
            assert!((open..=open.max(1) * 20).contains(&unbounded), "{unbounded} at {mx}");
        }
    }
}
