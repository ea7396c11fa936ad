//! What is asked of the fleet: requests, errands, faults, spells, campaigns; and the tape onto
//! which all of it is drawn, because no policy may influence it: before the run, and requests as
//! they fall due.

pub mod draw;
pub mod extras;
mod faults;
mod feeds;
pub mod ids;
pub mod laws;
pub mod luck;
mod merge;
pub mod pages;
pub mod request;
pub mod requests;
pub mod says;
mod shares;
pub mod tape;
pub mod trace;

pub use draw::draw;
pub use extras::{Extras, GroupPolicy, ServerGroup};
pub use ids::{ErrandId, JobId};
pub use laws::{
    Age, Budget, Campaign, Counts, Demand, Drain, ErrandLaw, FaultKind, FaultLaw, FlavorLaw, Line, MaintenancePlan,
    Patience, Poisson, Scope, Seated, Sizes, Source, Spell, SpellUse, Stock, Trend,
};
pub use pages::Pages;
pub use request::{BEYOND, Kind, Multi, Request, RescueNeed};
pub use requests::Requests;
pub use tape::{CampaignTape, FaultTape, Job, Origin, SpellTape, Tape};
pub use trace::{Trace, TraceSeat};
