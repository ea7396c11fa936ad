//! Choosing by shares without walking over all of them.

use crate::kernel::streams::unit;

/// So many values a random number between 0 and 1 can have (`streams::unit`).
const GRID: f64 = 4_503_599_627_370_496.0;
const GRID_BITS: u32 = 52;

/// Which share a number between 0 and 1 falls into, as a walk finds it that takes one share after
/// another off the number; none: they sum to less.
pub(super) fn walk(shares: impl IntoIterator<Item = f64>, u: f64) -> Option<usize> {
    let mut left = u;
    shares.into_iter().position(|share| {
        left -= share;
        left < 0.0
    })
}

/// Where the numbers lie with which such a walk ends surely at a share, whatever it rounds.
#[derive(Clone, Copy, Debug)]
struct Reach {
    /// From this one on.
    from: u64,
    /// Before this one.
    to: u64,
}

/// Things with their shares, which sum to 1.
#[derive(Clone, Debug)]
pub(super) struct Shares<T> {
    things: Vec<(T, f64)>,
    reaches: Vec<Reach>,
    /// For each of equal parts of the numbers, the first thing that it may fall to.
    guide: Vec<u32>,
    /// Numbers a part, as a power of two.
    shift: u32,
}

impl<T: Copy> Shares<T> {
    pub fn new(things: &[(T, f64)]) -> Shares<T> {
        // The walk and the sum below round once a share each, by at most 2^-53: by an eighth of this.
        let slack = (things.len() + 2) as f64 * (8.0 / GRID);
        let on_grid = |at: f64| (at * GRID).clamp(0.0, GRID) as u64;
        let (mut reaches, mut sum) = (Vec::with_capacity(things.len()), 0.0);
        for (index, (_, share)) in things.iter().enumerate() {
            let from = if index == 0 { 0 } else { on_grid(sum + slack) + 1 };
            sum += share;
            let to = if index + 1 == things.len() {
                u64::MAX
            } else {
                on_grid(sum - slack)
            };
            reaches.push(Reach { from, to });
        }
        let parts = (2 * things.len()).next_power_of_two().min(1 << 16);
        let shift = GRID_BITS - parts.ilog2();
        let mut first = 0;
        let guide = (0..parts as u64).map(|part| {
            while reaches
                .get(first)
                .is_some_and(|reach: &Reach| reach.to <= part << shift)
            {
                first += 1;
            }
            first as u32
        });
        Shares {
            guide: guide.collect(),
            things: things.to_vec(),
            reaches,
            shift,
        }
    }

    /// The thing that the walk finds for a random word, or else the last; none where there are no things.
    #[inline]
    pub fn at(&self, word: u64) -> Option<T> {
        let number = word >> (u64::BITS - GRID_BITS);
        let mut index = *self.guide.get((number >> self.shift) as usize)? as usize;
        let reach = loop {
            let reach = self.reaches.get(index)?;
            if number < reach.to {
                break reach;
            }
            index += 1;
        };
        if number < reach.from {
            return self.walked(word);
        }
        Some(self.things[index].0)
    }

    /// The same by the walk itself: the definition.
    #[cold]
    fn walked(&self, word: u64) -> Option<T> {
        let index = walk(self.things.iter().map(|thing| thing.1), unit(word));
        index
            .map_or(self.things.last(), |index| self.things.get(index))
            .map(|thing| thing.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::{Seed, Stream};

    /// The word of a number on the grid.
    fn word(number: u64, stream: &mut Stream) -> u64 {
        number << 12 | stream.below(1 << 12)
    }

    /// At the least number at which the walk goes on from each share, one before, one after, and at random.
    fn agrees(shares: &[f64], stream: &mut Stream) {
        let things: Vec<(usize, f64)> = shares.iter().copied().enumerate().collect();
        let table = Shares::new(&things);
        let check = |number: u64, stream: &mut Stream| {
            let word = word(number, stream);
            assert_eq!(table.at(word), table.walked(word), "{number} among {shares:?}");
        };
        for index in 0..shares.len() {
            let (mut low, mut high) = (0, 1 << GRID_BITS);
            while low < high {
                let middle = low + (high - low) / 2;
                let goes_on = walk(shares.iter().copied(), unit(middle << 12)).is_none_or(|found| found > index);
                (low, high) = if goes_on { (low, middle) } else { (middle + 1, high) };
            }
            let reach = table.reaches[index];
            for near in [low, reach.from, reach.to.min(1 << GRID_BITS)] {
                for number in near.saturating_sub(1)..=(near + 1).min((1 << GRID_BITS) - 1) {
                    check(number, stream);
                }
            }
        }
        for number in [0, (1 << GRID_BITS) - 1] {
            check(number, stream);
        }
        for _ in 0..2_000 {
            check(stream.below(1 << GRID_BITS), stream);
        }
    }

    #[test]
    fn the_table_agrees_with_the_walk_at_every_bound_and_between() {
        let mut stream = Seed {
            master: 4,
            replication: 0,
        }
        .stream(1, 1);
        let equal = |n: usize| vec![1.0 / n as f64; n];
        let mut all = vec![
            vec![1.0],
            equal(2),
            equal(3),
            equal(20),
            equal(700),
            vec![0.0, 0.0, 1.0, 0.0],
            vec![0.1; 10],
        ];
        all.push(vec![0.3, 0.3, 0.3]);
        all.push(vec![1e-18, 1.0 - 1e-9, 1e-9]);
        for n in [2, 5, 20, 150] {
            for _ in 0..20 {
                let weights: Vec<f64> = (0..n).map(|_| libm::pow(stream.unit(), 8.0)).collect();
                let sum: f64 = weights.iter().sum();
                all.push(weights.iter().map(|weight| weight / sum).collect());
            }
        }
        for shares in &all {
            agrees(shares, &mut stream);
        }
        assert_eq!(Shares::<u8>::new(&[]).at(7), None);
    }
}
