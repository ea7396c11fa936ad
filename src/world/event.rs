//! The events of the world: a closed set, and the one table of their ranks.

use crate::fleet::{NodeId, RequestId, WindowId};
use crate::kernel::{Packed, Ranked};

/// What happens next. Epochs and generations void an event whose occasion has passed.
#[expect(missing_docs, reason = "the fields are the ids that the variant's own line names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A dictated change of a node is due (its place in the fleet's boundaries).
    Boundary(u32),
    /// An instance's hold ends.
    HoldEnds { node: NodeId, epoch: u32 },
    /// A deploy ends.
    Built { node: NodeId, epoch: u32 },
    /// A doomed build fails (its place among the attempts under way).
    BuildFails(u32),
    /// Automated cleaning ends.
    Cleaned { node: NodeId, epoch: u32 },
    /// A tenant wants, gets, leaves or is back from rescue.
    Rescue { node: NodeId, epoch: u32 },
    /// A fault strikes (its place on the tape).
    FaultStrikes(u32),
    /// A fault is noticed.
    FaultNoticed(u32),
    /// Ironic's loop compares the node's power state with the machine.
    PowerSync(NodeId),
    /// Ironic's check looks whether a power failure has recovered.
    PowerRecovery(NodeId),
    /// A recorded spell begins (its place on the tape).
    SpellStarts(u32),
    /// A recorded window ends.
    SpellEnds(WindowId),
    /// A campaign looks for nodes to begin with.
    Campaign(u32),
    /// The next step of a node's entry or return is done.
    Step { node: NodeId, turn: u32 },
    /// A window's drain deadline.
    Deadline(WindowId),
    /// The operators' lease of a node ends.
    LeaseEnds(NodeId),
    /// A request is asked for in advance (its place among those), under leases.
    LeaseAsked(u32),
    /// A request's lease is near, and its node may be the operators'.
    LeaseNear(RequestId),
    /// Hands-on work ends.
    WorkDone(WindowId),
    /// A shift of technicians begins.
    Shift,
    /// The hours in which a window's hands-on work may begin have come.
    WorkHour(WindowId),
    /// An errand's next move.
    Errand { window: WindowId, turn: u32 },
    /// The loop reaches a node and writes what it read to Placement.
    Publish { node: NodeId, moves: u32 },
    /// The loop reads a node.
    Snapshot { node: NodeId, moves: u32 },
    /// The operators audit what was forgotten.
    Audit,
    /// A request is decided (its place on the tape).
    Arrival(RequestId),
    /// A refused request asks again.
    Retry(RequestId),
    /// A waiting request's patience ends.
    GiveUp(RequestId),
    /// Capacity came back to a class with a line.
    Wake(u16),
}

impl Event {
    /// How many kinds there are; `pack` numbers them.
    pub const KINDS: u8 = 29;
}

impl Ranked for Event {
    /// The order of simultaneous events. Capacity returns before it is asked for: dictated changes,
    /// leaving tenants, finished deploys and cleans; then faults and maintenance; then the loop,
    /// which writes the older reading before it takes a new one; then those who ask.
    #[inline]
    fn rank(&self) -> u8 {
        match self {
            Event::Boundary(_) => 0,
            Event::HoldEnds { .. } => 1,
            Event::Built { .. } => 2,
            Event::BuildFails(_) => 3,
            Event::Cleaned { .. } => 4,
            Event::Rescue { .. } => 5,
            Event::FaultStrikes(_) => 6,
            Event::FaultNoticed(_) | Event::PowerSync(_) | Event::PowerRecovery(_) => 7,
            Event::SpellEnds(_) => 8,
            Event::SpellStarts(_) => 9,
            Event::WorkDone(_) => 10,
            Event::LeaseEnds(_) | Event::LeaseNear(_) | Event::LeaseAsked(_) => 11,
            Event::Campaign(_) => 12,
            Event::Step { .. } => 13,
            Event::Deadline(_) => 14,
            Event::Shift | Event::WorkHour(_) => 15,
            Event::Publish { .. } => 16,
            Event::Snapshot { .. } => 17,
            Event::Audit => 18,
            Event::Errand { .. } => 19,
            Event::Wake(_) => 20,
            Event::Retry(_) => 21,
            Event::Arrival(_) => 22,
            Event::GiveUp(_) => 23,
        }
    }

