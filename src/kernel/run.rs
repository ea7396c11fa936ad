//! The event loop: pop, advance, digest, handle.

use super::agenda::{Agenda, Ranked};
use super::digest::Digest;
use super::time::{Span, Time};

/// What the loop drives: a model over a closed set of events.
pub trait Simulation {
    /// The events, a closed `Copy` enum; as they are packed they are folded into the trajectory digest.
    type Event: Ranked;

    /// What is to happen. The model keeps it, so that whatever handles an event can put onto it what follows.
    fn agenda(&mut self) -> &mut Agenda<Self::Event>;

    /// Handles one event.
    fn handle(&mut self, at: Time, event: Self::Event);

    /// How many events may follow each other at one instant, by what has been asked of the model. A longer chain is
    /// taken for one without an end. Asked for now and then while time stands still; the largest answer counts.
    fn patience(&self) -> u64 {
        u64::MAX
    }
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
    /// Time stood still: more events than the model has patience for followed each other at one instant.
    Stuck {
        /// The instant.
        at: Time,
        /// The kinds of the last events, one bit each.
        kinds: u64,
    },
}

/// When a run ends at the latest.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Events at or after this instant are not handled.
    pub horizon: Time,
    /// At most this many events are handled.
    pub events: u64,
}

/// The kinds of so many events are told of a chain without an end.
const LAST: u32 = 256;

/// Whether time moves on. It is looked at where the loop pauses, so that an event costs nothing.
#[derive(Default)]
struct Watch {
    at: Option<Time>,
    /// How many events had been handled when the instant was first seen.
    since: u64,
    patience: u64,
}

impl Watch {
    /// Whether the loop, at `at` after so many events, has stood still for too long.
    fn stands_still(&mut self, at: Time, handled: u64, patience: u64) -> bool {
        if self.at == Some(at) {
            self.patience = self.patience.max(patience);
        } else {
            (self.at, self.since, self.patience) = (Some(at), handled, patience);
        }
        handled - self.since > self.patience
    }
}

/// Takes the last events of a chain without an end, for the kinds that it is made of.
fn last_kinds<M: Simulation>(model: &mut M, at: Time) -> u64 {
    let mut kinds = 0;
    for _ in 0..LAST {
        let Some((now, packed)) = model.agenda().pop_before(at + Span(1)) else {
            break;
        };
        kinds |= 1_u64.checked_shl(u32::from(packed.kind)).unwrap_or(0);
        model.handle(now, M::Event::unpack(packed));
    }
    kinds
}

/// Runs `model` until a limit; returns why it stopped and how many events were handled.
///
/// Every 4,096 events `halt` is asked, and whether time moves on.
pub fn run<M: Simulation>(model: &mut M, digest: &mut Digest, limits: Limits, halt: &dyn Fn() -> bool) -> (Stop, u64) {
    let mut handled = 0;
    // One comparison an event for both: the budget, and whether `halt` is to be asked.
    let mut pause = limits.events.min(4095);
    let mut watch = Watch::default();
    loop {
        if handled >= pause {
            match model.agenda().next_time() {
                Some(at) if at < limits.horizon && handled >= limits.events => return (Stop::Budget, handled),
                Some(at) if at < limits.horizon && halt() => return (Stop::Halted, handled),
                Some(at) if watch.stands_still(at, handled, model.patience()) => {
                    let kinds = last_kinds(model, at);
                    return (Stop::Stuck { at, kinds }, handled);
                }
                _ => pause = limits.events.min(handled + 4096),
            }
        }
        let Some((at, packed)) = model.agenda().pop_before(limits.horizon) else {
            let stop = if model.agenda().is_empty() {
                Stop::Drained
            } else {
                Stop::Horizon
            };
            return (stop, handled);
        };
        digest.stamp(at, u64::from(packed.kind), packed.word);
        model.handle(at, M::Event::unpack(packed));
        handled += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::agenda::Packed;

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
    struct Clock(Vec<u64>, Agenda<Tick>);
    impl Simulation for Clock {
        type Event = Tick;
        fn agenda(&mut self) -> &mut Agenda<Tick> {
            &mut self.1
        }
        fn handle(&mut self, at: Time, tick: Tick) {
            self.0.push(at.0);
            if tick.0 > 0 {
                self.1.push(at + Span(10), Tick(tick.0 - 1));
            }
        }
    }

    fn ticks(horizon: u64, events: u64, halted: bool) -> (Stop, u64, Vec<u64>) {
        let mut clock = Clock(Vec::new(), Agenda::new());
        clock.1.push(Time(0), Tick(10_000));
        let limits = Limits {
            horizon: Time(horizon),
            events,
        };
        let (stop, handled) = run(&mut clock, &mut Digest::default(), limits, &|| halted);
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

    /// Two kinds of events that follow each other at one instant for so many turns.
    struct Circle {
        agenda: Agenda<Turn>,
        turns: u64,
        patience: u64,
    }
    #[derive(Clone, Copy)]
    struct Turn(u8);
    impl Ranked for Turn {
        fn rank(&self) -> u8 {
            0
        }
        fn pack(&self) -> Packed {
            Packed { kind: self.0, word: 0 }
        }
        fn unpack(packed: Packed) -> Turn {
            Turn(packed.kind)
        }
    }
    impl Simulation for Circle {
        type Event = Turn;
        fn agenda(&mut self) -> &mut Agenda<Turn> {
            &mut self.agenda
        }
        fn handle(&mut self, at: Time, turn: Turn) {
            if self.turns > 0 {
                self.turns -= 1;
                self.agenda.push(at, Turn(turn.0 ^ 6));
            }
        }
        fn patience(&self) -> u64 {
            self.patience
        }
    }

    #[test]
    fn a_chain_at_one_instant_ends_by_itself_or_is_told_with_its_kinds() {
        let circle = |turns, patience| {
            let mut model = Circle {
                agenda: Agenda::new(),
                turns,
                patience,
            };
            model.agenda.push(Time(7), Turn(5));
            let limits = Limits {
                horizon: Time(99),
                events: u64::MAX,
            };
            run(&mut model, &mut Digest::default(), limits, &|| false)
        };
        let kinds = 1 << 5 | 1 << 3;
        let (stop, handled) = circle(u64::MAX, 50_000);
        assert_eq!(stop, Stop::Stuck { at: Time(7), kinds });
        assert!((50_000..60_000).contains(&handled), "{handled}");
        assert_eq!(circle(49_999, 50_000), (Stop::Drained, 50_000));
    }
}
