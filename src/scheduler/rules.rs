//! Verdicts, remembered. All nodes of a shape fare alike, so each (spec, shape) is judged once (`judge`). An ask is
//! compiled once into what the view can be asked (`survey`), and the walk that follows reads that and no rule; but for
//! flavors that look at the single node (a JsonFilter query, an extra spec that names a machine), which is judged node by node.
//!
//! `Rules` owns all that is remembered, and only here is anything void:
//!
//! - a spec in Nova's terms: never, for names, extras and policy do not change in a run;
//! - a verdict on a shape, and whether its marks hide it: never, for a shape's number is not used again, and what else
//!   a verdict hangs on (whether the compute service is closed) is part of its key;
//! - the plan of a spec: when the view's version is another one (a shape is new, a service has been closed or opened, a
//!   trait has been heard of);
//! - a verdict on a single node: when what it hangs on has changed (`memo::State`).
//!
//! Without any of it the answers are the same.

use std::collections::BTreeMap;

use super::ask::{Ask, Spec};
use super::grouped::Spread;
use super::judge::{Compiled, Judge, ShapeVerdict};
use super::memo::{Memo, Recent};
use super::policy::Policy;
use crate::fleet::{Marks, Names};
use crate::kernel::{Few, Time};
use crate::view::{Shape, ShapeId, View};
use crate::workload::Extras;

/// A spec with the verdicts that have been needed so far.
#[derive(Clone, Debug)]
struct Known {
    compiled: Compiled,
    /// By shape, for an open and for a closed compute service, and for one without marks.
    verdicts: Vec<[Option<ShapeVerdict>; 3]>,
    plan: Plan,
}

/// How all shapes of a spec's class fare, whether they hold free nodes or not.
#[derive(Clone, Debug, Default)]
struct Plan {
    /// The version of the view for which this holds; a view with shapes has none that is 0.
    version: u32,
    /// Each shape passes every stage or is none of Placement's candidates: no filter refuses what
    /// Placement lets through, and none raises or looks at the single node.
    plain: bool,
    /// The shapes that pass.
    passing: Vec<ShapeId>,
    /// Whether the candidate cap does not hold for the spec.
    uncapped: bool,
}

/// The index of the verdict on a shape without its marks, after the open and the closed service's.
const BARE: usize = 2;

/// Verdicts on single nodes are kept for so many flavors.
const FLAVORS: usize = 16;

/// Which candidates of Placement's pass the filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// All of them.
    #[default]
    All,
    /// None.
    None,
    /// Those whose shape does.
    Some,
    /// The filters look at the single node.
    ByNode {
        /// And one of them may raise.
        may_raise: bool,
    },
    /// A request filter refuses the request: Placement is not asked.
    Refused,
    /// A filter raises on one of them: Nova fails the whole request.
    Raises,
}

/// An ask, compiled into what the view can be asked: the shapes of its class that hold free nodes, and how they fare.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// All of them, with their verdicts.
    pub shapes: Vec<(ShapeId, ShapeVerdict)>,
    /// Those that Placement returns.
    pub candidates: Few<ShapeId, 8>,
    /// How many nodes of these are free.
    pub free: u32,
    /// Which of these pass.
    pub fit: Fit,
}

impl Survey {
    fn clear(&mut self) {
        self.shapes.clear();
        (self.candidates, self.free, self.fit) = (Few::new(), 0, Fit::All);
    }

    /// Adds up what the verdicts come to.
    fn sum_up(&mut self, view: &View) {
        let (mut blocked, mut by_node, mut may_raise) = (0, false, false);
        for &(id, verdict) in &self.shapes {
            match verdict {
                // The first that says so: whoever refuses or raises says it of every shape that it looks at.
                ShapeVerdict::Raises(_) => self.fit = Fit::Raises,
                ShapeVerdict::Refused if self.fit != Fit::Raises => self.fit = Fit::Refused,
                _ => {}
            }
            if verdict.is_candidate() {
                self.candidates.push(id);
                self.free += view.shelf(id).len();
                blocked += usize::from(verdict != ShapeVerdict::Passes);
                by_node |= verdict.is_by_node();
                may_raise |= verdict == ShapeVerdict::MayRaise;
            }
        }
        self.fit = match self.fit {
            Fit::Raises | Fit::Refused => self.fit,
            _ if by_node => Fit::ByNode { may_raise },
            _ if blocked == 0 => Fit::All,
            _ if blocked == self.candidates.len() => Fit::None,
            _ => Fit::Some,
        };
    }
}

