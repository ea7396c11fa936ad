//! The candidates in the order that the request's luck gives their seats.
//!
//! Two ways find the same order, and the cheaper one is taken. Where many of the seats hold a candidate the
//! seats are looked at in order until enough are found; where few do, the candidates are looked at and those
//! with the smallest places kept. So no decision looks at all of a large fleet, nor sorts it.

use crate::fleet::NodeId;
use crate::kernel::Permutation;
use crate::kernel::permute::Back;
use crate::view::{ShapeId, View};

/// So many candidates are kept of those that are looked at: most decisions want one and two alternates.
const KEPT: usize = 4;

/// The candidates of one decision in the order of their seats.
pub(super) struct Seated<'a> {
    view: &'a View,
    shapes: &'a [ShapeId],
    order: Permutation,
    back: Back,
    /// So many are still to be found, and so many the cap still lets through.
    n: u32,
    left: u32,
    /// The place that is looked at next, and how many more may be.
    at: u32,
    looks: u32,
    /// The first ones of those that were left when the candidates were looked at, the last one first.
    kept: [(u32, NodeId); KEPT],
    len: usize,
    looked_at: bool,
    /// All that were left when those had been used up.
    rest: Option<std::vec::IntoIter<NodeId>>,
}

impl<'a> Seated<'a> {
    /// The candidates of these shapes, `n` of them, of which the cap lets `left` through.
    #[inline]
    pub fn new(view: &'a View, shapes: &'a [ShapeId], n: u32, left: u32, tie: u64) -> Seated<'a> {
        let order = Permutation::new(view.seats().bits(), tie);
        // A candidate is found in seats / n looks on average, and the usual three are wanted; all of them are looked
        // at in n, each of which costs somewhat less.
        let worth = u64::from(n) * u64::from(n) > 4 * u64::from(view.seats().len());
        Seated {
            view,
            shapes,
            back: order.back(),
            order,
            n,
            left,
            at: 0,
            looks: if worth { n } else { 0 },
            kept: [(0, NodeId(0)); KEPT],
            len: 0,
            looked_at: false,
            rest: None,
        }
    }

    /// The next candidate by its seat, while looking at seats is worth it.
    #[inline]
    fn look(&mut self) -> Option<NodeId> {
        while self.looks > 0 && self.at < self.view.seats().len() {
            self.looks -= 1;
            let seat = self.back.number(self.at);
            self.at += 1;
            if let Some(node) = self.view.seats().node(seat)
                && self.view.free(node)
                && self.shapes.contains(&self.view.shape_id_of(node))
            {
                return Some(node);
            }
        }
        None
    }

    /// Calls `visit` with every candidate that is left, and its place.
    #[inline]
    fn others(&self, mut visit: impl FnMut(u32, NodeId)) {
        let (seats, order, from) = (self.view.seats(), self.order, self.at);
        for &shape in self.shapes {
            // Along the line of those that are free: it has no gaps, as the bitset has.
            let mut next = self.view.longest_free(shape);
            while let Some(node) = next {
                let index = order.index(seats.seat(node));
                if index >= from {
                    visit(index, node);
                }
                next = self.view.later(node);
            }
        }
    }

    /// Looks at all candidates that are left and keeps the first ones.
    fn keep(&mut self) {
        // The list falls, and whoever comes before its first one drops that one.
        let mut kept = [(u32::MAX, NodeId(0)); KEPT];
        let mut found = 0_usize;
        self.others(|index, node| {
            found += 1;
            if index < kept[0].0 {
                let mut slot = 0;
                while slot + 1 < KEPT && kept[slot + 1].0 > index {
                    kept[slot] = kept[slot + 1];
                    slot += 1;
                }
                kept[slot] = (index, node);
            }
        });
        // Where there are fewer than room is for, those that are none come first.
        self.len = found.min(KEPT);
        kept.rotate_left(KEPT - self.len);
        self.kept = kept;
    }

    /// All that are left, in order: for those few that want more than are kept.
    fn sorted(&self) -> std::vec::IntoIter<NodeId> {
        let mut others = Vec::new();
        self.others(|index, node| others.push((index, node)));
        others.sort_unstable();
        others.into_iter().map(|(_, node)| node).collect::<Vec<_>>().into_iter()
    }

    #[inline(never)]
    fn without_looking(&mut self) -> Option<NodeId> {
        if !self.looked_at {
            self.looked_at = true;
            self.keep();
        }
        if let Some(last) = self.len.checked_sub(1) {
            let (index, node) = self.kept[last];
            (self.len, self.at) = (last, index + 1);
            return Some(node);
        }
        if self.rest.is_none() {
            self.rest = Some(self.sorted());
        }
        self.rest.as_mut()?.next()
    }
}

