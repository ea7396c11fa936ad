//! Which jobs had their nodes to themselves, told by the log alone: on each node, whether two jobs ever ran at once.

use crate::import::foreign::asks::Asks;

/// So many stays on nodes are looked at together; more are looked at in parts.
const TOGETHER: usize = 1_000_000;

/// The nodes of each job, as ranges of numbers.
#[derive(Debug, Default)]
pub(crate) struct Stays {
    /// Where the ranges of each job end.
    ends: Vec<u32>,
    ranges: Vec<(u32, u32)>,
    /// Stays on each node.
    counts: Vec<u32>,
}

/// What the sweep found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sharing {
    /// Nodes on which a job ran.
    pub nodes: u64,
    /// Nodes on which two jobs ran at once.
    pub shared: u64,
}

impl Stays {
    /// Adds a job's nodes.
    pub(crate) fn push(&mut self, nodes: &[u32]) {
        for &node in nodes {
            let known = self.counts.len();
            if known <= node as usize {
                self.counts.resize(node as usize + 1, 0);
            }
            self.counts[node as usize] += 1;
            let own = self.ends.last().copied().unwrap_or(0) as usize;
            match self.ranges.get_mut(own..).and_then(<[_]>::last_mut) {
                Some((_, to)) if *to == node => *to += 1,
                _ => self.ranges.push((node, node + 1)),
            }
        }
        self.ends.push(u32::try_from(self.ranges.len()).unwrap_or(u32::MAX));
    }

    fn of(&self, job: usize) -> &[(u32, u32)] {
        let from = job.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        &self.ranges[from..self.ends[job] as usize]
    }

    /// Which of the jobs, the requests from `base` on, shared a node; `open` is when the data end.
    pub(crate) fn sweep(&self, asks: &Asks, base: usize, open: i64) -> (Vec<bool>, Sharing) {
        let mut shares = vec![false; self.ends.len()];
        let mut sharing = Sharing {
            nodes: self.counts.iter().filter(|count| **count > 0).count() as u64,
            shared: 0,
        };
        let mut from = 0;
        while from < self.counts.len() {
            let (mut to, mut sum) = (from, 0);
            while to < self.counts.len() && (sum == 0 || sum + self.counts[to] as usize <= TOGETHER) {
                sum += self.counts[to] as usize;
                to += 1;
            }
            self.part((from as u32, to as u32), (asks, base, open), &mut shares, &mut sharing);
            from = to;
        }
        (shares, sharing)
    }

    /// Looks at the nodes of a range.
    fn part(
        &self,
        (from, to): (u32, u32),
        (asks, base, open): (&Asks, usize, i64),
        shares: &mut [bool],
        sharing: &mut Sharing,
    ) {
        let mut stays: Vec<(u32, i64, u32)> = Vec::new();
        for job in 0..self.ends.len() {
            for (first, end) in self.of(job) {
                let (start, _) = asks.held(base + job);
                for node in (*first).max(from)..(*end).min(to) {
                    stays.push((node, start, job as u32));
                }
            }
        }
        stays.sort_unstable();
        for one_node in stays.chunk_by(|a, b| a.0 == b.0) {
            let mut longest: Option<(i64, u32)> = None;
            let mut shared = false;
            for (_, start, job) in one_node {
                let (_, end) = asks.held(base + *job as usize);
                let end = end.unwrap_or(open);
                if end <= *start {
                    continue;
                }
                if let Some((until, other)) = longest.filter(|(until, _)| until > start) {
                    shares[*job as usize] = true;
                    shares[other as usize] = true;
                    shared = true;
                    longest = Some(if end > until { (end, *job) } else { (until, other) });
                } else {
                    longest = Some((end, *job));
                }
            }
            sharing.shared += u64::from(shared);
        }
    }
}
