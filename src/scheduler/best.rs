//! The best of the candidates of one decision.

use std::ops::ControlFlow;

use super::choice::Nodes;
use super::policy::Policy;
use crate::fleet::NodeId;
use crate::view::{ShapeId, View};

/// The best of those that are looked at in order, until enough of them have no failed builds.
pub(super) struct Best {
    weigh: bool,
    wanted: usize,
    clean: Nodes,
    tainted: Vec<(u16, NodeId)>,
}

impl Best {
    /// Of nodes of these shapes.
    #[inline(always)]
    pub fn new(view: &View, policy: &Policy, shapes: &[ShapeId], wanted: usize) -> Best {
        Best {
            weigh: policy.weigh_failed_builds && shapes.iter().any(|&id| view.shelf(id).tainted() > 0),
            wanted,
            clean: Nodes::new(),
            tainted: Vec::new(),
        }
    }

    #[inline(always)]
    pub fn look_at(&mut self, view: &View, node: NodeId) -> ControlFlow<()> {
        let failed = if self.weigh { view.failed_builds(node) } else { 0 };
        if failed > 0 {
            self.tainted.push((failed, node));
            return ControlFlow::Continue(());
        }
        self.clean.push(node);
        if self.is_full() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Whether nobody who comes later can be among the best.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.clean.len() == self.wanted
    }

    #[inline(always)]
    pub fn finish(mut self) -> Nodes {
        // A stable sort: the order is kept among equal weights.
        self.tainted.sort_by_key(|&(failed, _)| failed);
        let rest = self.wanted - self.clean.len();
        self.tainted
            .iter()
            .take(rest)
            .for_each(|&(_, node)| self.clean.push(node));
        self.clean
    }
}
