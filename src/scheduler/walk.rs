//! Walking the candidates in tie order, without listing them all.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::policy::{CapOrder, Pick, Policy};
use crate::fleet::NodeId;
use crate::kernel::Few;
use crate::kernel::streams::{below, mix};
use crate::view::{ShapeId, View};

/// The candidates of one decision in the order in which ties are broken, at most as many as the
/// cap lets through.
pub(super) enum Walk<'a> {
    Shuffled {
        view: &'a View,
        shapes: &'a [ShapeId],
        shuffle: Shuffle,
        left: u32,
    },
    Merged {
        view: &'a View,
        heads: Few<(u64, NodeId), 4>,
        pick: Pick,
        left: u32,
    },
    Listed(std::vec::IntoIter<NodeId>),
}

/// A seeded random permutation of 0..n, taken element by element (Fisher and Yates, with a
/// sparse table of what has been swapped).
pub(super) struct Shuffle {
    n: u32,
    taken: u32,
    key: u64,
    swapped: Swapped,
}

/// What has been swapped: a short list, and a map once it is long.
struct Swapped {
    near: Few<(u32, u32), 8>,
    far: BTreeMap<u32, u32>,
}

impl Swapped {
    fn get(&self, at: u32) -> Option<u32> {
        let near = self.near.iter().find(|(place, _)| *place == at);
        near.map(|&(_, what)| what).or_else(|| self.far.get(&at).copied())
    }

    fn take(&mut self, at: u32) -> Option<u32> {
        let Some(place) = self.near.iter().position(|(place, _)| *place == at) else {
            return self.far.remove(&at);
        };
        let what = self.near[place].1;
        self.near.swap_remove(place);
        Some(what)
    }

    fn put(&mut self, at: u32, what: u32) {
        if let Some(slot) = self.near.as_mut_slice().iter_mut().find(|(place, _)| *place == at) {
            slot.1 = what;
        } else if self.near.len() < 8 && !self.far.contains_key(&at) {
            self.near.push((at, what));
        } else {
            self.far.insert(at, what);
        }
    }
}

impl Shuffle {
    pub(super) fn new(n: u32, key: u64) -> Shuffle {
        Shuffle {
            n,
            taken: 0,
            key,
            swapped: Swapped {
                near: Few::new(),
                far: BTreeMap::new(),
            },
        }
    }
}

