//! A sample of spans of which quantiles are wanted, exactly: every value once, with how often it came.
//! Waits repeat (most are none at all, or one fixed deploy), so this stays small where a list of them
//! would grow with every request.

use crate::stats::estimate::nearest_rank;

/// So many values are collected before they are sorted in; more where more are there already.
const BATCH: usize = 1 << 14;

#[derive(Debug, Default)]
pub struct Bag {
    /// (value, how often), in rising order.
    sorted: Vec<(u64, u64)>,
    fresh: Vec<u64>,
    /// The last value and how often it has come in a row.
    run: (u64, u64),
}

impl Bag {
    pub fn add(&mut self, value: u64) {
        if value != self.run.0 && self.run.1 > 0 {
            self.end_run();
        }
        self.run = (value, self.run.1 + 1);
    }

    /// Puts the run where it belongs; a long one needs no room for each of its values.
    fn end_run(&mut self) {
        let (value, times) = std::mem::take(&mut self.run);
        if times > 8 {
            match self.sorted.binary_search_by_key(&value, |&(known, _)| known) {
                Ok(at) => self.sorted[at].1 += times,
                Err(at) => self.sorted.insert(at, (value, times)),
            }
            return;
        }
        self.fresh.extend((0..times).map(|_| value));
        if self.fresh.len() >= BATCH.max(self.sorted.len()) {
            self.sort_in();
        }
    }

    fn sort_in(&mut self) {
        self.fresh.sort_unstable();
        let mut sorted: Vec<(u64, u64)> = Vec::with_capacity(self.sorted.len());
        let mut push = |value: u64, times: u64| match sorted.last_mut() {
            Some(last) if last.0 == value => last.1 += times,
            _ => sorted.push((value, times)),
        };
        let mut known = std::mem::take(&mut self.sorted).into_iter().peekable();
        for value in self.fresh.drain(..) {
            while let Some((before, times)) = known.next_if(|&(before, _)| before <= value) {
                push(before, times);
            }
            push(value, 1);
        }
        known.for_each(|(value, times)| push(value, times));
        self.sorted = sorted;
    }

    /// How many values there are, all of them in their places from now on.
    fn settle(&mut self) -> u64 {
        if self.run.1 > 0 {
            self.end_run();
        }
        self.sort_in();
        self.sorted.iter().map(|(_, times)| times).sum()
    }

    /// The values in rising order; none where there are more than `most`.
    pub fn list(mut self, most: usize) -> Vec<u64> {
        if self.settle() > most as u64 {
            return Vec::new();
        }
        let each = |(value, times): (u64, u64)| (0..times).map(move |_| value);
        self.sorted.into_iter().flat_map(each).collect()
    }

    /// The quantile by nearest rank; none of nothing.
    pub fn quantile(&mut self, p: f64) -> Option<u64> {
        let n = self.settle();
        let mut left = nearest_rank(usize::try_from(n).ok()?, p)? as u64;
        let found = self.sorted.iter().find(|(_, times)| {
            let here = left < *times;
            left = left.saturating_sub(*times);
            here
        });
        found.map(|&(value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;
    use crate::stats::estimate::quantile;

    #[test]
    fn quantiles_are_those_of_the_list() {
        let mut stream = Seed {
            master: 2,
            replication: 0,
        }
        .stream(1, 1);
        for (n, values) in [
            (0, 1),
            (1, 1),
            (7, 100),
            (50_000, 3),
            (60_000, 40_000),
            (100_000, 1 << 40),
        ] {
            let (mut bag, mut list) = (Bag::default(), Vec::new());
            while list.len() < n {
                let value = stream.below(values);
                for _ in 0..if stream.below(50) == 0 { 1 + stream.below(40) } else { 1 } {
                    bag.add(value);
                    list.push(value);
                }
            }
            for p in [0.0, 0.5, 0.95, 1.0] {
                assert_eq!(bag.quantile(p), quantile(&mut list, p), "{n} {values} {p}");
            }
            list.sort_unstable();
            assert_eq!(bag.list(100_000), if list.len() > 100_000 { Vec::new() } else { list });
        }
    }
}
