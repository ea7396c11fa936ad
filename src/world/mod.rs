//! The world: the one place where events change the fleet. It keeps no figures: what happens is
//! told to observers as past-tense facts.
//!
//! Three rooms hold what events change, each with its own fields: the control plane (`plane`), `tenancy` and `upkeep`.
//! The first knows neither of the others, and those two do not know each other. What concerns several of them is here:
//!
//! - `requests`, `maintenance`, `power`, `rescue`: what is due, by the agenda
//! - `windows`: a node's course through maintenance, `steps` by which it goes out of service and comes back
//! - `errands`: the operators' boots on it; `slips`: what humans forget; `operators_lease`: when they lease it
//! - `turnover`: what happens on a node when its occupant comes or goes
//!
//! And what everybody speaks of:
//!
//! - `event` and `fact`, `inputs` and `settings`, `standing`: where a node stands
//! - `asking`: requests in the scheduler's terms
//! - `standstill`: the law that time moves on

pub mod asking;
pub mod event;
pub mod fact;
pub mod inputs;
pub mod settings;
pub mod standing;

mod errands;
mod maintenance;
mod operators_lease;
mod plane;
mod power;
mod requests;
mod rescue;
mod slab;
mod slips;
mod standstill;
mod state;
mod steps;
mod tenancy;
mod turnover;
mod upkeep;
mod windows;

#[cfg(test)]
mod tests;

pub use asking::Clerk;
pub use event::Event;
pub use fact::{BuildError, CAUSES, Cause, Deed, ErrandEnd, Fact, Observer, Sight, Truth};
pub use inputs::Inputs;
pub use plane::calendar as leases;
pub use settings::{Ironic, Loop, Operators, Settings};
pub use standing::{PROVISIONS, Standing};
pub use standstill::LAW as TIME_MOVES_ON;
pub use upkeep::CampaignEnd;

use crate::kernel::{Agenda, Digest, Limits, Simulation, Stop, Time, run as run_kernel};
use state::World;

/// What a run gives back.
#[derive(Debug)]
pub struct Ended<O> {
    /// The observers.
    pub observers: O,
    /// How far each campaign of the plan has come.
    pub campaigns: Vec<CampaignEnd>,
    /// A digest of the requests that were made.
    pub requests_digest: Digest,
    /// The events' half of the trajectory digest.
    pub events_digest: Digest,
    /// Why it stopped.
    pub stop: Stop,
    /// Events handled.
    pub events: u64,
}

/// Runs a world to its horizon, telling `observers` every fact.
///
/// # Panics
/// When an invariant of the world is broken, which is a bug and not the input's doing; and when time stands still.
pub fn run<O: Observer>(inputs: Inputs<'_>, observers: O, halt: &dyn Fn() -> bool) -> Ended<O> {
    let mut world = World::new(inputs, observers);
    world.begin();
    let mut events_digest = Digest::default();
    let limits = Limits {
        horizon: inputs.horizon,
        events: u64::MAX,
    };
    let (stop, events) = run_kernel(&mut world, &mut events_digest, limits, halt);
    if let Stop::Stuck { at, kinds } = stop {
        panic!("{}", standstill::told(at, kinds));
    }
    world.plane.now = inputs.horizon;
    world.upkeep.end(&mut world.plane);
    let campaigns = world.upkeep.campaigns.ends();
    let (observers, requests) = world.plane.end();
    Ended {
        observers,
        campaigns,
        requests_digest: requests.digest(),
        events_digest,
        stop,
        events,
    }
}

impl<O: Observer> Simulation for World<'_, O> {
    type Event = Event;

    fn agenda(&mut self) -> &mut Agenda<Event> {
        &mut self.plane.agenda
    }

    fn handle(&mut self, at: Time, event: Event) {
        self.plane.now = at;
        match event {
            Event::Boundary(n) => self.boundary(n),
            Event::HoldEnds { node, epoch } => self.hold_ends(node, epoch),
            Event::Built { node, epoch } => self.built_if(node, epoch),
            Event::BuildFails(n) => self.build_fails(n),
            Event::Cleaned { node, epoch } => self.cleaned_if(node, epoch),
            Event::Rescue { node, epoch } => self.rescue_moves(node, epoch),
            Event::FaultStrikes(n) => self.fault_strikes(n),
            Event::FaultNoticed(n) => self.fault_noticed(n),
            Event::PowerSync(node) => self.power_synced(node),
            Event::PowerRecovery(node) => self.power_recovers(node),
            Event::SpellStarts(n) => self.spell_starts(n),
            Event::SpellEnds(n) => self.spell_ends(n),
            Event::Campaign(n) => self.launch(n),
            Event::Step { node, turn } => self.step_done(node, turn),
            Event::Deadline(n) => self.deadline(n),
            Event::LeaseEnds(n) => self.lease_ends(n),
            Event::LeaseAsked(n) => self.plane.lease_asked(n),
            Event::LeaseNear(request) => self.plane.lease_near(request),
            Event::WorkDone(n) => self.work_done(n),
            Event::Shift => self.shift_begins(),
            Event::WorkHour(n) => self.work_hour(n),
            Event::Errand { window, turn } => self.errand_moves(window, turn),
            Event::Publish { node, moves } => self.plane.publish(node, moves),
            Event::Snapshot { node, moves } => self.plane.snapshot(node, moves),
            Event::Audit => self.audit(),
            Event::Arrival(n) => self.arrival(n),
            Event::Retry(n) => self.retry(n),
            Event::GiveUp(n) => self.tenancy.give_up(&mut self.plane, n),
            Event::Wake(class) => self.wake(class),
        }
        self.plane.rest();
    }

    fn patience(&self) -> u64 {
        let things = self.plane.truth.fleet.nodes.len() + self.tenancy.hopes.len();
        let attempts = self.plane.rules.policy().attempts;
        self.plane.asked.patience(self.plane.now, things, attempts)
    }
}
