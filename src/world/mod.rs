//! The world: the one place where events change the fleet. It keeps no figures: what happens is
//! told to observers as past-tense facts.
//!
//! - `asking`: requests in the scheduler's terms
//! - `tenants`: a request's course from arrival to release, `builds` what of it happens on nodes
//! - `lines`: who waits, and when they are asked again; `reach`: what could ever serve a request
//! - `nodes`: what happens to a node whoever is on it: vacating, cleaning, joining, leaving
//! - `rescue`: Case A
//! - `leaving`: a node's way out of the fleet, in maintenance or not
//! - `faults`: what breaks
//! - `campaigns`: whose turn it is in planned maintenance, `places` what their budgets count
//! - `leases`: Blazar's calendar
//! - `ironic`: Ironic's flag, and what waits for it to be cleared
//! - `windows`: a node's course through maintenance, `hands` the technicians' work in it
//! - `errands`: the operators' work on it (Case B), `boots` their boots through Nova
//! - `slips`: flags and marks that are taken off too early
//! - `standstill`: the law that time moves on
//! - `sync`: how facts reach the scheduler's view, `periodic` when the compute service's passes begin

pub mod asking;
pub mod event;
pub mod fact;
pub mod inputs;
pub mod leases;
pub mod settings;
pub mod standing;

mod boots;
mod builds;
mod campaigns;
mod desk;
mod errands;
mod faults;
mod hands;
mod ironic;
mod leaving;
mod lines;
mod nodes;
mod periodic;
mod places;
mod reach;
mod rescue;
mod slips;
mod standstill;
mod state;
mod sync;
mod tenants;
mod windows;

#[cfg(test)]
mod tests;

pub use asking::Clerk;
pub use campaigns::CampaignEnd;
pub use event::Event;
pub use fact::{BuildError, CAUSES, Cause, Deed, ErrandEnd, Fact, Observer, Sight};
pub use inputs::{Ended, Inputs};
pub use settings::{Ironic, Loop, Operators, Settings};
pub use standing::{PROVISIONS, Standing};
pub use standstill::LAW as TIME_MOVES_ON;

use crate::kernel::{Agenda, Digest, Limits, Simulation, Stop, Time, run as run_kernel};
use state::World;

/// Runs a world to its horizon, telling `observers` every fact.
///
/// # Panics
/// When an invariant of the world is broken, which is a bug and not the input's doing; and when time stands still.
pub fn run<O: Observer>(inputs: Inputs<'_>, observers: O, halt: &dyn Fn() -> bool) -> Ended<O> {
    let mut agenda = Agenda::new();
    let mut world = World::new(inputs, observers);
    world.begin(&mut agenda);
    let mut events_digest = Digest::default();
    let limits = Limits {
        horizon: inputs.horizon,
        events: u64::MAX,
    };
    let (stop, events) = run_kernel(&mut world, &mut agenda, &mut events_digest, limits, halt);
    if let Stop::Stuck { at, kinds } = stop {
        panic!("{}", standstill::told(at, kinds));
    }
    world.now = inputs.horizon;
    world.tell(Fact::Ended);
    Ended {
        observers: world.observers,
        campaigns: world.campaigns.ends(),
        requests_digest: world.sight.requests.digest(),
        events_digest,
        stop,
        events,
    }
}

impl<O: Observer> Simulation for World<'_, O> {
    type Event = Event;

    fn handle(&mut self, at: Time, event: Event, agenda: &mut Agenda<Event>) {
        self.now = at;
        match event {
            Event::Boundary(n) => self.boundary(n, agenda),
            Event::HoldEnds { node, epoch } => self.hold_ends(node, epoch, agenda),
            Event::Built { node, epoch } => self.built_if(node, epoch, agenda),
            Event::BuildFails(n) => self.build_fails(n, agenda),
            Event::Cleaned { node, epoch } => self.cleaned_if(node, epoch, agenda),
            Event::Rescue { node, epoch } => self.rescue_moves(node, epoch, agenda),
            Event::FaultStrikes(n) => self.fault_strikes(n, agenda),
            Event::FaultNoticed(n) => self.fault_noticed(n, agenda),
            Event::PowerSync(node) => self.power_synced(node, agenda),
            Event::PowerRecovery(node) => self.power_recovers(node, agenda),
            Event::SpellStarts(n) => self.spell_starts(n, agenda),
            Event::SpellEnds(n) => self.spell_ends(n, agenda),
            Event::Campaign(n) => self.launch(n, agenda),
            Event::Step { node, turn } => self.step_done(node, turn, agenda),
            Event::Deadline(n) => self.deadline(n, agenda),
            Event::LeaseEnds(n) => self.lease_ends(n, agenda),
            Event::LeaseAsked(n) => self.lease_asked(n, agenda),
            Event::LeaseNear(request) => self.lease_near(request),
            Event::WorkDone(n) => self.work_done(n, agenda),
            Event::Shift => self.shift_begins(agenda),
            Event::WorkHour(n) => self.work_hour(n, agenda),
            Event::Errand { window, turn } => self.errand_moves(window, turn, agenda),
            Event::Publish(node) => self.publish(node, agenda),
            Event::Snapshot(node) => self.snapshot(node, agenda),
            Event::Audit => self.audit(agenda),
            Event::Arrival(n) => self.arrival(n, agenda),
            Event::Retry(n) => self.retry(n, agenda),
            Event::GiveUp(n) => self.give_up(n, agenda),
            Event::Wake(class) => self.wake(class, agenda),
        }
        self.observers.rested(at, &self.sight);
    }

    fn patience(&self) -> u64 {
        self.patience_now()
    }
}
