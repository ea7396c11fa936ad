//! What a run is given.

use crate::fleet::Fleet;
use crate::kernel::{Law, Time};
use crate::scheduler::Policy;
use crate::strategy::Strategy;
use crate::workload::{Demand, MaintenancePlan, Tape};
use crate::world::Settings;

/// Everything that a run depends on.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The fleet at time 0.
    pub fleet: &'a Fleet,
    /// The tape.
    pub tape: &'a Tape,
    /// The demand that the tape was drawn from: patience and the like, by source.
    pub demand: &'a Demand,
    /// The maintenance that the tape was drawn from: kinds of fault, drain rules, budgets.
    pub maintenance: &'a MaintenancePlan,
    /// The strategy.
    pub strategy: &'a dyn Strategy,
    /// The scheduler.
    pub policy: &'a Policy,
    /// The rest.
    pub settings: &'a Settings,
    /// When the run ends.
    pub horizon: Time,
}

impl Inputs<'_> {
    /// Whether anything about a clean is drawn: its time, whether it fails, the work after it.
    #[must_use]
    pub fn cleans_vary(&self) -> bool {
        let ironic = &self.settings.ironic;
        let fixed = |law: &Law| matches!(law, Law::Fixed(_));
        !fixed(&ironic.cleaning) || ironic.clean_failure > 0.0 || !fixed(&self.maintenance.clean_work)
    }
}
