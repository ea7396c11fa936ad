//! Comparisons by common random numbers: replication by replication, one strategy's value less another's, and what may be
//! said of the differences. One function rules on every one of them (`Paired::rule`); what is printed beside each other
//! shares the allowed error (`together`).

use super::estimate::{Estimate, Interval, deviation, mean, t_quantile, tail, tidy};

/// Which side of a metric is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Good {
    /// More is better.
    High,
    /// Less is better.
    Low,
    /// Neither.
    Neither,
}

/// What a paired comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The difference is real, and on the good side.
    Better,
    /// It is real, and on the bad side.
    Worse,
    /// It is smaller than what matters.
    Same,
    /// So few replications cannot tell.
    NotDecided,
    /// The metric has no good side, or is not among those that are printed.
    None,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 5] = [
        Verdict::Better,
        Verdict::Worse,
        Verdict::Same,
        Verdict::NotDecided,
        Verdict::None,
    ];

    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Same => "same",
            Verdict::NotDecided => "not decided",
            Verdict::None => "none",
        }
    }

    /// Whether the two were told apart.
    #[must_use]
    pub fn differs(self) -> bool {
        matches!(self, Verdict::Better | Verdict::Worse)
    }
}

/// A paired difference of two strategies, per replication: the one less the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean difference.
    pub diff: f64,
    /// The lower end of the interval that the verdict rests on.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
    /// Pairs.
    pub n: u32,
    /// What may be said.
    pub verdict: Verdict,
    /// The t-interval of this difference by itself.
    pub alone: Interval,
    /// The standard deviation of the differences.
    pub deviation: f64,
    /// How large a difference has to be to matter, in the metric's unit.
    pub matters: f64,
    /// 1 - the variance of the differences / the sum of both variances: what pairing saved. None without variance.
    pub variance_reduction: Option<f64>,
}

/// Two strategies, by their places, and the first one's differences from the second, by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The one.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// The differences.
    pub differences: Vec<Option<Paired>>,
}

/// The paired difference `values - baseline` over the replications in which both have a value, as a question of its own;
/// none when there is no such replication. `matters` is the difference that is worth telling, in the metric's unit.
#[must_use]
pub fn paired(
    values: &[Option<f64>],
    baseline: &[Option<f64>],
    good: Good,
    matters: f64,
    confidence: f64,
) -> Option<Paired> {
    let both = values.iter().zip(baseline);
    let both = both.filter_map(|(&value, &base)| Some((value?, base?)));
    let (own, base): (Vec<f64>, Vec<f64>) = both.unzip();
    let differences: Vec<f64> = own.iter().zip(&base).map(|(value, base)| tidy(value - base)).collect();
    let n = u32::try_from(differences.len()).ok().filter(|&n| n > 0)?;
    let mut paired = Paired {
        diff: tidy(mean(&differences)),
        lo: 0.0,
        hi: 0.0,
        n,
        verdict: Verdict::None,
        alone: Interval::default(),
        // Equal values have no spread, whatever the last bit of their mean says.
        deviation: if differences.iter().all(|value| *value == differences[0]) {
            0.0
        } else {
            deviation(&differences)
        },
        matters,
        variance_reduction: variance_reduction(&own, &base, &differences),
    };
    paired.alone = paired.interval(1.0 - confidence);
    paired.rule(good, 1.0 - confidence, 1.0 - confidence);
    Some(paired)
}

impl Paired {
    /// The t-interval of the mean difference that misses it with the probability `error`; a single pair has none, and both
    /// ends are the difference.
    #[must_use]
    pub fn interval(&self, error: f64) -> Interval {
        let half = self.half_width(error);
        Interval {
            lo: tidy(self.diff - half),
            hi: tidy(self.diff + half),
        }
    }

    /// The same in another unit, of which so many make one.
    #[must_use]
    pub fn times(self, factor: f64) -> Paired {
        Paired {
            diff: self.diff * factor,
            lo: self.lo * factor,
            hi: self.hi * factor,
            alone: self.alone.times(factor),
            deviation: self.deviation * factor,
            matters: self.matters * factor,
            ..self
        }
    }

