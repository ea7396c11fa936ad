//! What is asked of the fleet: requests, errands, faults, spells, campaigns; and the tape onto
//! which all of it is drawn before a run, because no policy may influence it.

pub mod draw;
pub mod extras;
pub mod laws;
pub mod tape;

pub use draw::draw;
pub use extras::Extras;
pub use laws::{
    Budget, Campaign, Demand, Drain, ErrandLaw, FaultKind, FaultLaw, Flavor, MaintenancePlan, Patience, Poisson, Scope,
    Sizes, Source, Spell, SpellUse, Stock,
};
pub use tape::{CampaignTape, Fault, Job, Kind, Origin, Request, RescueNeed, SpellTape, Tape};
