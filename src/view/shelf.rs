//! The free nodes of one shape: a bitset with counts per block, so that where none is free is
//! passed over at once, and a line in the order in which they became free
//! (its links are in the view's rows, for a node stands on one shelf only).

use super::NOBODY;
use crate::fleet::NodeId;

const WORDS_PER_BLOCK: usize = 64;

/// The free nodes of one shape.
#[derive(Clone, Debug)]
pub struct Shelf {
    words: Vec<u64>,
    blocks: Vec<u16>,
    nodes: usize,
    len: u32,
    tainted: u32,
    pub(super) head: u32,
    pub(super) tail: u32,
}

impl Shelf {
    pub(super) fn new(nodes: usize) -> Shelf {
        // Room is made when the first node comes: most shapes never have one in a big fleet.
        Shelf {
            words: Vec::new(),
            blocks: Vec::new(),
            nodes,
            len: 0,
            tainted: 0,
            head: NOBODY,
            tail: NOBODY,
        }
    }

    /// How many nodes are free.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many of them have failed builds.
    #[must_use]
    pub fn tainted(&self) -> u32 {
        self.tainted
    }

    /// The free node with the lowest number that is at least `from`.
    #[must_use]
    pub fn next_from(&self, from: u32) -> Option<NodeId> {
        let mut at = from as usize / 64;
        let mut word = self.words.get(at)? & (u64::MAX << (from % 64));
        loop {
            if word != 0 {
                return Some(NodeId(at as u32 * 64 + word.trailing_zeros()));
            }
            at += 1;
            while at.is_multiple_of(WORDS_PER_BLOCK) && self.blocks.get(at / WORDS_PER_BLOCK) == Some(&0) {
                at += WORDS_PER_BLOCK;
            }
            word = *self.words.get(at)?;
        }
    }

    pub(super) fn insert(&mut self, node: NodeId, tainted: bool) {
        if self.words.is_empty() {
            self.words = vec![0; self.nodes.div_ceil(64)];
            self.blocks = vec![0; self.words.len().div_ceil(WORDS_PER_BLOCK)];
        }
        self.words[node.at() / 64] |= 1 << (node.0 % 64);
        self.blocks[node.at() / 64 / WORDS_PER_BLOCK] += 1;
        self.len += 1;
        self.tainted += u32::from(tainted);
    }

    pub(super) fn remove(&mut self, node: NodeId, tainted: bool) {
        self.words[node.at() / 64] &= !(1 << (node.0 % 64));
        self.blocks[node.at() / 64 / WORDS_PER_BLOCK] -= 1;
        self.len -= 1;
        self.tainted -= u32::from(tainted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn agrees_with_a_sorted_set(steps in prop::collection::vec((0u32..9000, any::<bool>()), 1..300), from in 0u32..9000) {
            let (mut shelf, mut shadow) = (Shelf::new(9000), BTreeSet::new());
            for (id, put) in steps {
                if put && shadow.insert(id) {
                    shelf.insert(NodeId(id), false);
                } else if !put && shadow.remove(&id) {
                    shelf.remove(NodeId(id), false);
                }
            }
            prop_assert_eq!(shelf.len() as usize, shadow.len());
            prop_assert_eq!(shelf.next_from(from), shadow.range(from..).next().map(|&id| NodeId(id)));
        }
    }
}
