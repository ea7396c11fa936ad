//! Tables of quantiles: by Kaplan and Meier's estimate, with steps at values that repeat.

use crate::kernel::samplers::QuantileTable;
use crate::stats::lifelaw::LifeLaw;
use crate::stats::lifetimes::{KaplanMeier, Lifetime};

/// So many lengths lie beyond each quantile of a table at least, and so many are at a value that repeats.
const BEYOND: f64 = 10.0;
/// A value that repeats has this part of the sample at least.
const PART: f64 = 0.01;
/// Probabilities are told to one in so many, and two of them are apart by as much.
const FINE: f64 = 1e6;
/// Shares at which a table may have a quantile.
const SHARES: [f64; 19] = [
    0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.98, 0.99, 0.995,
];

/// A value that many lengths have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Atom {
    /// The share that is shorter.
    pub from: f64,
    /// The share that is no longer.
    pub to: f64,
    /// The value, seconds.
    pub time: f64,
}

/// The values that repeat, rising.
pub(super) fn atoms(sample: &[Lifetime]) -> Vec<Atom> {
    let mut times: Vec<f64> = sample.iter().filter(|one| one.ended).map(|one| one.time).collect();
    times.sort_by(f64::total_cmp);
    let least = BEYOND.max(PART * sample.len() as f64);
    let many = times.chunk_by(|a, b| a == b).filter(|same| same.len() as f64 >= least);
    let estimate = KaplanMeier::of(sample);
    let fine = |share: f64| (share * FINE).round() / FINE;
    let atom = |same: &[f64]| {
        let place = estimate.steps().partition_point(|step| step.0 < same[0]);
        let before = place.checked_sub(1).map_or(1.0, |at| estimate.steps()[at].1);
        Atom {
            from: fine(1.0 - before),
            to: fine(1.0 - estimate.survival(same[0])),
            time: same[0],
        }
    };
    many.map(atom).collect()
}

/// The table of a sample's quantiles. What lies beyond the last one that is seen goes on as the law does.
pub(super) fn table(sample: &[Lifetime], law: LifeLaw) -> Option<Vec<(f64, f64)>> {
    let estimate = KaplanMeier::of(sample);
    let (n, atoms) = (sample.len() as f64, atoms(sample));
    let between = SHARES
        .into_iter()
        .filter(|share| share.min(1.0 - share) * n >= BEYOND)
        .filter(|share| !atoms.iter().any(|atom| (atom.from..=atom.to).contains(share)))
        .map_while(|share| Some((share, beside(&atoms, (share, rounded(estimate.quantile(share)?))))));
    let steps = atoms
        .iter()
        .flat_map(|atom| [(atom.from, atom.time), (atom.to, atom.time)]);
    let mut inner: Vec<(f64, f64)> = between.chain(steps).collect();
    inner.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    if inner.len() < 3 && atoms.is_empty() || inner.last()?.0 < 0.5 {
        return None;
    }
    let mut points: Vec<(f64, f64)> = Vec::new();
    let first = inner.first()?;
    if first.0 > 0.0 {
        // The ends are the estimate's or the law's, whichever lies nearer, to one digit: no row of the sample.
        let least = estimate.quantile(1e-6)?.min(first.1);
        points.push((0.0, digits(least, 1, f64::floor).min(first.1)));
    }
    for (share, time) in inner {
        // From one value to the next in no share at all: a jump.
        let share = match points.last() {
            Some((before, _)) if share * FINE < before * FINE + 1.0 => ((before * FINE).round() + 1.0) / FINE,
            _ => share,
        };
        points.push((share, time));
    }
    let last = *points.last()?;
    if last.0 >= 1.0 {
        points.last_mut()?.0 = 1.0;
        return Some(points);
    }
    // Where the end is not seen, it is the law's.
    let most = estimate
        .quantile(1.0)
        .unwrap_or_else(|| law.quantile(1.0 - (1.0 - last.0) / 10.0));
    let most = whole_mean(sample).map_or(most, |mean| end(&points, mean, most));
    points.push((1.0, digits(most, 2, f64::round).max(last.1)));
    Some(points)
}

/// A quantile, which rounding must not carry across a value that repeats.
fn beside(atoms: &[Atom], (share, time): (f64, f64)) -> f64 {
    let below = atoms.iter().rev().find(|atom| atom.to <= share);
    let above = atoms.iter().find(|atom| atom.from >= share);
    time.max(below.map_or(0.0, |atom| atom.time))
        .min(above.map_or(f64::INFINITY, |atom| atom.time))
}