    #[inline]
    fn pack(&self) -> Packed {
        let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
        let word = match *self {
            Event::HoldEnds { node, epoch }
            | Event::Built { node, epoch }
            | Event::Cleaned { node, epoch }
            | Event::Rescue { node, epoch } => pair(node.0, epoch),
            Event::Step { node, turn } => pair(node.0, turn),
            Event::Errand { window, turn } => pair(window.0, turn),
            Event::Publish { node, moves } | Event::Snapshot { node, moves } => pair(moves, node.0),
            Event::PowerSync(node) | Event::PowerRecovery(node) | Event::LeaseEnds(node) => u64::from(node.0),
            Event::Wake(n) => u64::from(n),
            Event::Boundary(n)
            | Event::BuildFails(n)
            | Event::FaultStrikes(n)
            | Event::FaultNoticed(n)
            | Event::SpellStarts(n)
            | Event::LeaseAsked(n)
            | Event::Campaign(n) => u64::from(n),
            Event::SpellEnds(window) | Event::Deadline(window) | Event::WorkDone(window) | Event::WorkHour(window) => {
                u64::from(window.0)
            }
            Event::LeaseNear(request) | Event::Arrival(request) | Event::Retry(request) | Event::GiveUp(request) => {
                u64::from(request.0)
            }
            Event::Shift | Event::Audit => 0,
        };
        // Kinds are ranks, but those that share another's rank have a number of their own.
        let kind = match self {
            Event::PowerSync(_) => 24,
            Event::PowerRecovery(_) => 25,
            Event::LeaseAsked(_) => 26,
            Event::LeaseNear(_) => 27,
            Event::WorkHour(_) => 28,
            _ => self.rank(),
        };
        Packed { kind, word }
    }

    #[inline]
    fn unpack(Packed { kind, word }: Packed) -> Event {
        let (high, low) = ((word >> 32) as u32, word as u32);
        let (node, epoch, turn) = (NodeId(high), low, low);
        let (request, window) = (RequestId(low), WindowId(low));
        match kind {
            0 => Event::Boundary(low),
            1 => Event::HoldEnds { node, epoch },
            2 => Event::Built { node, epoch },
            3 => Event::BuildFails(low),
            4 => Event::Cleaned { node, epoch },
            5 => Event::Rescue { node, epoch },
            6 => Event::FaultStrikes(low),
            7 => Event::FaultNoticed(low),
            8 => Event::SpellEnds(window),
            9 => Event::SpellStarts(low),
            10 => Event::WorkDone(window),
            11 => Event::LeaseEnds(NodeId(low)),
            12 => Event::Campaign(low),
            13 => Event::Step { node, turn },
            14 => Event::Deadline(window),
            15 => Event::Shift,
            16 => Event::Publish {
                node: NodeId(low),
                moves: high,
            },
            17 => Event::Snapshot {
                node: NodeId(low),
                moves: high,
            },
            18 => Event::Audit,
            19 => Event::Errand {
                window: WindowId(high),
                turn,
            },
            20 => Event::Wake(low as u16),
            21 => Event::Retry(request),
            22 => Event::Arrival(request),
            23 => Event::GiveUp(request),
            24 => Event::PowerSync(NodeId(low)),
            25 => Event::PowerRecovery(NodeId(low)),
            26 => Event::LeaseAsked(low),
            27 => Event::LeaseNear(request),
            28 => Event::WorkHour(window),
            _ => unreachable!("no event is of kind {kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind once, with all bits of what it says: `unpack` names each, and the compiler sees to it that
    /// `rank` and `pack` do.
    #[test]
    fn events_come_back_as_they_were_packed() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in 0..Event::KINDS {
            let event = Event::unpack(Packed { kind, word: u64::MAX });
            let packed = event.pack();
            assert_eq!((packed.kind, Event::unpack(packed)), (kind, event));
            seen.insert(format!("{event:?}").split([' ', '(']).next().map(str::to_owned));
            let few = Event::unpack(Packed {
                kind,
                word: 7 << 32 | 5,
            });
            assert_eq!(Event::unpack(few.pack()), few);
        }
        assert_eq!(seen.len(), usize::from(Event::KINDS), "no two kinds are one event");
    }
}