/// The rules of a run, with the verdicts found so far.
#[derive(Clone, Debug)]
pub struct Rules {
    judge: Judge,
    indexes: BTreeMap<Spec, usize>,
    /// The same, for specs that were asked for lately.
    recent: Recent,
    known: Vec<Known>,
    /// By shape: whether a stranger's ordinary request is kept off it by its marks, behind an open and a closed service.
    hidden: Vec<[Option<bool>; 2]>,
    /// Verdicts on single nodes, the flavor that was asked for last at the end.
    memos: Vec<Memo>,
    /// A survey that is over: its lists are used again, so that a decision asks for no memory.
    spare: Survey,
}

impl Rules {
    /// The rules of a run, of which nothing has been asked yet (`Judge::new`).
    #[must_use]
    pub fn new(names: &Names, extras: &[Extras], policy: Policy, ordinary_refuses: Marks, names_owner: bool) -> Rules {
        Rules {
            judge: Judge::new(names, extras, policy, ordinary_refuses, names_owner),
            indexes: BTreeMap::new(),
            recent: Recent::default(),
            known: Vec::new(),
            hidden: Vec::new(),
            memos: Vec::new(),
            spare: Survey::default(),
        }
    }

    /// The rules themselves.
    #[must_use]
    #[inline(always)]
    pub fn judge(&self) -> &Judge {
        &self.judge
    }

    /// The policy.
    #[must_use]
    #[inline(always)]
    pub fn policy(&self) -> &Policy {
        self.judge.policy()
    }

    /// The index of a spec among those that the rules know, for `plan`.
    #[inline]
    pub fn index_of(&mut self, spec: &Spec) -> usize {
        if let Some(index) = self.recent.find(spec) {
            return index;
        }
        let index = match self.indexes.get(spec) {
            Some(&index) => index,
            None => self.compile(spec),
        };
        self.recent.note(spec, index);
        index
    }

    #[cold]
    fn compile(&mut self, spec: &Spec) -> usize {
        let index = self.known.len();
        self.known.push(Known {
            compiled: self.judge.compile(spec),
            verdicts: Vec::new(),
            plan: Plan::default(),
        });
        self.indexes.insert(*spec, index);
        index
    }

    /// Whether all that a spec asks of Placement is in granular groups.
    pub fn asks_by_suffix(&mut self, spec: &Spec) -> bool {
        let index = self.index_of(spec);
        self.known[index].compiled.asks_by_suffix()
    }

    /// The verdict on a shape of the view.
    pub fn verdict(&mut self, view: &View, spec: &Spec, id: ShapeId) -> ShapeVerdict {
        let index = self.index_of(spec);
        self.verdict_at(index, view, id)
    }

    /// The policy, and the shapes that the spec with this index passes with, where nothing else needs
    /// to be looked at; none where it does.
    #[inline]
    pub fn plan(&mut self, view: &View, index: usize) -> Option<(&Policy, &[ShapeId])> {
        if self.known[index].plan.version != view.version() {
            self.make_plan(view, index);
        }
        let plan = &self.known[index].plan;
        let policy = if plan.uncapped {
            self.judge.uncapped()
        } else {
            self.judge.policy()
        };
        plan.plain.then_some((policy, &plan.passing))
    }

    #[cold]
    fn make_plan(&mut self, view: &View, index: usize) {
        let spec = self.known[index].compiled.spec;
        let glossary = self.judge.glossary();
        // What is weighed by aggregate or belongs to a server group is not decided by the shape alone.
        let mut plan = Plan {
            version: view.version(),
            plain: !self.judge.weighs_by_aggregate() && glossary.group(&spec).is_none(),
            passing: Vec::new(),
            uncapped: glossary.drops_cap(&spec),
        };
        for &id in view.shapes_of(spec.class) {
            match self.verdict_at(index, view, id) {
                ShapeVerdict::Passes => plan.passing.push(id),
                // A request filter refuses the request whatever the nodes are: the long way names the stage that did.
                ShapeVerdict::Refused => plan.plain = false,
                // A candidate that a filter refuses counts for the cap, so the walk has to meet it.
                verdict => plan.plain &= !verdict.is_candidate(),
            }
        }
        self.known[index].plan = plan;
    }

    fn verdict_at(&mut self, index: usize, view: &View, id: ShapeId) -> ShapeVerdict {
        // Placement answers a trait that it has never heard of with an error, for the whole query and not for one node.
        if self.known[index].compiled.refused(view) {
            return ShapeVerdict::BadQuery;
        }
        let shape = view.shape(id);
        let closed = view.closed(shape.group);
        self.remembered(index, id, usize::from(closed), shape, closed)
    }

