//! Walking the candidates in tie order, without listing them all.

use std::ops::ControlFlow;

use super::policy::{CapOrder, Pick, Policy};
use super::seated::Seated;
use crate::fleet::NodeId;
use crate::kernel::{Few, Permutation};
use crate::view::{ShapeId, View};

/// The candidates of one decision in the order in which ties are broken, at most as many as the
/// cap lets through.
pub(super) enum Walk<'a> {
    Seated(Seated<'a>),
    Merged {
        view: &'a View,
        heads: Few<(u64, NodeId), 4>,
        pick: Pick,
        left: u32,
    },
    Listed(std::vec::IntoIter<NodeId>),
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
        (Pick::Random, CapOrder::Random) => Walk::Seated(Seated::new(view, shapes, n, left, tie)),
        (Pick::Random, CapOrder::Lowest) if !capped => Walk::Seated(Seated::new(view, shapes, n, left, tie)),
        (Pick::Random, CapOrder::Lowest) => {
            let order = Permutation::new(view.seats().bits(), tie);
            let mut kept: Vec<NodeId> = merged(view, shapes, Pick::Lowest, left).collect();
            kept.sort_unstable_by_key(|&node| order.index(view.seats().seat(node)));
            Walk::Listed(kept.into_iter())
        }
        (Pick::Lowest, CapOrder::Lowest) => merged(view, shapes, Pick::Lowest, left),
        (pick, _) if !capped => merged(view, shapes, pick, left),
        (pick, order) => {
            let mut kept: Vec<NodeId> = match order {
                CapOrder::Random => Seated::new(view, shapes, n, left, tie).collect(),
                CapOrder::Lowest => merged(view, shapes, Pick::Lowest, left).collect(),
            };
            kept.sort_unstable_by_key(|&node| rank(view, node, pick));
            Walk::Listed(kept.into_iter())
        }
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
            Walk::Seated(seated) => seated.next(),
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
