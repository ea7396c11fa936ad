//! The lean loop, the measuring stick: arrivals, faults, drain, technicians and return by hand, the next arrival in a
//! register, the free nodes of a class in a linked list, the longest free first, and nothing else. It runs on the
//! agenda or on std's heap, from ChaCha8 or from a small generator (as the limit of a hand-made loop would).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use sickbay::kernel::streams::{Seed, mix, unit};
use sickbay::kernel::{Agenda, Packed, Ranked, Stream, Time};

/// What is simulated: W1 has one class and no faults, W2 eight classes and faults.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub nodes: usize,
    pub classes: usize,
    pub faults: bool,
    pub hours: u64,
}

pub const HOUR: u64 = 3_600_000;
pub const HOLD: u64 = 24 * HOUR;
pub const MTBF: u64 = 720 * HOUR;
pub const REPAIR: u64 = 8 * HOUR;

impl Load {
    /// The loss system: whole machines, refused when full.
    pub fn w1(nodes: usize, hours: u64) -> Load {
        Load {
            nodes,
            classes: 1,
            faults: false,
            hours,
        }
    }

    /// The fleet with maintenance.
    pub fn w2(nodes: usize, hours: u64) -> Load {
        Load {
            nodes,
            classes: 8,
            faults: true,
            hours,
        }
    }

    /// The mean time between two arrivals at an offered load of 0.95 a node.
    pub fn gap(&self) -> f64 {
        HOLD as f64 / (0.95 * self.nodes as f64)
    }

    /// Between what shares the refusals of so many requests should be: Erlang B of a class, give or take six standard
    /// errors (refusals come in clusters while the system is full: twenty in a row count as one) and what an empty
    /// start hides in its first ten holds. Where nodes break, up to a twentieth of them may be away.
    pub fn refused_between(&self, asked: u64) -> (f64, f64) {
        let own = self.nodes / self.classes;
        let offered = 0.95 * own as f64;
        let least = erlang_b(own, offered);
        let most = if self.faults {
            erlang_b(own - own.div_ceil(20), offered)
        } else {
            least
        };
        let margin = |loss: f64| 6.0 * (20.0 * loss / asked as f64).sqrt() + 1e-6;
        let empty = (240.0 / self.hours as f64).min(1.0) * least;
        (least - empty - margin(least), most + margin(most))
    }

    pub fn technicians(&self) -> usize {
        self.nodes.div_ceil(60)
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub asked: u64,
    pub refused: u64,
}

impl Count {
    /// # Panics
    /// When the share that was refused is not what the load says.
    pub fn checked(self, load: &Load) -> Count {
        let expected = 0.95 * load.nodes as f64 * load.hours as f64 / 24.0;
        let off = (self.asked as f64 - expected).abs();
        assert!(
            off < 6.0 * expected.sqrt(),
            "{} requests, not {expected:.0}",
            self.asked
        );
        let share = self.refused as f64 / self.asked as f64;
        let (low, high) = load.refused_between(self.asked);
        assert!(
            low <= share && share <= high,
            "{share} refused of {load:?}, which should be between {low} and {high}"
        );
        self
    }
}

/// Erlang B: the share that a loss system of so many servers refuses at this offered load.
pub fn erlang_b(servers: usize, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |b, n| offered * b / (n as f64 + offered * b))
}

/// Words of 64 random bits.
pub trait Words {
    fn word(&mut self) -> u64;

    /// An exponential time in whole milliseconds.
    fn after(&mut self, mean: f64) -> u64 {
        (-libm::log(unit(self.word())) * mean + 0.5) as u64
    }

    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.word()) * n as u128) >> 64) as usize
    }
}

impl Words for Stream {
    fn word(&mut self) -> u64 {
        Stream::word(self)
    }
}

/// ChaCha8, as the program draws.
pub fn chacha() -> Stream {
    let (master, replication) = (1, 0);
    Seed { master, replication }.stream(1, 1)
}

/// SplitMix64.
pub struct Small(pub u64);

impl Words for Small {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }
}

/// What happens to a node.
#[derive(Clone, Copy, Debug)]
pub enum Happens {
    Leaves(u32),
    Breaks(u32),
    Repaired(u32),
}

impl Ranked for Happens {
    fn rank(&self) -> u8 {
        match self {
            Happens::Leaves(_) => 0,
            Happens::Breaks(_) => 1,
            Happens::Repaired(_) => 2,
        }
    }

    fn pack(&self) -> Packed {
        let (Happens::Leaves(node) | Happens::Breaks(node) | Happens::Repaired(node)) = *self;
        Packed {
            kind: self.rank(),
            word: u64::from(node),
        }
    }

    fn unpack(packed: Packed) -> Happens {
        let node = packed.word as u32;
        match packed.kind {
            0 => Happens::Leaves(node),
            1 => Happens::Breaks(node),
            _ => Happens::Repaired(node),
        }
    }
}

/// What the loop asks of a queue.
pub trait Queue: Default {
    fn push(&mut self, at: u64, what: Happens);
    fn pop(&mut self) -> Option<(u64, Happens)>;
    fn next(&mut self) -> Option<u64>;
}

/// The agenda of the kernel.
pub struct Ladder(Agenda<Happens>);

