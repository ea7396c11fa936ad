//! Drawing faults. The faults of a node under a law are a renewal process in calendar time, drawn from a
//! stream of the law and the node; a fault that strikes a broken node changes nothing.
//!
//! **The begin.** A fleet is not new at the epoch. Where the law's age is stationary, the node stands in its
//! process as it would after any length of time: the interval that holds the epoch is drawn by its length, and
//! the epoch falls anywhere in it. What lies before is drawn backwards, far enough that the state at the
//! epoch no longer hangs on where that begins, and then lived through: a fault breaks a node that is whole
//! for its detection and its hands-on work, and one that falls into that changes nothing. A node that is
//! broken at the epoch begins with what is left of the two, as a fault that strikes at once. What no tape
//! knows is left out: the wait for a technician, the operators' steps, and boots that have been run by then.

use super::draw::draw_errands;
use super::ids::JobId;
use super::laws::{Age, FaultLaw, MaintenancePlan};
use super::luck::Purpose;
use super::shares::walk;
use super::tape::{FaultTape, Job, Origin, Tape};
use crate::fleet::{Change, Fleet, NodeId};
use crate::kernel::streams::{Seed, Stream, word_of_all};
use crate::kernel::{Span, Time};

/// What one fault is.
#[derive(Clone, Debug)]
struct Drawn {
    kind: usize,
    detection: Span,
    work: Span,
    luck: u64,
    errands: Vec<Span>,
}

impl Drawn {
    fn of(law: &FaultLaw, stream: &mut Stream) -> Drawn {
        let kind = walk(law.kinds.iter().map(|kind| kind.share), stream.unit());
        let kind = kind.unwrap_or(law.kinds.len() - 1);
        let (detection, work) = (
            law.kinds[kind].detection.draw(stream),
            law.kinds[kind].work.draw(stream),
        );
        let luck = stream.word();
        Drawn {
            kind,
            detection,
            work,
            luck,
            errands: draw_errands(&law.errands, stream),
        }
    }

    /// What is left of it some time after it struck; none once it is over.
    fn left(mut self, since: Span) -> Option<Drawn> {
        let of_work = since.less(self.detection);
        self.detection = self.detection.less(since);
        let over = of_work >= self.work && self.detection == Span::ZERO;
        self.work = self.work.less(of_work);
        (!over).then_some(self)
    }
}

/// How far back the past goes at least, in mean times that a node is broken.
const FAR: f64 = 20.0;
/// So many faults back at most.
const MOST: usize = 1_000;

/// How a node stands at the epoch: what is left of the fault that it has, and how long it is to the next.
fn begin(law: &FaultLaw, stream: &mut Stream) -> (Option<Drawn>, Span) {
    let (age, next) = law.between.straddling(stream);
    let down: f64 = law
        .kinds
        .iter()
        .map(|kind| kind.share * (kind.detection.mean_ms() + kind.work.mean_ms()))
        .sum();
    // No fixed distance: where all times are fixed, what is found would hang on it.
    let far = down * FAR * (1.0 + stream.unit());
    let mut past = vec![(age, Drawn::of(law, stream))];
    let mut back = age;
    while (back.0 as f64) < far && past.len() < MOST {
        back += law.between.draw(stream);
        past.push((back, Drawn::of(law, stream)));
    }
    // How long before the epoch the node is whole again.
    let mut whole = Some(back);
    let mut broken = None;
    for (ago, fault) in past.into_iter().rev() {
        if whole.is_some_and(|whole| ago <= whole) {
            let lasts = fault.detection + fault.work;
            whole = (lasts <= ago).then(|| ago.less(lasts));
            broken = fault.left(ago);
        }
    }
    (broken.filter(|_| whole.is_none()), next)
}

/// By node: when it joins the fleet, if that is later than the epoch; nothing where no fault is drawn.
pub(super) fn joins(fleet: &Fleet, plan: &MaintenancePlan) -> Vec<Option<Time>> {
    if plan.faults.is_empty() {
        return Vec::new();
    }
    let mut joins = vec![None; fleet.nodes.len()];
    let later = fleet.boundaries.iter().filter(|due| due.change == Change::Joins);
    later.for_each(|due| joins[due.node.at()] = Some(due.at));
    joins
}

pub(super) fn draw_faults(
    tape: &mut Tape,
    (law, number): (&FaultLaw, usize),
    plan: &MaintenancePlan,
    (fleet, joins): (&Fleet, &[Option<Time>]),
    horizon: Time,
    seed: Seed,
) {
    let first_kind: usize = plan.faults[..number].iter().map(|earlier| earlier.kinds.len()).sum();
    let mut push = |id: NodeId, at: Time, fault: Drawn| {
        let (job, place) = (JobId(tape.jobs.len() as u32), tape.faults.len() as u32);
        tape.jobs.push(Job {
            node: id,
            origin: Origin::Fault(place),
            work: fault.work,
            errands: fault.errands,
            luck: fault.luck,
        });
        tape.faults.push(FaultTape {
            job,
            at,
            kind: (first_kind + fault.kind) as u16,
            law: number as u16,
            detection: fault.detection,
        });
    };
    for id in fleet.ids() {
        if !law.strikes(fleet.node(id).class) {
            continue;
        }
        let entity = word_of_all(&[law.word, fleet.word(id)]);
        let mut stream = seed.stream(Purpose::Fault as u64, entity);
        let mut at = joins[id.at()].unwrap_or(Time::ZERO);
        if law.age == Age::Stationary && joins[id.at()].is_none() {
            let (broken, next) = begin(law, &mut seed.stream(Purpose::Age as u64, entity));
            if let Some(fault) = broken {
                push(id, Time::ZERO, fault);
            }
            at += next;
        } else {
            at += law.between.draw(&mut stream);
        }
        while at < horizon {
            push(id, at, Drawn::of(law, &mut stream));
            at += law.between.draw(&mut stream);
        }
    }
}