/// The mean of a sample all of whose ends were seen.
pub(super) fn whole_mean(sample: &[Lifetime]) -> Option<f64> {
    let all = sample.iter().all(|one| one.ended) && !sample.is_empty();
    all.then(|| sample.iter().map(|one| one.time).sum::<f64>() / sample.len() as f64)
}

/// Where the last piece of a table ends so that the whole has this mean: up to ten times the longest length.
fn end(points: &[(f64, f64)], mean: f64, longest: f64) -> f64 {
    let last = points.last().map_or(0.0, |point| point.1);
    let mean_at = |end: f64| {
        let points = points.iter().copied().chain([(1.0, end)]).collect();
        QuantileTable::new(points).map_or(f64::NAN, |table| table.mean())
    };
    let (mut low, mut high) = (last, 10.0 * longest);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if mean_at(middle) < mean {
            low = middle
        } else {
            high = middle
        }
    }
    low
}

/// A time to two digits.
fn rounded(time: f64) -> f64 {
    digits(time, 2, f64::round)
}

/// A number to so many digits, rounded in some way.
pub(super) fn digits(number: f64, digits: i32, round: fn(f64) -> f64) -> f64 {
    if number <= 0.0 {
        return 0.0;
    }
    let mut unit = 1.0;
    let most = (0..digits).fold(1.0, |most, _| most * 10.0);
    while number / unit >= most {
        unit *= 10.0;
    }
    while number / unit < most / 10.0 {
        unit /= 10.0;
    }
    round(number / unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    const DAY: f64 = 86_400.0;

    fn drawn(times: &[f64]) -> Vec<Lifetime> {
        times.iter().copied().map(Lifetime::ended).collect()
    }

    /// The share of a table's draws that is at most `time`, by a grid of draws.
    fn below(points: &[(f64, f64)], time: f64) -> f64 {
        let table = QuantileTable::new(points.to_vec()).expect("a table");
        let draws = (0..10_000).map(|n| table.at((f64::from(n) + 0.5) / 10_000.0));
        draws.filter(|draw| *draw <= time + 0.01).count() as f64 / 10_000.0
    }

    /// Equal, round and mixed lengths: whatever repeats is drawn as often as it was seen, and nothing lies between.
    #[test]
    fn values_that_repeat_are_steps() {
        let seed = Seed {
            master: 5,
            replication: 0,
        };
        let mut stream = seed.stream(1, 2);
        let law = LifeLaw::Exponential(DAY);
        let round: Vec<f64> = (0..300).map(|n| [3600.0, DAY, 7.0 * DAY][n % 3]).collect();
        let mixed: Vec<f64> = (0..500)
            .map(|n| if n % 5 < 3 { DAY } else { law.draw(&mut stream) })
            .collect();
        let shorter = mixed.iter().filter(|time| **time < DAY).count() as f64 / 500.0;
        let mut cut = drawn(&[DAY; 97]);
        cut.extend([100.0, 50_000.0, 80_000.0].map(Lifetime::cut));
        for (sample, hours, share) in [
            (drawn(&round), 0.9, 0.0),
            (drawn(&round), 1.0, 1.0 / 3.0),
            (drawn(&round), 23.9, 1.0 / 3.0),
            (drawn(&round), 24.0, 2.0 / 3.0),
            (drawn(&round), 167.9, 2.0 / 3.0),
            (drawn(&round), 168.0, 1.0),
            (drawn(&mixed), 23.999, shorter),
            (drawn(&mixed), 24.0, shorter + 0.6),
            (cut.clone(), 23.9, 0.0),
            (cut, 24.0, 1.0),
        ] {
            let table = table(&sample, law).expect("a table");
            let found = below(&table, hours * 3600.0);
            assert!(
                (found - share).abs() < 0.002,
                "{hours} h: {found} for {share}: {table:?}"
            );
        }
        // What does not repeat has no step.
        let smooth: Vec<f64> = (0..400).map(|_| law.draw(&mut stream)).collect();
        assert!(atoms(&drawn(&smooth)).is_empty());
    }

    #[test]
    fn digits_are_kept_as_asked() {
        assert_eq!(
            (digits(123_456.0, 2, f64::round), digits(0.123, 2, f64::round)),
            (120_000.0, 0.12)
        );
        assert_eq!(
            (digits(99_900.0, 1, f64::ceil), digits(99_900.0, 1, f64::floor)),
            (100_000.0, 90_000.0)
        );
        assert_eq!(digits(0.0, 2, f64::round), 0.0);
    }
}
