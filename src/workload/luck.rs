//! What is drawn of something's luck: a number of its own from which every use draws apart from the others.

use crate::kernel::streams::{mix, unit};
use crate::kernel::{Law, Span};

/// What a stream is for.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum Purpose {
    Demand = 1,
    Given = 2,
    Spell = 3,
    Fault = 4,
    CampaignPick = 5,
    CampaignJob = 6,
    Rest = 7,
    Age = 8,
}

/// Whether the instance needs a rescue.
pub const RESCUE: u64 = 1;
/// When in its life.
pub const RESCUE_AT: u64 = 2;
/// How long.
pub const RESCUE_LENGTH: u64 = 3;
/// Whether the request names an owner.
pub const OWNER: u64 = 4;
/// Ties among equally weighed candidates.
pub const TIE: u64 = 5;
/// Deploy time, by attempt and member.
pub const DEPLOY: u64 = 1 << 16;
/// Failure of a build, by attempt and member.
pub const BUILD: u64 = 2 << 16;
/// Cleaning time.
pub const CLEAN: u64 = 3 << 16;
/// Failure of a clean.
pub const CLEAN_FAILS: u64 = 4 << 16;
/// Latency of an operators' step, by step.
pub const STEP: u64 = 5 << 16;
/// Slip of an operators' step, by step.
pub const SLIP: u64 = 6 << 16;
/// Time of a deploy by hand, by errand.
pub const BY_HAND: u64 = 7 << 16;
/// Whether a forgotten return goes to a wrong pool.
pub const WRONG_POOL: u64 = 8 << 16;
/// What is left of a hold whose end is not known.
pub const RUNNING: u64 = 10 << 16;
/// Whether a human takes the flag off under others.
pub const SLIP_FLAG: u64 = 9 << 16;

/// A uniform number for use `purpose` of something whose luck is `luck`.
#[must_use]
#[inline]
pub fn chance(luck: u64, purpose: u64) -> f64 {
    unit(mix(luck ^ mix(purpose)))
}

/// The span that `law` gives for use `purpose` of something whose luck is `luck`.
#[must_use]
#[inline]
pub fn span_by(law: &Law, luck: u64, purpose: u64) -> Span {
    span_of(law, || luck, purpose)
}

/// The same, where the luck is only worked out for a law that asks for it.
#[must_use]
#[inline]
pub fn span_of(law: &Law, luck: impl FnOnce() -> u64, purpose: u64) -> Span {
    match law {
        Law::Fixed(span) => *span,
        _ => drawn_by(law, luck(), purpose),
    }
}

/// Apart, so that what is fixed is known where `span_of` is compiled in.
#[inline(never)]
fn drawn_by(law: &Law, luck: u64, purpose: u64) -> Span {
    law.at(chance(luck, purpose), chance(luck, purpose ^ (1 << 63)))
}
