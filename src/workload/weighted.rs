//! Picking one of several things by their shares, as walking along the shares would, without walking.
//!
//! The walk takes share after share off a uniform number until it is used up. Every step of it rounds, but
//! rounding never turns two numbers around, so that there is a least number for which the walk goes on
//! past each thing: found once, by bisection over all uniform numbers that there are.

use crate::kernel::streams::unit;

/// Uniform numbers are odd multiples of 2^-53: there are 2^52 of them.
const GRID_BITS: u32 = 52;
/// Looking a number up begins at one of so many places.
const GUIDE_BITS: u32 = 6;
/// More things than this are walked along: finding their bounds takes time that grows with the square.
const MOST: usize = 64;

/// Things by their shares, which sum to 1.
#[derive(Clone, Debug)]
pub(super) struct Weighted {
    shares: Vec<f64>,
    /// The least place on the grid from which the walk goes on past each thing but the last; none where
    /// there are too many things.
    bounds: Vec<u64>,
    /// The first thing that the least number of each part of the grid may pick.
    guide: Vec<u8>,
}

impl Weighted {
    pub fn new(shares: impl IntoIterator<Item = f64>) -> Weighted {
        let shares: Vec<f64> = shares.into_iter().collect();
        let few = (2..=MOST).contains(&shares.len()) && shares.iter().all(|&share| share >= 0.0);
        let others = if few { shares.len() - 1 } else { 0 };
        let bounds: Vec<u64> = (1..=others).map(|taken| bound(&shares[..taken])).collect();
        let guide = (0..1 << GUIDE_BITS).map(|part| {
            let first = part << (GRID_BITS - GUIDE_BITS);
            bounds.iter().take_while(|&&bound| bound <= first).count() as u8
        });
        Weighted {
            guide: if few { guide.collect() } else { Vec::new() },
            shares,
            bounds,
        }
    }

    /// The place of the thing that 64 random bits pick; 0 where there is none.
    #[inline]
    pub fn pick(&self, word: u64) -> usize {
        let grid = word >> (u64::BITS - GRID_BITS);
        match self.guide.get((grid >> (GRID_BITS - GUIDE_BITS)) as usize) {
            Some(&first) => {
                let first = usize::from(first);
                let passed = self.bounds[first..].iter().take_while(|&&bound| grid >= bound);
                first + passed.count()
            }
            None if self.shares.len() <= 1 => 0,
            None => self.walk(unit(word)),
        }
    }

    /// The definition.
    fn walk(&self, u: f64) -> usize {
        let mut left = u;
        let found = self.shares.iter().position(|share| {
            left -= share;
            left < 0.0
        });
        found.unwrap_or(self.shares.len().saturating_sub(1))
    }
}

/// The least place on the grid whose number outlasts these shares, or one past the grid.
fn bound(taken: &[f64]) -> u64 {
    let outlasts = |grid: u64| {
        let u = unit(grid << (u64::BITS - GRID_BITS));
        taken.iter().fold(u, |left, share| left - share) >= 0.0
    };
    let (mut low, mut high) = (0, 1 << GRID_BITS);
    while low < high {
        let middle = low + (high - low) / 2;
        if outlasts(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn the_bounds_pick_what_the_walk_picks(
            weights in prop::collection::vec(prop_oneof![1 => Just(0.0), 6 => 0.0..1.0_f64], 0..70),
            words in prop::collection::vec(any::<u64>(), 200),
        ) {
            let sum: f64 = weights.iter().sum();
            let weighted = Weighted::new(weights.iter().map(|weight| weight / sum));
            prop_assert_eq!(weighted.bounds.is_empty(), !(2..=MOST).contains(&weights.len()));
            let step = 1 << (u64::BITS - GRID_BITS);
            let near = weighted.bounds.iter().flat_map(|&bound| {
                let at = bound.min((1 << GRID_BITS) - 1) << (u64::BITS - GRID_BITS);
                [at.saturating_sub(step), at.saturating_sub(1), at, at.saturating_add(step)]
            });
            for word in near.chain(words.iter().copied()).chain([0, u64::MAX]) {
                prop_assert_eq!(weighted.pick(word), weighted.walk(unit(word)), "{}", word);
            }
        }
    }
}