impl Default for Ladder {
    fn default() -> Ladder {
        Ladder(Agenda::new())
    }
}

impl Queue for Ladder {
    fn push(&mut self, at: u64, what: Happens) {
        self.0.push(Time(at), what);
    }

    fn pop(&mut self) -> Option<(u64, Happens)> {
        self.0.pop().map(|(at, what)| (at.0, what))
    }

    fn next(&mut self) -> Option<u64> {
        self.0.next_time().map(|at| at.0)
    }
}

/// std's heap of 16-byte entries: time, sequence, and the event in the lowest 32 bits.
#[derive(Default)]
pub struct Heap(BinaryHeap<Reverse<u128>>, u64);

impl Queue for Heap {
    fn push(&mut self, at: u64, what: Happens) {
        let code = match what {
            Happens::Leaves(node) => node << 2,
            Happens::Breaks(node) => node << 2 | 1,
            Happens::Repaired(node) => node << 2 | 2,
        };
        let key = u128::from(at) << 68 | u128::from(self.1) << 32 | u128::from(code);
        self.0.push(Reverse(key));
        self.1 += 1;
    }

    fn pop(&mut self) -> Option<(u64, Happens)> {
        let Reverse(key) = self.0.pop()?;
        let node = key as u32 >> 2;
        let what = match key as u32 & 3 {
            0 => Happens::Leaves(node),
            1 => Happens::Breaks(node),
            _ => Happens::Repaired(node),
        };
        Some(((key >> 68) as u64, what))
    }

    fn next(&mut self) -> Option<u64> {
        self.0.peek().map(|Reverse(key)| (key >> 68) as u64)
    }
}

/// Whether a node is in its class's list of the free, is held, or is away; and whether it is broken.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Free,
    Held,
    Draining,
    Away,
}

/// The nodes, with the free ones of each class in a ring behind a sentinel.
pub struct Nodes {
    pub state: Vec<State>,
    ring: Vec<[u32; 2]>,
    classes: usize,
}

impl Nodes {
    pub fn new(nodes: usize, classes: usize) -> Nodes {
        let mut all = Nodes {
            state: vec![State::Free; nodes],
            ring: (0..nodes + classes).map(|at| [at as u32; 2]).collect(),
            classes,
        };
        (0..nodes as u32).for_each(|node| all.put(node));
        all
    }

    /// The node that has been free for longest, now held.
    pub fn take(&mut self, class: usize) -> Option<u32> {
        let node = self.ring[self.state.len() + class][1];
        (node < self.state.len() as u32).then(|| {
            self.unlink(node);
            self.state[node as usize] = State::Held;
            node
        })
    }

    pub fn put(&mut self, node: u32) {
        let end = (self.state.len() + node as usize % self.classes) as u32;
        let last = self.ring[end as usize][0];
        self.ring[node as usize] = [last, end];
        self.ring[last as usize][1] = node;
        self.ring[end as usize][0] = node;
        self.state[node as usize] = State::Free;
    }

    pub fn unlink(&mut self, node: u32) {
        let [before, after] = self.ring[node as usize];
        self.ring[before as usize][1] = after;
        self.ring[after as usize][0] = before;
    }
}

/// The loop.
pub fn run<Q: Queue>(load: &Load, mut random: impl Words) -> Count {
    let (hold, fault, repair, gap) = (HOLD as f64, MTBF as f64, REPAIR as f64, load.gap());
    let end = load.hours * HOUR;
    let mut nodes = Nodes::new(load.nodes, load.classes);
    let (mut technicians, mut waiting) = (load.technicians(), VecDeque::new());
    let (mut queue, mut count) = (Q::default(), Count::default());
    if load.faults {
        (0..load.nodes as u32).for_each(|node| queue.push(random.after(fault), Happens::Breaks(node)));
    }
    let mut arrival = random.after(gap);
    loop {
        if queue.next().is_none_or(|next| arrival < next) {
            if arrival >= end {
                break;
            }
            count.asked += 1;
            match nodes.take(random.below(load.classes)) {
                Some(node) => queue.push(arrival + random.after(hold), Happens::Leaves(node)),
                None => count.refused += 1,
            }
            arrival += random.after(gap);
            continue;
        }
        let Some((now, what)) = queue.pop().filter(|&(now, _)| now < end) else {
            break;
        };
        match what {
            Happens::Leaves(node) if nodes.state[node as usize] == State::Held => nodes.put(node),
            Happens::Leaves(node) => {
                nodes.state[node as usize] = State::Away;
                waiting.push_back(node);
            }
            Happens::Breaks(node) if nodes.state[node as usize] == State::Held => {
                nodes.state[node as usize] = State::Draining;
            }
            Happens::Breaks(node) => {
                nodes.unlink(node);
                nodes.state[node as usize] = State::Away;
                waiting.push_back(node);
            }
            Happens::Repaired(node) => {
                technicians += 1;
                nodes.put(node);
                queue.push(now + random.after(fault), Happens::Breaks(node));
            }
        }
        while technicians > 0
            && let Some(node) = waiting.pop_front()
        {
            technicians -= 1;
            queue.push(now + random.after(repair), Happens::Repaired(node));
        }
    }
    count.checked(load)
}
