//! Which claims hold over what is plausible? A claim is a strategy's verdict against the baseline in a metric, at the
//! scenario's own values. It is tried where no data supports a value:
//!
//! - each range alone, at both ends, with the same replications as the scenario itself;
//! - where the mean difference changes its sign along a range, at places nearer and nearer to the break-even, which is told
//!   with a bootstrap interval ([`crate::stats::breakeven`]);
//! - all ranges at once, at the points of a Latin hypercube: the share of them in which a claim holds, and which keys decide it
//!   (a rank regression, [`crate::stats::ranks`]).
//!
//! Wide ranges are gone over by their logarithm (`scenario::PlausibleRange`).

mod found;
mod look;
mod quest;

use std::collections::BTreeSet;

pub use found::{BoxTried, ClaimState, ClaimTried, KeyTried, Robustness, provenance};
pub use quest::{RobustQuest, RobustSizes};

use crate::cells::job::CellJob;
use crate::cells::table::{CellRow, CellTable};
use look::Looks;
use quest::{MOST_PLACES, PARTS};

/// Which cells are wanted as the table fills.
#[derive(Debug)]
pub struct RobustSearch<'a> {
    quest: &'a RobustQuest,
    /// By range, the places that are looked at; empty before the first cells.
    places: Vec<BTreeSet<usize>>,
}

impl<'a> RobustSearch<'a> {
    /// A search that has not begun.
    #[must_use]
    pub fn new(quest: &'a RobustQuest) -> RobustSearch<'a> {
        RobustSearch {
            quest,
            places: Vec::new(),
        }
    }

    /// The cells that are wanted next: none when all is found.
    pub fn next(&mut self, table: &CellTable<CellRow>) -> Vec<CellJob> {
        let quest = self.quest;
        if self.places.is_empty() {
            self.places = vec![BTreeSet::from([0, PARTS]); quest.ranges.len().max(1)];
            let first = [0].into_iter().chain(quest.ends());
            let first = first.flat_map(|point| quest.cells(point, quest.replications));
            let sampled = quest
                .box_points()
                .flat_map(|point| quest.cells(point, quest.box_replications));
            return first.chain(sampled).collect();
        }
        let mut wanted = Vec::new();
        for key in 0..quest.ranges.len() {
            let looks = Looks { quest, table };
            let mut next: BTreeSet<usize> = BTreeSet::new();
            for (column, strategy) in looks.claims() {
                next.extend(looks.nearer(key, &self.places[key], column, strategy));
            }
            let room = (MOST_PLACES + 2).saturating_sub(self.places[key].len());
            for place in next.into_iter().take(room) {
                if self.places[key].insert(place) {
                    wanted.extend(quest.cells(quest.point(key, place), quest.replications));
                }
            }
        }
        wanted
    }

    /// What was found, when the table has all that was wanted.
    #[must_use]
    pub fn found(&self, table: &CellTable<CellRow>) -> Vec<ClaimTried> {
        found::claims(self.quest, &self.places, table)
    }
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
