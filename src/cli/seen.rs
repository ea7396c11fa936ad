//! A sweep as its figures and its page show it.

use crate::report::page::SweepSeen;
use crate::report::plots::sweep::Drawn;
use crate::store::sweep::Sweep;
use crate::store::sweep::merge::SweepPoints;

/// What is drawn of a sweep and of what its shards say.
pub fn seen<'a>(sweep: &'a Sweep, points: &'a SweepPoints) -> SweepSeen<'a> {
    SweepSeen {
        drawn: Drawn {
            manifest: &sweep.manifest,
            digest: &points.digest,
            points: &points.points,
        },
        mark: &points.mark,
        broken: points.broken.len(),
        scenario: &sweep.text,
    }
}