    /// The other one's difference from the one.
    #[must_use]
    pub fn turned(self) -> Paired {
        let turned = |it: Interval| Interval { lo: -it.hi, hi: -it.lo };
        Paired {
            diff: -self.diff,
            lo: -self.hi,
            hi: -self.lo,
            alone: turned(self.alone),
            verdict: match self.verdict {
                Verdict::Better => Verdict::Worse,
                Verdict::Worse => Verdict::Better,
                other => other,
            },
            ..self
        }
    }

    fn half_width(&self, error: f64) -> f64 {
        if self.n < 2 || self.deviation == 0.0 {
            return 0.0;
        }
        t_quantile(1.0 - error, self.n - 1) * self.deviation / f64::from(self.n).sqrt()
    }

    /// Rules on the difference, and keeps the interval that the word rests on. *Same*, which goes first: the interval that
    /// misses the difference with twice the probability `same` lies within what matters (two one-sided tests, Schuirmann
    /// 1987). *Better* and *worse*: the one that misses it with the probability `differs` excludes 0. *Not decided*: the
    /// wider of the two, which neither excludes 0 nor lies within what matters.
    pub fn rule(&mut self, good: Good, differs: f64, same: f64) {
        let apart = self.interval(differs);
        let within = self.interval((2.0 * same).min(MOST_ERROR));
        self.verdict = match good {
            Good::Neither => Verdict::None,
            _ if self.n < 2 => Verdict::NotDecided,
            _ if within.lo >= -self.matters && within.hi <= self.matters => Verdict::Same,
            _ if !apart.excludes_zero() => Verdict::NotDecided,
            Good::High if apart.lo > 0.0 => Verdict::Better,
            Good::Low if apart.hi < 0.0 => Verdict::Better,
            Good::High | Good::Low => Verdict::Worse,
        };
        let Interval { lo, hi } = match self.verdict {
            Verdict::Same => within,
            Verdict::NotDecided if within.hi > apart.hi => within,
            _ => apart,
        };
        (self.lo, self.hi) = (lo, hi);
    }

    /// About how many pairs would decide, if their mean and spread stay as they are; none where the mean lies on the very
    /// edge of what matters, or where there is no spread to go by.
    #[must_use]
    pub fn needs(&self, differs: f64, same: f64) -> Option<u64> {
        let times = |error: f64, room: f64| {
            let ratio = self.half_width(error) / room;
            (room > 0.0 && ratio > 0.0).then(|| (f64::from(self.n) * ratio * ratio).ceil())
        };
        let apart = times(differs, self.diff.abs());
        let near = times((2.0 * same).min(MOST_ERROR), self.matters - self.diff.abs());
        let least = apart.into_iter().chain(near).fold(f64::INFINITY, f64::min);
        (least < MOST_PAIRS).then_some(least as u64)
    }

    /// The two-sided p-value of the t-test that the mean difference is 0; 1 for a single pair.
    fn p_value(&self) -> f64 {
        match (self.n < 2 || self.diff == 0.0, self.deviation == 0.0) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => {
                let t = self.diff.abs() / (self.deviation / f64::from(self.n).sqrt());
                2.0 * tail(t, self.n - 1)
            }
        }
    }
}

/// A larger error than this is no test.
const MOST_ERROR: f64 = 0.5;
/// More pairs than this are not worth naming.
const MOST_PAIRS: f64 = 1e9;

/// Rules on differences that are told beside each other, so that with the probability `confidence` none of their
/// *better* and *worse* is false (Holm 1979), and none of their *same* (Bonferroni). Each keeps the interval that its word
/// rests on. Those without a good side make no claim, and keep the interval of their own.
pub fn together(mut family: Vec<(&mut Paired, Good)>, confidence: f64) {
    let error = 1.0 - confidence;
    for (paired, good) in &mut family {
        paired.rule(*good, error, error);
    }
    family.retain(|(_, good)| *good != Good::Neither);
    let p_values: Vec<f64> = family.iter().map(|(paired, _)| paired.p_value()).collect();
    let same = error / family.len() as f64;
    step_down(&p_values, error, |at, level| {
        let (paired, good) = &mut family[at];
        paired.rule(*good, level, same);
        paired.n > 1 && paired.interval(level).excludes_zero()
    });
}

