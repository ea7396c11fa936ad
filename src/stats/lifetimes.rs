//! Lengths of time whose end may not have been seen, and the estimate that asks for no law: Kaplan and Meier 1958.

/// A length of time, in any unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lifetime {
    /// How long it lasted, or how long it was watched.
    pub time: f64,
    /// Whether its end was seen; else it lasted longer.
    pub ended: bool,
}

impl Lifetime {
    /// One whose end was seen.
    #[must_use]
    pub fn ended(time: f64) -> Lifetime {
        Lifetime { time, ended: true }
    }

    /// One that went on when the watch ended.
    #[must_use]
    pub fn cut(time: f64) -> Lifetime {
        Lifetime { time, ended: false }
    }
}

/// Kaplan and Meier's estimate of the share that lasts longer than a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KaplanMeier {
    /// (time, share that lasts longer), by rising time; the share falls at each.
    steps: Vec<(f64, f64)>,
}

impl KaplanMeier {
    /// The estimate of a sample.
    #[must_use]
    pub fn of(sample: &[Lifetime]) -> KaplanMeier {
        KaplanMeier::by(sample, true)
    }

    /// The same of the times at which watches end: how long one of the sample would have been watched had it gone on.
    #[must_use]
    pub fn of_watches(sample: &[Lifetime]) -> KaplanMeier {
        KaplanMeier::by(sample, false)
    }

    fn by(sample: &[Lifetime], ends: bool) -> KaplanMeier {
        let mut sorted = sample.to_vec();
        sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
        let (mut left, mut share) = (sorted.len(), 1.0);
        let mut steps = Vec::new();
        for same in sorted.chunk_by(|a, b| a.time == b.time) {
            let counted = same.iter().filter(|one| one.ended == ends).count();
            if counted > 0 {
                share *= 1.0 - counted as f64 / left as f64;
                steps.push((same[0].time, share));
            }
            left -= same.len();
        }
        KaplanMeier { steps }
    }

    /// The times at which somebody ends, each with the share that lasts longer.
    #[must_use]
    pub fn steps(&self) -> &[(f64, f64)] {
        &self.steps
    }

    /// The share that lasts longer than `time`.
    #[must_use]
    pub fn survival(&self, time: f64) -> f64 {
        let at = self.steps.partition_point(|step| step.0 <= time);
        at.checked_sub(1).map_or(1.0, |at| self.steps[at].1)
    }

    /// The least time by which the share `p` has ended; none where so many are never seen to end.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<f64> {
        // Shares are products that round: what is short of `p` by that is `p`.
        let at = self.steps.partition_point(|step| 1.0 - step.1 < p - 1e-9);
        self.steps.get(at).map(|step| step.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Freireich's 21 patients under 6-MP (Cox and Oakes 1984, table 1.1): a sample with its published estimate.
    fn patients() -> Vec<Lifetime> {
        let ended = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|week| Lifetime::ended(f64::from(week)));
        let cut = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|week| Lifetime::cut(f64::from(week)));
        ended.into_iter().chain(cut).collect()
    }

    #[test]
    fn the_estimate_is_the_published_one() {
        let estimate = KaplanMeier::of(&patients());
        let published = [
            (6.0, 0.857),
            (7.0, 0.807),
            (10.0, 0.753),
            (13.0, 0.690),
            (16.0, 0.627),
            (22.0, 0.538),
            (23.0, 0.448),
        ];
        assert_eq!(estimate.steps().len(), published.len());
        for ((time, share), (at, known)) in estimate.steps().iter().zip(published) {
            assert!(*time == at && (share - known).abs() < 0.0006, "{time}: {share}");
        }
        assert_eq!(estimate.survival(5.9), 1.0);
        assert!((estimate.survival(12.0) - 0.753).abs() < 0.0006);
        assert_eq!((estimate.quantile(0.5), estimate.quantile(0.6)), (Some(23.0), None));
    }

    #[test]
    fn without_cuts_it_is_the_share_of_the_sample() {
        let sample: Vec<Lifetime> = (1..=10).map(|n| Lifetime::ended(f64::from(n))).collect();
        let estimate = KaplanMeier::of(&sample);
        assert!((estimate.survival(3.0) - 0.7).abs() < 1e-12);
        assert_eq!(
            (estimate.quantile(0.3), estimate.quantile(1.0)),
            (Some(3.0), Some(10.0))
        );
        assert_eq!(KaplanMeier::of_watches(&sample), KaplanMeier::default());
    }
}
