//! The courses of nodes: what each did from when to when, and for whom.
//!
//! Up to `report.log_nodes` nodes are watched, those first whose maintenance is due first. That is settled from the tape, before
//! it is known which windows open, so that every strategy shows the same nodes. Where they take more than [`ROWS_EACH`] rows
//! a node in all, the last ones are dropped again, which is counted.

use indexmap::IndexSet;

use crate::cells::rows::{NodeState, StateRow};
use crate::fleet::{ClassId, NodeId, Provision};
use crate::kernel::Time;
use crate::workload::{JobId, Tape};
use crate::world::{Sight, Standing};

/// So many rows a node are kept on average, and no more.
pub const ROWS_EACH: usize = 100;

/// Nobody, among `Courses::words`.
const NOBODY: u32 = 0;

/// A stretch of a course: it lasts to the beginning of the next.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Time,
    state: NodeState,
    /// The class that the node has then.
    class: ClassId,
    /// Whose, by its index among the words.
    whose: u32,
}

/// A node that is watched.
#[derive(Debug)]
struct Course {
    node: NodeId,
    /// The tenant who claimed it last, and why it was last taken out of service.
    tenant: u32,
    reason: u32,
    steps: Vec<Stretch>,
}

#[derive(Debug)]
pub struct Courses {
    /// By node: its index among the courses.
    indexes: Vec<Option<u32>>,
    courses: Vec<Course>,
    /// Stretches of all courses.
    steps: usize,
    most: usize,
    words: IndexSet<String>,
    rows: Vec<StateRow>,
}

impl Courses {
    pub fn new(nodes: usize, tape: &Tape, most: usize) -> Courses {
        let mut indexes = vec![None; nodes];
        let mut courses = Vec::new();
        let fleet = (0..nodes).map(|node| NodeId(node as u32));
        for node in due_first(tape, most).into_iter().chain(fleet) {
            if courses.len() == most {
                break;
            }
            if let Some(index @ None) = indexes.get_mut(node.at()) {
                *index = Some(courses.len() as u32);
                courses.push(Course {
                    node,
                    tenant: NOBODY,
                    reason: NOBODY,
                    steps: vec![Stretch {
                        from: Time::ZERO,
                        state: NodeState::Absent,
                        class: ClassId(Standing::default().class()),
                        whose: NOBODY,
                    }],
                });
            }
        }
        Courses {
            indexes,
            steps: courses.len(),
            courses,
            most: most.saturating_mul(ROWS_EACH),
            words: IndexSet::from([String::new()]),
            rows: Vec::new(),
        }
    }

    fn word(&mut self, word: &str) -> u32 {
        let known = self.words.get_index_of(word);
        known.unwrap_or_else(|| self.words.insert_full(word.to_owned()).0) as u32
    }

    /// A tenant claims the node, or is active on it.
    pub fn tenant(&mut self, at: Time, node: NodeId, tenant: &str) {
        let Some(index) = self.indexes[node.at()] else { return };
        let word = self.word(tenant);
        let course = &mut self.courses[index as usize];
        course.tenant = word;
        course.explain(at);
    }

    /// The node is taken out of service, or broken.
    pub fn reason(&mut self, at: Time, node: NodeId, reason: &str) {
        let Some(index) = self.indexes[node.at()] else { return };
        let word = self.word(reason);
        let course = &mut self.courses[index as usize];
        course.reason = word;
        course.explain(at);
    }

    pub fn stood(&mut self, at: Time, node: NodeId, to: Standing) {
        let Some(index) = self.indexes[node.at()] else { return };
        let course = &mut self.courses[index as usize];
        let before = course.steps.len();
        let (state, class) = (state_of(to), ClassId(to.class()));
        let whose = course.whose(state);
        // Of several states at one instant only the last is a stretch.
        while course.steps.last().is_some_and(|last| last.from == at) {
            course.steps.pop();
        }
        let step = Stretch {
            from: at,
            state,
            class,
            whose,
        };
        let says = |step: &Stretch| (step.state, step.class, step.whose);
        if course.steps.last().is_none_or(|last| says(last) != says(&step)) {
            course.steps.push(step);
        }
        self.steps = self.steps + course.steps.len() - before;
        while self.steps > self.most
            && let Some(dropped) = self.courses.pop()
        {
            self.steps -= dropped.steps.len();
            self.indexes[dropped.node.at()] = None;
        }
    }

