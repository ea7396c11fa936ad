//! A 128-bit digest of a trajectory: fast, order-sensitive, the same on every platform.
//!
//! Two 64-bit lanes, each word folded by a 64×64→128-bit multiplication whose halves are xored
//! (the step of wyhash, Wang Yi 2019, public domain) with its own odd constant. It tells changed
//! trajectories apart; it is no defence against somebody who forges one.

use super::time::Time;

/// A running 128-bit digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    low: u64,
    high: u64,
}

const LOW: u64 = 0xa076_1d64_78bd_642f;
const HIGH: u64 = 0xe703_7ed1_a0b4_28db;

impl Default for Digest {
    fn default() -> Self {
        Digest { low: LOW, high: HIGH }
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

impl Digest {
    /// Folds one word in.
    #[inline]
    pub fn word(&mut self, word: u64) {
        self.low = fold(self.low ^ word, LOW | 1).wrapping_add(self.high);
        self.high = fold(self.high.rotate_left(29) ^ word.wrapping_mul(HIGH), HIGH) ^ self.low.rotate_left(17);
    }

    /// Folds a time-stamped pair of words in.
    #[inline]
    pub fn stamp(&mut self, at: Time, a: u64, b: u64) {
        self.word(at.0);
        self.word(a);
        self.word(b);
    }

    /// Folds text in, its length first.
    pub fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    /// The digest's value so far.
    #[must_use]
    pub fn value(&self) -> u128 {
        (u128::from(fold(self.high, LOW | 1) ^ self.low) << 64) | u128::from(fold(self.low, HIGH) ^ self.high)
    }

    /// The value as 32 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        format!("{:032x}", self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[u64]) -> u128 {
        let mut digest = Digest::default();
        words.iter().for_each(|&word| digest.word(word));
        digest.value()
    }

    #[test]
    fn order_zeros_and_single_bits_tell() {
        let mut seen = std::collections::BTreeSet::new();
        for words in [
            &[][..],
            &[0],
            &[0, 0],
            &[1, 2],
            &[2, 1],
            &[1],
            &[1 << 63],
            &[0, 1],
            &[1, 0],
        ] {
            assert!(seen.insert(of(words)), "{words:?} collides");
        }
        for bit in 0..64 {
            assert!(seen.insert(of(&[7, 1 << bit, 9])));
        }
    }

    #[test]
    fn the_value_is_pinned() {
        assert_eq!(of(&[1, 2, 3]), of(&[1, 2, 3]));
        let mut digest = Digest::default();
        digest.text("sickbay");
        assert_eq!(digest.hex().len(), 32);
    }
}
