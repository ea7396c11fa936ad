//! The event loop: pop, advance, digest, handle.

use super::agenda::{Agenda, Ranked};
use super::digest::Digest;
use super::time::Time;

/// What the loop drives: a model over a closed set of events.
pub trait Model {
    /// The events, a closed `Copy` enum; as they are packed they are folded into the trajectory digest.
    type Event: Ranked;

    /// Handles one event; whatever follows from it goes onto the agenda.
    fn handle(&mut self, at: Time, event: Self::Event, agenda: &mut Agenda<Self::Event>);
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing was pending any more.
    Drained,
    /// The next event lay at or beyond the horizon.
    Horizon,
    /// The event budget was spent.
    Budget,
    /// `halt` said so.
    Halted,
}

/// When a run ends at the latest.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Events at or after this instant are not handled.
    pub horizon: Time,
    /// At most this many events are handled.
    pub events: u64,
}

/// Runs `model` until a limit; returns why it stopped and how many events were handled.
///
/// `halt` is asked every 4,096 events.
pub fn run<M: Model>(
    model: &mut M,
    agenda: &mut Agenda<M::Event>,
    digest: &mut Digest,
    limits: Limits,
    halt: &dyn Fn() -> bool,
) -> (Stop, u64) {
    let mut handled = 0;
    // One comparison an event for both: the budget, and whether `halt` is to be asked.
    let mut pause = limits.events.min(4095);
    loop {
        if handled >= pause {
            match agenda.next_time() {
                Some(at) if at < limits.horizon && handled >= limits.events => return (Stop::Budget, handled),
                Some(at) if at < limits.horizon && halt() => return (Stop::Halted, handled),
                _ => pause = limits.events.min(handled + 4096),
            }
        }
        let Some((at, packed)) = agenda.pop_before(limits.horizon) else {
            let stop = if agenda.is_empty() {
                Stop::Drained
            } else {
                Stop::Horizon
            };
            return (stop, handled);
        };
        digest.stamp(at, u64::from(packed.kind), packed.word);
        model.handle(at, M::Event::unpack(packed), agenda);
        handled += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::agenda::Packed;
    use crate::kernel::time::Span;

    #[derive(Clone, Copy)]
    struct Tick(u64);
    impl Ranked for Tick {
        fn rank(&self) -> u8 {
            0
        }
        fn pack(&self) -> Packed {
            Packed { kind: 0, word: self.0 }
        }
        fn unpack(packed: Packed) -> Tick {
            Tick(packed.word)
        }
    }
    struct Clock(Vec<u64>);
    impl Model for Clock {
        type Event = Tick;
        fn handle(&mut self, at: Time, tick: Tick, agenda: &mut Agenda<Tick>) {
            self.0.push(at.0);
            if tick.0 > 0 {
                agenda.push(at + Span(10), Tick(tick.0 - 1));
            }
        }
    }

    fn ticks(horizon: u64, events: u64, halted: bool) -> (Stop, u64, Vec<u64>) {
        let (mut clock, mut agenda) = (Clock(Vec::new()), Agenda::new());
        agenda.push(Time(0), Tick(10_000));
        let limits = Limits {
            horizon: Time(horizon),
            events,
        };
        let (stop, handled) = run(&mut clock, &mut agenda, &mut Digest::default(), limits, &|| halted);
        (stop, handled, clock.0)
    }

    #[test]
    fn every_stop_reason_is_reached() {
        assert_eq!(ticks(25, 99, false), (Stop::Horizon, 3, vec![0, 10, 20]));
        assert_eq!(ticks(1000, 2, false).0, Stop::Budget);
        assert_eq!(ticks(u64::MAX, u64::MAX, false).0, Stop::Drained);
        assert_eq!(
            ticks(u64::MAX, u64::MAX, true),
            (Stop::Halted, 4095, (0..4095).map(|i| i * 10).collect())
        );
    }
}