/// Holm's steps (1979): each of a family is held against its level, the least p-value first, and `is_apart` says whether it
/// was told apart there. From the first that was not on, all are held against the level of that one.
pub fn step_down(p_values: &[f64], error: f64, mut is_apart: impl FnMut(usize, f64) -> bool) {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
    let (mut left, mut stopped) = (order.len(), false);
    for at in order {
        stopped |= !is_apart(at, error / left as f64);
        left -= usize::from(!stopped && left > 1);
    }
}

/// By which share the variance of the difference is smaller than that of independent replications, of which it would
/// be the sum of both variances; negative where pairing did harm. None without any variance.
fn variance_reduction(own: &[f64], base: &[f64], differences: &[f64]) -> Option<f64> {
    let variance = |values: &[f64]| deviation(values) * deviation(values);
    let apart = variance(own) + variance(base);
    (apart > 0.0).then(|| tidy(1.0 - variance(differences) / apart))
}

/// The compact letter display of one column (Piepho 2004): strategies that share no letter were told apart, and
/// two that share one were not. Letters run from the good side of the means (of small means, where there is no good side);
/// none for a strategy without a value. Empty where nothing could be compared.
#[must_use]
pub fn letters(estimates: &[Option<Estimate>], pairs: &[Pair], at: usize, good: Good) -> Vec<String> {
    let apart = |a: usize, b: usize| {
        let (one, other) = (a.min(b), a.max(b));
        let pair = pairs.iter().find(|pair| (pair.one, pair.other) == (one, other));
        pair.and_then(|pair| pair.differences[at])
            .is_some_and(|p| p.verdict.differs())
    };
    let mut order: Vec<usize> = (0..estimates.len()).filter(|&i| estimates[i].is_some()).collect();
    if order.len() < 2 || estimates.iter().flatten().any(|e| e.n < 2) {
        return Vec::new();
    }
    let mean = |i: usize| estimates[i].map_or(0.0, |e| e.mean);
    let side = if good == Good::High { -1.0 } else { 1.0 };
    order.sort_by(|&a, &b| (side * mean(a)).total_cmp(&(side * mean(b))));
    // Insert and absorb: begin with one set of all, and part it wherever two of its members are apart.
    let mut sets: Vec<Vec<usize>> = vec![order.clone()];
    for (index, &a) in order.iter().enumerate() {
        for &b in order[index + 1..].iter().filter(|&&b| apart(a, b)) {
            let (both, mut kept): (Vec<_>, Vec<_>) = sets.into_iter().partition(|s| s.contains(&a) && s.contains(&b));
            for set in both {
                let without = |x: usize| -> Vec<usize> { set.iter().copied().filter(|&i| i != x).collect() };
                kept.extend([without(b), without(a)]);
            }
            sets = absorbed(kept);
        }
    }
    sets.sort_by_key(|set| {
        set.iter()
            .map(|i| order.iter().position(|o| o == i))
            .collect::<Vec<_>>()
    });
    let letter = |nth: usize| char::from_u32('a' as u32 + nth as u32).unwrap_or('?');
    let of = |i: usize| {
        let own = sets.iter().enumerate().filter(|(_, set)| set.contains(&i));
        own.map(|(nth, _)| letter(nth)).collect()
    };
    (0..estimates.len()).map(of).collect()
}

/// The sets that are no part of another one, each once.
fn absorbed(sets: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let part = |a: &[usize], b: &[usize]| a.iter().all(|i| b.contains(i));
    let mut kept: Vec<Vec<usize>> = Vec::new();
    for set in sets {
        if kept.iter().any(|other| part(&set, other)) {
            continue;
        }
        kept.retain(|other| !part(other, &set));
        kept.push(set);
    }
    kept
}

#[cfg(test)]
mod tests;
