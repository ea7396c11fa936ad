//! Merging feeds: which of several comes next.

use crate::kernel::Time;

/// The next request of a feed. The order of the fields is that in which they decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub start: Time,
    pub arrival: Time,
    pub feed: u32,
}

impl Due {
    /// A feed without another request.
    pub fn never(feed: u32) -> Due {
        Due {
            start: Time::NEVER,
            arrival: Time::NEVER,
            feed,
        }
    }
}

/// A tournament among feeds: at each node of a binary tree lies the loser of a match, so that when the
/// winner has another request only the matches on its own way up are played again.
#[derive(Clone, Debug)]
pub(super) struct Merge {
    /// The root is number 1; the parent of number n is number n / 2. The feeds are the leaves, below.
    losers: Vec<Due>,
    first: Due,
}

impl Default for Merge {
    fn default() -> Self {
        Merge::new(&[])
    }
}

impl Merge {
    /// A merge of feeds, each by its place.
    pub fn new(dues: &[Due]) -> Merge {
        let leaves = dues.len().next_power_of_two();
        let mut winners = vec![Due::never(u32::MAX); leaves];
        winners.extend_from_slice(dues);
        winners.resize(2 * leaves, Due::never(u32::MAX));
        let mut losers = vec![Due::never(u32::MAX); leaves];
        for node in (1..leaves).rev() {
            let (left, right) = (winners[2 * node], winners[2 * node + 1]);
            winners[node] = left.min(right);
            losers[node] = left.max(right);
        }
        Merge {
            losers,
            first: winners[1],
        }
    }

    /// The feed whose request comes next, if one has any.
    #[inline]
    pub fn first(&self) -> Option<Due> {
        (self.first.start != Time::NEVER).then_some(self.first)
    }

    /// The next of the feed whose request came first.
    #[inline]
    pub fn replace_first(&mut self, next: Due) {
        let mut winner = next;
        let mut node = (self.losers.len() + next.feed as usize) / 2;
        while node > 0 {
            if self.losers[node] < winner {
                std::mem::swap(&mut self.losers[node], &mut winner);
            }
            node /= 2;
        }
        self.first = winner;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    #[test]
    fn feeds_come_in_the_order_of_a_sort_of_all() {
        let mut stream = Seed {
            master: 2,
            replication: 0,
        }
        .stream(1, 1);
        assert_eq!(Merge::default().first(), None);
        for feeds in 1..20_u32 {
            let feed = |feed: u32, stream: &mut crate::kernel::Stream| -> Vec<Due> {
                let mut dues: Vec<Due> = (0..stream.below(30))
                    .map(|_| Due {
                        start: Time(stream.below(40)),
                        arrival: Time(stream.below(3)),
                        feed,
                    })
                    .collect();
                dues.sort_unstable();
                dues.reverse();
                dues
            };
            let mut left: Vec<Vec<Due>> = (0..feeds).map(|number| feed(number, &mut stream)).collect();
            let mut expected = left.concat();
            expected.sort_unstable();
            let mut next = |feed: u32| left[feed as usize].pop().unwrap_or(Due::never(feed));
            let heads: Vec<Due> = (0..feeds).map(&mut next).collect();
            let mut merge = Merge::new(&heads);
            for due in expected {
                assert_eq!(merge.first(), Some(due));
                merge.replace_first(next(due.feed));
            }
            assert_eq!(merge.first(), None);
        }
    }
}
