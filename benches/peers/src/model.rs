//! W1 and W2 as a user of a library writes them: state, and what follows an event and when. The libraries keep the
//! time and the queue; each gets this same state, so that they differ by nothing else.

use std::collections::VecDeque;

use crate::lean::{Count, HOLD, Load, MTBF, Nodes, REPAIR, Small, State, Words};

/// What happens.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub enum Event {
    Arrives,
    Leaves(u32),
    Breaks(u32),
    Repaired(u32),
}

/// An event may be followed by two, each so many milliseconds later.
pub type Follow = [Option<(u64, Event)>; 2];

pub struct Model {
    load: Load,
    nodes: Nodes,
    technicians: usize,
    waiting: VecDeque<u32>,
    random: Small,
    pub count: Count,
}

impl Model {
    pub fn new(load: Load) -> Model {
        Model {
            nodes: Nodes::new(load.nodes, load.classes),
            technicians: load.technicians(),
            waiting: VecDeque::new(),
            random: Small(1),
            count: Count::default(),
            load,
        }
    }

    /// What the run begins with.
    pub fn first(&mut self) -> Vec<(u64, Event)> {
        let mut first = vec![(self.random.after(self.load.gap()), Event::Arrives)];
        if self.load.faults {
            first.extend((0..self.load.nodes as u32).map(|node| (self.random.after(MTBF as f64), Event::Breaks(node))));
        }
        first
    }

    pub fn handle(&mut self, event: Event) -> Follow {
        match event {
            Event::Arrives => {
                self.count.asked += 1;
                let class = self.random.below(self.load.classes);
                let leaves = match self.nodes.take(class) {
                    Some(node) => Some((self.random.after(HOLD as f64), Event::Leaves(node))),
                    None => {
                        self.count.refused += 1;
                        None
                    }
                };
                [Some((self.random.after(self.load.gap()), Event::Arrives)), leaves]
            }
            Event::Leaves(node) if self.nodes.state[node as usize] == State::Held => {
                self.nodes.put(node);
                [None; 2]
            }
            Event::Breaks(node) if self.nodes.state[node as usize] == State::Held => {
                self.nodes.state[node as usize] = State::Draining;
                [None; 2]
            }
            Event::Leaves(node) => [self.goes(node), None],
            Event::Breaks(node) => {
                self.nodes.unlink(node);
                [self.goes(node), None]
            }
            Event::Repaired(node) => {
                self.technicians += 1;
                self.nodes.put(node);
                let breaks = (self.random.after(MTBF as f64), Event::Breaks(node));
                [Some(breaks), self.repair()]
            }
        }
    }

    /// A node goes to the technicians.
    fn goes(&mut self, node: u32) -> Option<(u64, Event)> {
        self.nodes.state[node as usize] = State::Away;
        self.waiting.push_back(node);
        self.repair()
    }

    fn repair(&mut self) -> Option<(u64, Event)> {
        if self.technicians == 0 {
            return None;
        }
        let node = self.waiting.pop_front()?;
        self.technicians -= 1;
        Some((self.random.after(REPAIR as f64), Event::Repaired(node)))
    }
}
