//! A few claims that are decided together, looked at now and then while replications are added. With K claims and at most
//! L looks each interval misses with a probability of the allowed error / (K L), so that with the probability that was
//! asked for no word is false at whichever look it is found (Bonferroni). A word that was found stays.
//!
//! The numbers of looks double, since a look at every replication would cost more in width than it saves: with five looks
//! and twelve claims the intervals are 1.2 times as wide as those of a single look.

use super::compare::{Good, Paired, Verdict, paired};
use super::estimate::Sample;

/// When the claims of a run are looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Looks {
    /// The numbers of replications, rising.
    pub at: Vec<u32>,
    /// How many claims share the allowed error.
    pub claims: usize,
    /// The probability that no word is false.
    pub confidence: f64,
}

/// What was asked of one claim: two samples, by replication.
#[derive(Clone, Debug)]
pub struct ClaimSample {
    /// The strategy's values.
    pub own: Sample,
    /// The baseline's.
    pub base: Sample,
    /// The good side.
    pub good: Good,
    /// The difference that matters, in the metric's unit.
    pub matters: f64,
}

/// What is known of one claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ruled {
    /// The difference over all replications; its word is that of the look that decided.
    pub paired: Paired,
    /// After how many replications it was decided; none: it is not.
    pub at: Option<u32>,
    /// Where it is not: about how many replications would do; none where that cannot be said.
    pub needs: Option<u64>,
}

impl Looks {
    /// The error of one interval at one look.
    #[must_use]
    pub fn error(&self) -> f64 {
        (1.0 - self.confidence) / (self.claims.max(1) * self.at.len().max(1)) as f64
    }

    /// The looks that there were after `have` replications. A run that was interrupted is looked at where it stands, which
    /// takes the place of the look that it did not reach.
    fn until(&self, have: u32) -> Vec<u32> {
        let mut looks: Vec<u32> = self.at.iter().copied().filter(|&at| at <= have).collect();
        if looks.last() != Some(&have) && looks.len() < self.at.len() {
            looks.push(have);
        }
        looks
    }

    /// Rules on a claim after `have` replications; none where no replication has both values.
    #[must_use]
    pub fn rule(&self, asked: &ClaimSample, have: u32) -> Option<Ruled> {
        let error = self.error();
        let over = |n: u32| {
            let [own, base] = [&asked.own, &asked.base].map(|sample| &sample[..sample.len().min(n as usize)]);
            let mut paired = paired(own, base, asked.good, asked.matters, self.confidence)?;
            paired.rule(asked.good, error, error);
            Some(paired)
        };
        let decided = |paired: &Paired| paired.verdict != Verdict::NotDecided;
        let found = self.until(have).into_iter();
        let found = found
            .filter_map(|n| Some((n, over(n)?)))
            .find(|(_, paired)| decided(paired));
        let mut paired = over(have)?;
        let needs = match &found {
            // Where all replications together would not say it any more, the interval is that of the look which did.
            Some((_, then)) => {
                if paired.verdict != then.verdict {
                    (paired.lo, paired.hi, paired.verdict) = (then.lo, then.hi, then.verdict);
                }
                None
            }
            None => paired.needs(error, error).map(|n| n.max(u64::from(have) + 1)),
        };
        // A run that goes on beyond the last look has no word of it.
        if found.is_none() {
            paired.verdict = Verdict::NotDecided;
        }
        Some(Ruled {
            paired,
            at: found.map(|(n, _)| n),
            needs,
        })
    }

    /// The look after `have` replications; none after the last.
    #[must_use]
    pub fn after(&self, have: u32) -> Option<u32> {
        self.at.iter().copied().find(|&at| at > have)
    }
}

#[cfg(test)]
mod tests;
