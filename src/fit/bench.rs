//! What a profile is made of, and what is kept while it is made.

use super::tried::LawTried;
use crate::import::neutral::{NodeRecord, RequestRecord, SpellRecord};
use crate::kernel::streams::{Seed, Stream, word_of};
use crate::kernel::{Clock, Span, Time};

/// A trace, as its files tell it.
#[derive(Clone, Copy, Debug)]
pub struct FitInput<'a> {
    /// The machines.
    pub nodes: &'a [NodeRecord],
    /// The requests.
    pub requests: &'a [RequestRecord],
    /// The spells of maintenance.
    pub spells: &'a [SpellRecord],
    /// How long work waits for a node's tenant at most, by the scenario beside the trace; none: until it leaves.
    pub longest_wait: Option<Span>,
    /// When the trace ends.
    pub horizon: Time,
    /// What the clocks show.
    pub clock: &'a Clock,
}

/// How it is to be fitted.
#[derive(Clone, Copy, Debug)]
pub struct FitWish {
    /// The seed of the bootstraps.
    pub seed: u64,
    /// The level of intervals.
    pub confidence: f64,
    /// Samples of each bootstrap.
    pub samples: usize,
    /// Classes are called class-1, class-2, … in the profile.
    pub rename_classes: bool,
}

impl Default for FitWish {
    fn default() -> FitWish {
        FitWish {
            seed: 1,
            confidence: 0.95,
            samples: 199,
            rename_classes: false,
        }
    }
}

/// Something that was left out or changed, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// How many.
    pub count: u64,
    /// What, and why.
    pub what: String,
}

/// Milliseconds of a day.
pub(crate) const DAY_MS: f64 = 86_400_000.0;

/// What is used and filled while a profile is made.
pub(crate) struct Bench {
    pub wish: FitWish,
    pub laws: Vec<LawTried>,
    pub left_out: Vec<LeftOut>,
}

impl Bench {
    /// A stream of random numbers for what is called so.
    pub fn stream(&self, of: &str) -> Stream {
        let seed = Seed {
            master: self.wish.seed,
            replication: 0,
        };
        seed.stream(0, word_of(of))
    }

    /// Notes what was left out, if it was any.
    pub fn leave_out(&mut self, count: u64, what: &str) {
        if let Some(known) = self.left_out.iter_mut().find(|known| known.what == what) {
            known.count += count;
        } else if count > 0 {
            self.left_out.push(LeftOut {
                count,
                what: what.to_owned(),
            });
        }
    }
}