impl Iterator for Shuffle {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.taken == self.n {
            return None;
        }
        let first = self.taken;
        let draw = mix(self
            .key
            .wrapping_add(u64::from(first).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let at = first + below(draw, u64::from(self.n - first)) as u32;
        self.taken += 1;
        if first == 0 && self.n - 1 == 0 {
            return Some(0);
        }
        let chosen = self.swapped.get(at).unwrap_or(at);
        let moved = self.swapped.take(first).unwrap_or(first);
        if at != first {
            self.swapped.put(at, moved);
        }
        Some(chosen)
    }
}

/// Visits the candidates of these shapes (`n` of them) in tie order under `policy`, until `visit` has
/// seen enough.
pub(super) fn walk(
    view: &View,
    shapes: &[ShapeId],
    n: u32,
    policy: &Policy,
    tie: u64,
    mut visit: impl FnMut(NodeId) -> ControlFlow<()>,
) {
    let capped = policy.cap.is_some_and(|cap| cap < n);
    if let ([shape], false) = (shapes, capped)
        && policy.pick != Pick::Random
    {
        // One line or one bitset, from its begin: nothing is merged.
        let after = |node: NodeId| match policy.pick {
            Pick::LeastRecent => view.later(node),
            _ => view.shelf(*shape).next_from(node.0 + 1),
        };
        let mut next = match policy.pick {
            Pick::LeastRecent => view.longest_free(*shape),
            _ => view.shelf(*shape).next_from(0),
        };
        while let Some(node) = next
            && visit(node).is_continue()
        {
            next = after(node);
        }
        return;
    }
    for node in candidates(view, shapes, n, policy, tie) {
        if visit(node).is_break() {
            return;
        }
    }
}

/// The candidates in tie order.
fn candidates<'a>(view: &'a View, shapes: &'a [ShapeId], n: u32, policy: &Policy, tie: u64) -> Walk<'a> {
    let left = policy.cap.map_or(n, |cap| cap.min(n));
    let capped = left < n;
    match (policy.pick, policy.cap_order) {
        (Pick::Random, CapOrder::Random) => shuffled(view, shapes, n, left, tie),
        (Pick::Random, CapOrder::Lowest) if !capped => shuffled(view, shapes, n, left, tie),
        (Pick::Random, CapOrder::Lowest) => {
            let kept: Vec<NodeId> = merged(view, shapes, Pick::Lowest, left).collect();
            Walk::Listed(
                Shuffle::new(left, tie)
                    .map(|at| kept[at as usize])
                    .collect::<Vec<_>>()
                    .into_iter(),
            )
        }
        (Pick::Lowest, CapOrder::Lowest) => merged(view, shapes, Pick::Lowest, left),
        (pick, _) if !capped => merged(view, shapes, pick, left),
        (pick, order) => {
            let mut kept: Vec<NodeId> = match order {
                CapOrder::Random => shuffled(view, shapes, n, left, tie).collect(),
                CapOrder::Lowest => merged(view, shapes, Pick::Lowest, left).collect(),
            };
            kept.sort_unstable_by_key(|&node| rank(view, node, pick));
            Walk::Listed(kept.into_iter())
        }
    }
}

fn shuffled<'a>(view: &'a View, shapes: &'a [ShapeId], n: u32, left: u32, tie: u64) -> Walk<'a> {
    Walk::Shuffled {
        view,
        shapes,
        shuffle: Shuffle::new(n, tie),
        left,
    }
}

fn merged<'a>(view: &'a View, shapes: &[ShapeId], pick: Pick, left: u32) -> Walk<'a> {
    let heads = shapes.iter().filter_map(|&shape| {
        let head = if pick == Pick::LeastRecent {
            view.longest_free(shape)
        } else {
            view.shelf(shape).next_from(0)
        };
        head.map(|node| (rank(view, node, pick), node))
    });
    Walk::Merged {
        view,
        heads: heads.collect(),
        pick,
        left,
    }
}

/// The key by which an ordered pick sorts.
pub(super) fn rank(view: &View, node: NodeId, pick: Pick) -> u64 {
    if pick == Pick::LeastRecent {
        view.stamp(node)
    } else {
        u64::from(node.0)
    }
}

impl Iterator for Walk<'_> {
    type Item = NodeId;

    #[inline]
    fn next(&mut self) -> Option<NodeId> {
        match self {
            Walk::Listed(nodes) => nodes.next(),
            Walk::Shuffled {
                view,
                shapes,
                shuffle,
                left,
            } => {
                *left = left.checked_sub(1)?;
                let mut place = shuffle.next()?;
                for &shape in *shapes {
                    let len = view.shelf(shape).len();
                    if place < len {
                        return view.shelf(shape).nth(place);
                    }
                    place -= len;
                }
                None
            }
            Walk::Merged {
                view,
                heads,
                pick,
                left,
            } => {
                *left = left.checked_sub(1)?;
                let at = (0..heads.len()).min_by_key(|&i| heads[i].0)?;
                let node = heads[at].1;
                let next = match pick {
                    Pick::LeastRecent => view.later(node),
                    _ => view.shelf(view.shape_id_of(node)).next_from(node.0 + 1),
                };
                match next {
                    Some(next) => heads.as_mut_slice()[at] = (rank(view, next, *pick), next),
                    None => {
                        heads.swap_remove(at);
                    }
                }
                Some(node)
            }
        }
    }
}