impl Iterator for Seated<'_> {
    type Item = NodeId;

    #[inline]
    fn next(&mut self) -> Option<NodeId> {
        self.left = self.left.checked_sub(1)?;
        self.n = self.n.checked_sub(1)?;
        match self.look() {
            Some(node) => Some(node),
            None => self.without_looking(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{ClassId, Seats};
    use crate::kernel::streams::{Seed, word_of};
    use crate::view::Listing;
    use std::sync::Arc;

    fn view(nodes: u32, mut free: impl FnMut(NodeId) -> Option<u16>) -> View {
        let words: Vec<u64> = (0..nodes).map(|node| word_of(&format!("n-{node}"))).collect();
        let mut view = View::seated(Arc::new(Seats::of(&words)), nodes as usize, 2, 1);
        for node in (0..nodes).map(NodeId) {
            let Some(class) = free(node) else { continue };
            let listing = Listing {
                listed: true,
                class: ClassId(class),
                ..Listing::default()
            };
            view.list(node, listing);
        }
        view
    }

    fn shapes(view: &View, classes: &[u16]) -> Vec<ShapeId> {
        let of = |&class: &u16| view.shapes_of(ClassId(class)).to_vec();
        classes.iter().flat_map(of).collect()
    }

    fn free(view: &View, shapes: &[ShapeId]) -> Vec<NodeId> {
        let all = (0..view.len() as u32).map(NodeId).filter(|&node| view.free(node));
        all.filter(|&node| shapes.contains(&view.shape_id_of(node))).collect()
    }

    fn seated<'a>(view: &'a View, shapes: &'a [ShapeId], tie: u64) -> Seated<'a> {
        let n = shapes.iter().map(|&shape| view.shelf(shape).len()).sum();
        Seated::new(view, shapes, n, n, tie)
    }

    #[test]
    fn both_ways_find_the_order_of_a_sort_in_fleets_of_any_size_and_fullness() {
        let mut stream = Seed {
            master: 5,
            replication: 0,
        }
        .stream(1, 1);
        let (mut by_seat, mut by_candidate) = (0, 0);
        for round in 0..60_u64 {
            let nodes = [40, 900, 5_000][round as usize % 3];
            let share = stream.unit() * stream.unit();
            let view = view(nodes, |_| (stream.unit() < share).then(|| stream.below(2) as u16));
            for classes in [&[0][..], &[1], &[0, 1]] {
                let (shapes, tie) = (shapes(&view, classes), stream.word());
                let order = Permutation::new(view.seats().bits(), tie);
                let mut sorted: Vec<NodeId> = free(&view, &shapes);
                sorted.sort_by_key(|&node| order.index(view.seats().seat(node)));
                let all = seated(&view, &shapes, tie);
                *(if all.looks > 0 { &mut by_seat } else { &mut by_candidate }) += 1;
                assert_eq!(all.collect::<Vec<_>>(), sorted);
            }
        }
        assert!(by_seat > 20 && by_candidate > 20, "{by_seat} {by_candidate}");
    }

    /// No decision looks at a large part of the fleet, however many nodes are free.
    #[test]
    fn three_of_ten_thousand_nodes_are_found_with_few_looks() {
        let mut stream = Seed {
            master: 6,
            replication: 0,
        }
        .stream(1, 1);
        for (share, most) in [(1.0, 30), (0.5, 50), (0.1, 200), (0.03, 700), (0.002, 60)] {
            let view = view(10_000, |_| (stream.unit() < share).then_some(0));
            let shapes = shapes(&view, &[0]);
            let mut looks = 0;
            for tie in 0..200 {
                let mut it = seated(&view, &shapes, tie);
                let (before, n) = (it.looks, it.n);
                it.by_ref().take(3).for_each(drop);
                looks += before - it.looks + if it.looked_at { n } else { 0 };
            }
            assert!(looks / 200 < most, "{share}: {}", looks / 200);
        }
    }

    /// Where one candidate more is free, the choice is another only if it is that one; so the choices of two
    /// runs that differ in a few nodes stay the same.
    #[test]
    fn a_candidate_more_changes_the_choice_only_where_it_is_chosen() {
        let missing = NodeId(77);
        let (with, without) = (view(300, |_| Some(0)), view(300, |node| (node != missing).then_some(0)));
        let (all, rest) = (shapes(&with, &[0]), shapes(&without, &[0]));
        let mut chosen = 0;
        for tie in 0..30_000 {
            let (a, b) = (seated(&with, &all, tie).next(), seated(&without, &rest, tie).next());
            chosen += u32::from(a == Some(missing));
            assert!(a == b || a == Some(missing));
        }
        assert!((70..130).contains(&chosen), "{chosen}");
    }

    /// Chi-square of how often each of 40 nodes is chosen; 39 degrees of freedom, above 80 once in 10,000.
    #[test]
    fn equals_are_chosen_equally_often() {
        let view = view(4_000, |node| (node.0 % 100 == 3).then_some(0));
        let shapes = shapes(&view, &[0]);
        let mut seen = [0_u32; 40];
        for tie in 0..40_000_u64 {
            let node = seated(&view, &shapes, word_of(&tie.to_string()))
                .next()
                .map_or(0, |node| node.0);
            seen[(node / 100) as usize] += 1;
        }
        let off: f64 = seen
            .iter()
            .map(|&n| (f64::from(n) - 1_000.0) * (f64::from(n) - 1_000.0) / 1_000.0)
            .sum();
        assert!(off < 80.0, "{off}");
    }
}
