//! Mean counts of nodes over equal bins of time, exact.
//!
//! A node's stretch is booked when it ends: its two ends in the bins where they lie, the whole
//! bins between them by a difference array, so that a stretch costs the same however long it is.

use crate::cells::rows::TimelineRow;
use crate::fleet::NodeId;
use crate::kernel::Time;
use crate::stats::estimate::tidy;
use crate::world::Standing;

/// At most this many bins.
const BINS: u64 = 400;

/// What is counted, in the order of the row's fields.
const SERIES: usize = 6;

fn counted(standing: Standing) -> [bool; SERIES] {
    [
        standing.installed(),
        standing.schedulable(),
        standing.installed() && standing.is(Standing::HELD),
        standing.is(Standing::TENANT),
        standing.exposed(),
        standing.stranded(),
    ]
}

/// One bin: node-milliseconds of stretches that end in it or begin in it, and the change of the
/// number of nodes for which the whole bin lies inside a stretch.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    parts: [u64; SERIES],
    whole: [i64; SERIES],
}

#[derive(Debug)]
pub struct Timeline {
    horizon: Time,
    /// The length of a bin; the last one may be shorter.
    width: u64,
    /// One more than there are, to close stretches that last to the end.
    bins: Vec<Bin>,
    last: Vec<(Standing, Time)>,
}

impl Timeline {
    pub fn new(nodes: usize, horizon: Time) -> Timeline {
        let width = horizon.0.div_ceil(BINS).max(1);
        let bins = horizon.0.div_ceil(width) as usize;
        let last = vec![(Standing::default(), Time::ZERO); nodes];
        Timeline {
            horizon,
            width,
            bins: vec![Bin::default(); bins + 1],
            last,
        }
    }

    pub fn stood(&mut self, at: Time, node: NodeId, to: Standing) {
        let (standing, since) = self.last[node.at()];
        // Most changes change nothing that is counted here.
        if counted(standing) != counted(to) {
            self.book(standing, since, at);
            self.last[node.at()] = (to, at);
        }
    }

    pub fn end(&mut self, at: Time) {
        for node in 0..self.last.len() {
            let (standing, since) = self.last[node];
            self.book(standing, since, at);
            self.last[node] = (standing, at);
        }
    }

    fn book(&mut self, standing: Standing, from: Time, to: Time) {
        let (from, to) = (from.0, to.0.min(self.horizon.0));
        if from >= to {
            return;
        }
        let (first, last) = ((from / self.width) as usize, (to / self.width) as usize);
        for (series, _) in counted(standing).into_iter().enumerate().filter(|(_, counts)| *counts) {
            if first == last {
                self.bins[first].parts[series] += to - from;
            } else {
                self.bins[first].parts[series] += (first as u64 + 1) * self.width - from;
                self.bins[last].parts[series] += to - last as u64 * self.width;
                self.bins[first + 1].whole[series] += 1;
                self.bins[last].whole[series] -= 1;
            }
        }
    }

    pub fn rows(&self) -> Vec<TimelineRow> {
        let mut whole = [0_i64; SERIES];
        let rows = self.bins[..self.bins.len() - 1].iter().enumerate().map(|(index, bin)| {
            let at = index as u64 * self.width;
            let length = self.width.min(self.horizon.0 - at) as f64;
            let mut means = [0.0; SERIES];
            for series in 0..SERIES {
                whole[series] += bin.whole[series];
                let inside = whole[series] as f64 * self.width as f64;
                means[series] = tidy((inside + bin.parts[series] as f64) / length);
            }
            let [installed, schedulable, in_maintenance, occupied, exposed, stranded] = means;
            TimelineRow {
                at: Time(at),
                installed,
                schedulable,
                in_maintenance,
                occupied,
                exposed,
                stranded,
            }
        });
        rows.collect()
    }
}
