//! Random streams: one ChaCha8 stream per (seed, purpose, entity, replication).
//!
//! The four words are the cipher's 256-bit key, so streams never overlap and adding an entity
//! does not shift another's draws.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What makes two runs meet the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The scenario's seed.
    pub master: u64,
    /// The replication, from 0.
    pub replication: u64,
}

impl Seed {
    /// The stream of one purpose and entity under this seed.
    #[must_use]
    pub fn stream(self, purpose: u64, entity: u64) -> Stream {
        let mut key = [0; 32];
        for (chunk, word) in key
            .chunks_exact_mut(8)
            .zip([self.master, purpose, entity, self.replication])
        {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        Stream(ChaCha8Rng::from_seed(key))
    }
}

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The next 64 random bits.
    #[inline]
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// The next eight words: what eight calls of `word` would give.
    #[inline]
    pub fn eight(&mut self) -> [u64; 8] {
        let mut bytes = [0; 64];
        self.0.fill_bytes(&mut bytes);
        let (words, _) = bytes.as_chunks();
        std::array::from_fn(|at| u64::from_le_bytes(words[at]))
    }

    /// A uniform number strictly between 0 and 1, an odd multiple of 2^-53.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit(self.word())
    }

    /// A uniform whole number below `n`; 0 when `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        below(self.word(), n)
    }
}

/// Maps 64 random bits to a uniform number strictly between 0 and 1.
#[must_use]
#[inline]
pub fn unit(word: u64) -> f64 {
    // 52 bits and a half: one bit more, and the largest would round to 1.
    ((word >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
}

/// Maps 64 random bits to a whole number below `n`; its bias is at most `n` / 2^64.
#[must_use]
#[inline]
pub fn below(word: u64, n: u64) -> u64 {
    ((u128::from(word) * u128::from(n)) >> 64) as u64
}

/// A cheap, well-mixed successor for tie-breaking inside one decision (SplitMix64's finaliser,
/// Steele, Lea and Flood 2014): entity keys in, 64 bits out.
#[must_use]
#[inline]
pub fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_repeat() {
        let seed = Seed {
            master: 7,
            replication: 0,
        };
        let draw = |seed: Seed, purpose, entity| seed.stream(purpose, entity).word();
        assert_eq!(draw(seed, 1, 2), draw(seed, 1, 2));
        let others = [
            draw(seed, 1, 3),
            draw(seed, 2, 2),
            draw(Seed { master: 8, ..seed }, 1, 2),
            draw(Seed { replication: 1, ..seed }, 1, 2),
        ];
        assert!(others.iter().all(|&other| other != draw(seed, 1, 2)));
    }

    #[test]
    fn eight_words_are_those_that_come_one_by_one() {
        let seed = Seed {
            master: 3,
            replication: 1,
        };
        // From every place in the generator's buffer on, and past its end.
        for before in 0..40 {
            let (mut at_once, mut singly) = (seed.stream(1, 1), seed.stream(1, 1));
            for _ in 0..before {
                assert_eq!(at_once.word(), singly.word());
            }
            for _ in 0..9 {
                assert_eq!(at_once.eight(), std::array::from_fn(|_| singly.word()));
            }
            assert_eq!(at_once.word(), singly.word());
        }
    }

    #[test]
    fn units_stay_inside_and_below_stays_below() {
        assert!(unit(0) > 0.0 && unit(u64::MAX) < 1.0);
        assert_eq!((below(u64::MAX, 10), below(0, 10), below(5, 0)), (9, 0, 0));
        let mut stream = Seed {
            master: 1,
            replication: 0,
        }
        .stream(0, 0);
        let mean = (0..10_000).map(|_| stream.unit()).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
    }
}
