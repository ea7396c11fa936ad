//! Seats: each node has one by its name, and a request's luck orders the seats. So who comes first
//! among equal nodes hangs on the request and on their names alone, and a node that joins or leaves
//! the candidates changes the choice only where it is the choice itself.

use super::node::NodeId;

/// At least so many bits of a name's word say the seat. Fleets of up to 3,276 nodes have the same number of
/// seats, so that a node more or less moves nobody else.
const FEWEST_BITS: u32 = 12;
/// No node.
const EMPTY: u32 = u32::MAX;

/// The seats of a fleet's nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seats {
    bits: u32,
    /// By node.
    of: Vec<u32>,
    /// By seat.
    nodes: Vec<u32>,
}

impl Seats {
    /// The seats of nodes with these words. At least a fifth of the seats is empty. Where two nodes want the
    /// same one, that with the smaller word has it and the other takes the next that is empty.
    #[must_use]
    pub fn of(words: &[u64]) -> Seats {
        let room = words.len() + words.len().div_ceil(4);
        let bits = room.next_power_of_two().trailing_zeros().max(FEWEST_BITS);
        let mut order: Vec<u32> = (0..words.len() as u32).collect();
        order.sort_unstable_by_key(|&node| (words[node as usize], node));
        let mut seats = Seats {
            bits,
            of: vec![0; words.len()],
            nodes: vec![EMPTY; 1 << bits],
        };
        let last = seats.nodes.len() - 1;
        for node in order {
            let mut seat = (words[node as usize] >> (64 - bits)) as usize;
            while seats.nodes[seat] != EMPTY {
                seat = (seat + 1) & last;
            }
            seats.nodes[seat] = node;
            seats.of[node as usize] = seat as u32;
        }
        seats
    }

    /// How many bits number the seats.
    #[must_use]
    #[inline]
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// How many seats there are.
    #[must_use]
    #[inline]
    pub fn len(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The seat of a node.
    #[must_use]
    #[inline]
    pub fn seat(&self, node: NodeId) -> u32 {
        self.of[node.at()]
    }

    /// The node on a seat.
    #[must_use]
    #[inline]
    pub fn node(&self, seat: u32) -> Option<NodeId> {
        let node = self.nodes[seat as usize];
        (node != EMPTY).then_some(NodeId(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::word_of;
    use std::collections::BTreeMap;

    fn seats(names: &[String]) -> (Seats, BTreeMap<String, u32>) {
        let words: Vec<u64> = names.iter().map(|name| word_of(name)).collect();
        let seats = Seats::of(&words);
        let of = |(at, name): (usize, &String)| (name.clone(), seats.seat(NodeId(at as u32)));
        let found = names.iter().enumerate().map(of).collect();
        (seats, found)
    }

    #[test]
    fn every_node_has_a_seat_of_its_own_that_its_name_says() {
        for n in [1, 500, 3_276, 3_300, 20_000] {
            let mut names: Vec<String> = (0..n).map(|at| format!("c-{at}")).collect();
            let (it, found) = seats(&names);
            for node in (0..n).map(NodeId) {
                assert_eq!(it.node(it.seat(node)), Some(node));
            }
            names.reverse();
            assert_eq!(seats(&names).1, found);
        }
    }

    #[test]
    fn a_node_more_moves_hardly_anybody() {
        let mut names: Vec<String> = (0..1_000).map(|at| format!("c-{at}")).collect();
        let (_, before) = seats(&names);
        let mut moved = 0;
        for more in 0..100 {
            names.insert(more * 7, format!("new-{more}"));
            let (_, after) = seats(&names);
            moved += before.iter().filter(|(name, seat)| after[*name] != **seat).count();
            names.remove(more * 7);
        }
        assert!(moved <= 40, "{moved}");
    }
}