    pub fn end(&mut self, at: Time, sight: &Sight<'_>) {
        for course in &self.courses {
            let ends = course.steps.iter().skip(1).map(|next| next.from).chain([at]);
            let stretches = course.steps.iter().zip(ends).filter(|(step, to)| step.from < *to);
            self.rows.extend(stretches.map(|(step, to)| StateRow {
                node: sight.fleet.name(course.node).to_owned(),
                class: sight.fleet.names.classes.name(step.class.0).to_owned(),
                from: step.from,
                to,
                state: step.state,
                whose: self.words[step.whose as usize].clone(),
            }));
        }
    }

    /// The rows, and of how many nodes there are none.
    pub fn rows(self) -> (Vec<StateRow>, usize) {
        let left_out = self.indexes.iter().filter(|index| index.is_none()).count();
        (self.rows, left_out)
    }
}

impl Course {
    /// Whose a state is.
    fn whose(&self, state: NodeState) -> u32 {
        match state {
            NodeState::Tenant => self.tenant,
            NodeState::Exposed
            | NodeState::Errand
            | NodeState::Stranded
            | NodeState::Maintenance
            | NodeState::Broken => self.reason,
            NodeState::Busy | NodeState::Free | NodeState::Retired | NodeState::Absent => NOBODY,
        }
    }

    /// What is told after the state that it explains, at the same instant or where nobody was known, is of that state.
    fn explain(&mut self, at: Time) {
        let Some(last) = self.steps.last().copied() else { return };
        let whose = self.whose(last.state);
        if let Some(last) = self.steps.last_mut()
            && (last.from == at || last.whose == NOBODY)
        {
            last.whose = whose;
        }
    }
}

/// Nodes by when their first maintenance is due; those of campaigns come last, in their order.
fn due_first(tape: &Tape, most: usize) -> Vec<NodeId> {
    let node = |job: JobId| tape.jobs.get(job.at()).map(|job| job.node);
    let spells = tape
        .spells
        .iter()
        .filter_map(|spell| Some((spell.start, node(spell.job)?)));
    let faults = tape
        .faults
        .iter()
        .filter_map(|fault| Some((fault.at + fault.detection, node(fault.job)?)));
    let mut due: Vec<(Time, NodeId)> = spells.chain(faults).collect();
    due.sort_unstable();
    let campaigns = tape
        .campaigns
        .iter()
        .flat_map(|campaign| campaign.jobs.iter().filter_map(|&job| node(job)));
    let nodes = due.into_iter().map(|(_, node)| node).chain(campaigns);
    let nodes: IndexSet<NodeId> = nodes.collect();
    nodes.into_iter().take(most).collect()
}

/// The one word for a standing: what tells most about it comes first.
fn state_of(standing: Standing) -> NodeState {
    if !standing.installed() {
        NodeState::Absent
    } else if standing.is(Standing::TENANT) {
        NodeState::Tenant
    } else if standing.is(Standing::ERRAND) {
        NodeState::Errand
    } else if standing.exposed() {
        NodeState::Exposed
    } else if standing.is(Standing::HELD) {
        NodeState::Maintenance
    } else if standing.is(Standing::RETIRED) {
        NodeState::Retired
    } else if standing.is(Standing::BROKEN) {
        NodeState::Broken
    } else if standing.stranded() {
        NodeState::Stranded
    } else if standing.is(Standing::OFFERED) && standing.provision() == Provision::Available {
        NodeState::Free
    } else {
        NodeState::Busy
    }
}
