//! How full the system is over time: the observer of a pilot. The steps of a fleet-wide count are booked into equal bins
//! as whole node-milliseconds, a few additions per change.

use crate::kernel::Time;
use crate::world::{Fact, Observer, Sight, Standing};

/// Bins over a run: MSER-5 has 300 batches of them to choose from.
pub const BINS: u64 = 1_500;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Nodes with a tenant.
    Occupied,
    /// Nodes in maintenance.
    InMaintenance,
}

impl Series {
    /// The name of its column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Series::Occupied => "occupied",
            Series::InMaintenance => "in_maintenance",
        }
    }

    fn counts(self, standing: Standing) -> bool {
        match self {
            Series::Occupied => standing.is(Standing::TENANT),
            Series::InMaintenance => standing.installed() && standing.is(Standing::HELD),
        }
    }
}

/// The observer.
#[derive(Debug)]
pub struct Fill {
    series: Series,
    width: u64,
    count: u64,
    since: u64,
    /// Per bin: the integral of the count.
    bins: Vec<u64>,
}

impl Fill {
    /// An observer of a run up to `horizon`.
    #[must_use]
    pub fn new(series: Series, horizon: Time) -> Fill {
        let width = width(horizon);
        Fill {
            series,
            width,
            count: 0,
            since: 0,
            // A last bin that the horizon cuts short is left out of account.
            bins: vec![0; (horizon.0 / width) as usize],
        }
    }

    /// The integral of each bin.
    #[must_use]
    pub fn integrals(self) -> Vec<u64> {
        self.bins
    }

    /// Books what has passed since the last change.
    fn book(&mut self, at: u64) {
        let mut from = std::mem::replace(&mut self.since, at);
        if self.count == 0 {
            return;
        }
        while from < at {
            let bin = (from / self.width) as usize;
            let to = at.min((bin as u64 + 1) * self.width);
            match self.bins.get_mut(bin) {
                Some(integral) => *integral += self.count * (to - from),
                None => return,
            }
            from = to;
        }
    }
}

/// How long a bin is, in milliseconds.
#[must_use]
pub fn width(horizon: Time) -> u64 {
    horizon.0.div_ceil(BINS).max(1)
}

impl Observer for Fill {
    fn told(&mut self, at: Time, fact: &Fact, _sight: &Sight<'_>) {
        match *fact {
            Fact::Stood { from, to, .. } => {
                let (was, is) = (self.series.counts(from), self.series.counts(to));
                if was != is {
                    self.book(at.0);
                    self.count = if is { self.count + 1 } else { self.count - 1 };
                }
            }
            Fact::Ended => self.book(at.0),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::{H, hidden, scenario, stood, story, taken, tape, tell};
    use crate::world::Standing;

    #[test]
    fn bins_hold_the_integrals_of_the_hand_made_story() {
        let (scenario, tape, facts) = story();
        // Ten hours in 1,500 bins of 24 s: a tenant from 1 h to 7 h, maintenance from 3 h to 8 h.
        for (series, from, to) in [(Series::Occupied, 1, 7), (Series::InMaintenance, 3, 8)] {
            let mut fill = Fill::new(series, scenario.horizon);
            tell(&mut fill, &scenario.fleet, &tape, &facts);
            let inside = |bin: u64| (from * 150..to * 150).contains(&bin);
            let expected: Vec<u64> = (0..BINS).map(|bin| if inside(bin) { 24_000 } else { 0 }).collect();
            assert_eq!(fill.integrals(), expected, "{}", series.name());
        }
        assert_eq!(width(Time(10 * H)) * BINS, 10 * H);
    }

    #[test]
    fn changes_fall_inside_of_bins_and_a_last_part_of_a_bin_is_left_out() {
        // 3,001 ms are 1,000 bins of 3 ms and a third of one.
        let horizon = Time(3_001);
        let mut fill = Fill::new(Series::Occupied, horizon);
        assert_eq!((fill.width, fill.bins.len()), (3, 1_000));
        let scenario = scenario(2, horizon.0);
        let facts = [
            (1, stood(0, taken())),
            (2, stood(1, taken())),
            (7, stood(0, Standing::default())),
            (8, stood(1, hidden())),
            (2_998, stood(0, taken())),
            (3_001, Fact::Ended),
        ];
        tell(&mut fill, &scenario.fleet, &tape(Vec::new()), &facts);
        let bins = fill.integrals();
        // From 1 ms to 2 ms one tenant, to 7 ms two, to 8 ms one; and one at the end.
        assert_eq!(bins[..4], [1 + 2, 6, 2 + 1, 0]);
        assert_eq!((bins[998], bins[999]), (0, 2));
    }
}
