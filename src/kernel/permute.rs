//! A keyed permutation of the numbers below a power of two, which can be taken both ways.
//!
//! It orders many things anew for each key, and says at once which comes first, second and so on,
//! without a look at the others. Multiplications by odd numbers, additions and shifts by half the
//! width can each be undone.

use super::streams::mix;

/// An odd number, and its inverse.
const LAST: u32 = 0x1331_11eb;
const LAST_BACK: u32 = inverse(LAST);

/// The inverse of an odd number modulo 2^32. Newton's method doubles the right bits: 3, 6, 12, 24, 48.
const fn inverse(odd: u32) -> u32 {
    let mut found = odd;
    let mut turn = 0;
    while turn < 4 {
        found = found.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(found)));
        turn += 1;
    }
    found
}

/// A permutation of the numbers below 2^`bits`, at most 2^32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    mask: u32,
    shift: u32,
    /// What is xored in, round by round and at the end.
    salts: [u32; 4],
    factors: [u32; 2],
}

impl Permutation {
    /// The permutation of a key.
    #[must_use]
    #[inline]
    pub fn new(bits: u32, key: u64) -> Permutation {
        let (one, two) = (mix(key), mix(!key));
        let mask = ((1_u64 << bits) - 1) as u32;
        Permutation {
            mask,
            shift: bits.div_ceil(2).max(1),
            salts: [
                one as u32 & mask,
                (one >> 32) as u32 & mask,
                (one >> 50) as u32 & mask,
                (two >> 50) as u32 & mask,
            ],
            factors: [two as u32 | 1, (two >> 32) as u32 | 1],
        }
    }

    /// The place of a number.
    #[must_use]
    #[inline]
    pub fn index(&self, number: u32) -> u32 {
        let mut x = number;
        for (salt, factor) in self.salts.into_iter().zip([self.factors[0], self.factors[1], LAST]) {
            x = (x ^ salt).wrapping_mul(factor) & self.mask;
            x ^= x >> self.shift;
        }
        x ^ self.salts[3]
    }

    /// The other way: the number at a place.
    #[must_use]
    #[inline]
    pub fn back(&self) -> Back {
        Back {
            it: *self,
            factors: [inverse(self.factors[0]), inverse(self.factors[1])],
        }
    }
}

/// A permutation taken backwards.
#[derive(Clone, Copy, Debug)]
pub struct Back {
    it: Permutation,
    factors: [u32; 2],
}

impl Back {
    /// The number at a place.
    #[must_use]
    #[inline]
    pub fn number(&self, index: u32) -> u32 {
        let mut x = index ^ self.it.salts[3];
        for (round, factor) in [LAST_BACK, self.factors[1], self.factors[0]].into_iter().enumerate() {
            x ^= x >> self.it.shift;
            x = (x.wrapping_mul(factor) & self.it.mask) ^ self.it.salts[2 - round];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_place_of_its_own_and_is_found_there() {
        for bits in [1, 2, 5, 8, 13] {
            for key in [0, 1, 77, u64::MAX] {
                let it = Permutation::new(bits, key);
                let mut seen = vec![false; 1 << bits];
                for number in 0..1 << bits {
                    let index = it.index(number);
                    assert_eq!(it.back().number(index), number);
                    assert!(!std::mem::replace(&mut seen[index as usize], true));
                }
            }
        }
    }

    /// Chi-square of how often each number of a set comes first, and of which comes second after it.
    #[test]
    fn who_comes_first_and_second_is_uniform_and_independent_of_the_set() {
        let sets: [Vec<u32>; 4] = [
            (0..16).collect(),
            (0..16).map(|n| n * 256).collect(),
            (0..16).map(|n| mix(n) as u32 & 4095).collect(),
            (0..16).map(|n| 4095 - n * 3).collect(),
        ];
        for set in sets {
            let mut seen = vec![[0_u32; 16]; 16];
            let rounds = 96_000_u32;
            for key in 0..u64::from(rounds) {
                let it = Permutation::new(12, mix(key));
                let mut order: Vec<(u32, usize)> = set.iter().map(|&n| it.index(n)).zip(0..).collect();
                order.sort_unstable();
                seen[order[0].1][order[1].1] += 1;
            }
            let chi = |found: &[u32], expected: f64| -> f64 {
                let off = |&n: &u32| (f64::from(n) - expected) * (f64::from(n) - expected) / expected;
                found.iter().map(off).sum()
            };
            let first: Vec<u32> = seen.iter().map(|row| row.iter().sum()).collect();
            // 15 degrees of freedom: above 44 once in 10,000; 239: above 330 once in 20,000.
            let once = chi(&first, f64::from(rounds) / 16.0);
            assert!(once < 44.0, "{once} for {set:?}");
            let pairs: Vec<u32> = (0..16)
                .flat_map(|a| (0..16).filter(move |&b| b != a).map(move |b| (a, b)))
                .map(|(a, b)| seen[a][b])
                .collect();
            let twice = chi(&pairs, f64::from(rounds) / 240.0);
            assert!(twice < 330.0, "{twice} for {set:?}");
        }
    }
}