    /// The verdict on a shape if it had no marks and its service were not the operators'.
    pub fn but_for_marks(&mut self, view: &View, spec: &Spec, id: ShapeId) -> ShapeVerdict {
        let index = self.index_of(spec);
        let bare = Shape {
            marks: Marks::default(),
            ..*view.shape(id)
        };
        self.remembered(index, id, BARE, &bare, false)
    }

    /// A verdict that was found before, or is found now.
    fn remembered(&mut self, index: usize, id: ShapeId, which: usize, shape: &Shape, closed: bool) -> ShapeVerdict {
        let known = &mut self.known[index];
        if known.verdicts.len() <= id as usize {
            known.verdicts.resize(id as usize + 1, [None; 3]);
        }
        let verdict = &mut known.verdicts[id as usize][which];
        *verdict.get_or_insert_with(|| self.judge.verdict(&known.compiled, shape, closed))
    }

    /// Compiles an ask into what the view can be asked. `put_by` takes the survey back.
    pub fn survey(&mut self, view: &View, ask: &Ask) -> Survey {
        let index = self.index_of(&ask.spec);
        // One list for all asks: a decision asks for no memory.
        let mut survey = std::mem::take(&mut self.spare);
        survey.clear();
        for &id in view.shapes_of(ask.spec.class) {
            if !view.shelf(id).is_empty() {
                let mut verdict = self.verdict_at(index, view, id);
                // What the planned end keeps it off is no candidate.
                if ask.ends > Time::ZERO && verdict.is_candidate() && ask.runs_into_work(view.shape(id)) {
                    verdict = ShapeVerdict::Announced;
                }
                survey.shapes.push((id, verdict));
            }
        }
        survey.sum_up(view);
        survey
    }

    /// A survey is over.
    pub fn put_by(&mut self, survey: Survey) {
        self.spare = survey;
    }

    /// The verdicts on single nodes for this ask's flavor, to be given back by `keep`.
    pub(super) fn memo(&mut self, ask: &Ask) -> Memo {
        let index = self.index_of(&ask.spec);
        let found = self.memos.iter().position(|memo| memo.is_of(index, ask.count));
        found.map_or_else(|| Memo::new(index, ask.count), |at| self.memos.remove(at))
    }

    /// Keeps verdicts on single nodes; those of the flavor that was asked for least lately go.
    pub(super) fn keep(&mut self, memo: Memo) {
        if self.memos.len() == FLAVORS {
            self.memos.remove(0);
        }
        self.memos.push(memo);
    }

    /// Whether a node of this shape could serve a request of this spec if it were free. Shapes of a fleet to come have no
    /// number in the view, so this is not remembered.
    pub fn could(&mut self, spec: &Spec, shape: &Shape) -> bool {
        let index = self.index_of(spec);
        passes(self.judge.verdict(&self.known[index].compiled, shape, false))
    }

    /// How machines of this spec may lie on compute services.
    #[must_use]
    pub fn spread(&self, spec: &Spec) -> Spread {
        Spread::of(self.judge.policy_for(spec), self.judge.glossary().group(spec))
    }

    /// Whether a stranger's ordinary request is kept off nodes of this shape by their marks.
    #[inline]
    pub fn hides(&mut self, view: &View, id: ShapeId) -> bool {
        let shape = view.shape(id);
        let closed = view.closed(shape.group);
        if shape.marks.is_empty() && !closed {
            return false;
        }
        self.hides_marked(view, id, closed)
    }

    fn hides_marked(&mut self, view: &View, id: ShapeId, closed: bool) -> bool {
        let shape = *view.shape(id);
        if self.hidden.len() <= id as usize {
            self.hidden.resize(id as usize + 1, [None; 2]);
        }
        if let Some(hidden) = self.hidden[id as usize][usize::from(closed)] {
            return hidden;
        }
        let stranger = self.judge.stranger(shape.class);
        let index = self.index_of(&stranger);
        let now = self.judge.verdict(&self.known[index].compiled, &shape, closed);
        // Who would be refused without the marks, too, is kept off by what the node is and not by its maintenance.
        let hidden = !passes(now) && passes(self.but_for_marks(view, &stranger, id));
        self.hidden[id as usize][usize::from(closed)] = Some(hidden);
        hidden
    }
}

/// Whether a node may pass, as far as its shape says.
fn passes(verdict: ShapeVerdict) -> bool {
    verdict == ShapeVerdict::Passes || verdict.is_by_node()
}
