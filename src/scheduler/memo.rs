//! What is remembered of verdicts beside the verdicts on shapes: which spec has which index, and
//! what became of a single node under a flavor that looks at nodes.

use super::ask::{Ask, Spec};
use super::judge::{Judge, ShapeVerdict};
use super::nova::RequestSpec;
use crate::fleet::NodeId;
use crate::view::{ShapeId, View};

/// Slots for the specs that were asked for lately: a power of two.
const SLOTS: usize = 512;

/// The indexes of specs, each in the one slot that its hash gives: a later one takes it over.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(Vec<(Spec, u32)>);

fn slot(spec: &Spec) -> usize {
    let small = u64::from(spec.class.0) | u64::from(spec.tenant.0) << 16 | u64::from(spec.extras) << 32;
    let marks = u64::from(spec.asks.0) << 16 | u64::from(spec.refuses.0);
    let word = small ^ spec.required.0.rotate_left(21) ^ spec.forbidden.0.rotate_left(42) ^ marks.rotate_left(40);
    // The upper bits of a product depend on all of the word's (Fibonacci hashing, as Knuth has it).
    (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}

impl Recent {
    /// The index of a spec, if it was noted lately.
    #[inline]
    pub fn find(&self, spec: &Spec) -> Option<usize> {
        let (known, index) = self.0.get(slot(spec))?;
        (known == spec && *index > 0).then(|| *index as usize - 1)
    }

    /// Notes the index of a spec.
    pub fn note(&mut self, spec: &Spec, index: usize) {
        if self.0.is_empty() {
            self.0.resize(SLOTS, (Spec::default(), 0));
        }
        self.0[slot(spec)] = (*spec, index as u32 + 1);
    }
}

/// All of a node that a verdict on it depends on, beside its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    shape: ShapeId,
    failed_builds: u16,
    closed: bool,
    /// How often the instances of its compute service have changed.
    moves: u32,
}

/// Verdicts on single nodes under one flavor, for one number of machines. A verdict holds for as
/// long as all that it depends on stays as it was.
#[derive(Clone, Debug)]
pub(super) struct Memo {
    index: usize,
    count: u16,
    /// By node.
    pages: Vec<Option<(State, ShapeVerdict)>>,
    request: Option<RequestSpec>,
}

impl Memo {
    /// Nothing is known yet.
    pub fn new(index: usize, count: u16) -> Memo {
        Memo {
            index,
            count,
            pages: Vec::new(),
            request: None,
        }
    }

    /// Whether it is of the spec at this index, for so many machines.
    pub fn is_of(&self, index: usize, count: u16) -> bool {
        (self.index, self.count) == (index, count)
    }

    /// The verdict on a node.
    pub fn judge(
        &mut self,
        judge: &Judge,
        view: &View,
        ask: &Ask,
        node: NodeId,
        name: &dyn Fn(NodeId) -> String,
    ) -> ShapeVerdict {
        if self.pages.is_empty() {
            self.pages.resize(view.len(), None);
        }
        let shape = view.shape_id_of(node);
        let group = view.shape(shape).group;
        let state = State {
            shape,
            failed_builds: view.failed_builds(node),
            closed: view.closed(group),
            moves: view.moves(group),
        };
        if let Some((known, verdict)) = self.pages[node.at()]
            && known == state
        {
            return verdict;
        }
        let request = self.request.get_or_insert_with(|| judge.request(view, ask, name));
        let verdict = judge.judge_node(&judge.host(view, node, name), request);
        self.pages[node.at()] = Some((state, verdict));
        verdict
    }
}
