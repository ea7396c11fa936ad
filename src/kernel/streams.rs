//! Random streams: one ChaCha8 stream per (seed, purpose, entity, replication).
//!
//! The four words are the cipher's 256-bit key, so streams never overlap and adding an entity
//! does not shift another's draws. An entity is known by its name (`word_of`), never by its place.

use rand::SeedableRng;
use rand::rand_core::block::Generator;
use rand_chacha::ChaCha8Core;

use super::digest::Digest;

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
        Stream {
            cipher: ChaCha8Core::from_seed(key),
            block: [0; HALVES],
            at: HALVES,
        }
    }
}

/// Halves of words that the cipher makes at a time.
const HALVES: usize = 64;

/// A stream of random numbers: `rand_chacha`'s, word for word. Its own buffer serves halves of words and bytes
/// as well; one of whole words alone costs half the instructions.
#[derive(Clone, Debug)]
pub struct Stream {
    cipher: ChaCha8Core,
    /// The lower half of each word first.
    block: [u32; HALVES],
    /// The next word's lower half.
    at: usize,
}

#[inline]
fn joined([low, high]: [u32; 2]) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

impl Stream {
    /// The next 64 random bits.
    #[inline]
    pub fn word(&mut self) -> u64 {
        let [word] = self.words();
        word
    }

    /// The next `N` words.
    #[inline]
    pub fn words<const N: usize>(&mut self) -> [u64; N] {
        if self.at >= HALVES {
            self.refill();
        }
        if let Some(halves) = self.block.get(self.at..self.at + 2 * N) {
            self.at += 2 * N;
            let pairs = halves.as_chunks().0;
            return std::array::from_fn(|word| joined(pairs[word]));
        }
        self.words_over_the_end()
    }

    #[inline(never)]
    fn refill(&mut self) {
        self.cipher.generate(&mut self.block);
        self.at = 0;
    }

    #[cold]
    fn words_over_the_end<const N: usize>(&mut self) -> [u64; N] {
        let mut words = [0; N];
        for word in &mut words {
            if self.at >= HALVES {
                self.refill();
            }
            *word = joined([self.block[self.at], self.block[self.at + 1]]);
            self.at += 2;
        }
        words
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

/// The word that stands for a name as an entity of streams and in the luck of what bears it: 64 bits of
/// the name's digest. Where a thing is in a list has no part in it.
#[must_use]
pub fn word_of(name: &str) -> u64 {
    let mut digest = Digest::default();
    digest.text(name);
    mix(digest.value() as u64)
}

/// The word of what several words together name, in their order.
#[must_use]
pub fn word_of_all(words: &[u64]) -> u64 {
    let mut digest = Digest::default();
    words.iter().for_each(|&word| digest.word(word));
    mix(digest.value() as u64)
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
    fn words_are_those_of_the_cipher_however_they_are_taken() {
        use rand::Rng;
        let seed = Seed {
            master: 11,
            replication: 3,
        };
        let (mut one, mut many) = (seed.stream(5, 6), seed.stream(5, 6));
        let key: Vec<u8> = [11_u64, 5, 6, 3].iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut plain = rand_chacha::ChaCha8Rng::from_seed(key.try_into().unwrap());
        for _ in 0..2_000 {
            let expected: [u64; 13] = std::array::from_fn(|_| plain.next_u64());
            assert_eq!(std::array::from_fn(|_| one.word()), expected);
            let ([a, b], [c], tail) = (many.words(), many.words(), many.words::<10>());
            assert_eq!((&expected[..3], &expected[3..]), (&[a, b, c][..], &tail[..]));
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
    #[test]
    fn the_words_of_like_names_have_nothing_in_common() {
        let words: Vec<u64> = (0..200_000).map(|n| word_of(&format!("node-{n}"))).collect();
        let mut sorted = words.clone();
        sorted.sort_unstable();
        assert!(sorted.windows(2).all(|pair| pair[0] != pair[1]));
        for bit in 0..64 {
            let set = words.iter().filter(|&word| word >> bit & 1 == 1).count();
            assert!(set.abs_diff(100_000) < 1_200, "bit {bit}: {set}");
            let changed = words
                .windows(2)
                .filter(|pair| (pair[0] ^ pair[1]) >> bit & 1 == 1)
                .count();
            assert!(changed.abs_diff(100_000) < 1_200, "bit {bit}: {changed}");
        }
        assert_ne!(word_of(""), word_of("\0"));
        assert_ne!(word_of_all(&[1, 2]), word_of_all(&[2, 1]));
        assert_ne!(word_of_all(&[1]), word_of_all(&[1, 0]));
        // Pinned: another word would draw everything anew.
        assert_eq!(word_of("c-1"), 17_107_947_559_156_674_679);
    }
}
