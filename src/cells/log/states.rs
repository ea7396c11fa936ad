//! The courses of up to 40 nodes that had windows.
//!
//! Which nodes is settled from the tape, before it is known which windows open: those whose
//! maintenance is due first. So the courses show the same nodes under every strategy, as far as
//! their windows open at all.

use crate::cells::rows::{NodeState, StateRow};
use crate::fleet::{NodeId, Provision};
use crate::kernel::Time;
use crate::workload::{JobId, Tape};
use crate::world::{Sight, Standing};

/// At most this many nodes.
const NODES: usize = 40;

/// A node that is watched.
#[derive(Debug)]
struct Course {
    node: NodeId,
    had_window: bool,
    /// (from, state); each stretch lasts to the beginning of the next.
    steps: Vec<(Time, NodeState)>,
}

#[derive(Debug)]
pub struct Courses {
    /// By node: its place among the courses.
    places: Vec<Option<u8>>,
    courses: Vec<Course>,
    rows: Vec<StateRow>,
}

impl Courses {
    pub fn new(nodes: usize, tape: &Tape) -> Courses {
        let mut places = vec![None; nodes];
        let mut courses = Vec::new();
        for node in due_first(tape).into_iter().take(NODES) {
            if let Some(place) = places.get_mut(node.at()) {
                *place = Some(courses.len() as u8);
                courses.push(Course {
                    node,
                    had_window: false,
                    steps: vec![(Time::ZERO, NodeState::Absent)],
                });
            }
        }
        Courses {
            places,
            courses,
            rows: Vec::new(),
        }
    }

    pub fn window_opened(&mut self, node: NodeId) {
        if let Some(place) = self.places[node.at()] {
            self.courses[usize::from(place)].had_window = true;
        }
    }

    pub fn stood(&mut self, at: Time, node: NodeId, to: Standing) {
        let Some(place) = self.places[node.at()] else { return };
        let (steps, state) = (&mut self.courses[usize::from(place)].steps, state_of(to));
        // Of several states at one instant only the last is a stretch.
        while steps.last().is_some_and(|(from, _)| *from == at) {
            steps.pop();
        }
        if steps.last().is_none_or(|(_, last)| *last != state) {
            steps.push((at, state));
        }
    }

    pub fn end(&mut self, at: Time, sight: &Sight<'_>) {
        for course in self.courses.iter().filter(|course| course.had_window) {
            let ends = course.steps.iter().skip(1).map(|(from, _)| *from).chain([at]);
            let name = sight.fleet.name(course.node);
            let stretches = course.steps.iter().zip(ends).filter(|((from, _), to)| from < to);
            self.rows.extend(stretches.map(|(&(from, state), to)| StateRow {
                node: name.to_string(),
                from,
                to,
                state,
            }));
        }
    }

    pub fn rows(self) -> Vec<StateRow> {
        self.rows
    }
}

/// Nodes by when their first maintenance is due; those of campaigns come last, in their order.
fn due_first(tape: &Tape) -> Vec<NodeId> {
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
    let mut nodes: Vec<NodeId> = Vec::new();
    for node in due.into_iter().map(|(_, node)| node).chain(campaigns) {
        if nodes.len() == NODES {
            break;
        }
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    nodes
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
