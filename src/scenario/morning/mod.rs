//! The state of a cloud at an instant, made into a scenario: what an import has written, with the nodes that are taken out.
//!
//! - `ask` is what is asked: which nodes, from when to when; `told` what comes out;
//! - `folder` is what an import has written;
//! - `state` finds who runs where and since when, and what is in maintenance;
//! - `holds` says how long those still run, by the holds that have ended;
//! - `demand` is what is asked for from then on;
//! - `text` writes the scenario and its files.
//!
//! The scenario is one like any other: `run` takes it. What is drawn in it are the rests of holds, given how long they have
//! lasted (`workload.running_hold`), and what is asked for from then on.

mod ask;
mod demand;
mod folder;
mod holds;
mod state;
mod text;
mod told;

use crate::import::files::Reading;
pub use ask::{MorningAsk, TakeBy};
use folder::Folder;
pub use folder::imported;
use state::State;
pub use told::{HoldFound, Morning, MorningError, OnNode, Rate, SCENARIO, TAKEN, UNTAKEN};

impl Morning {
    /// The scenario of what is asked, from a folder that `sickbay import` has written.
    ///
    /// # Errors
    /// What is wrong with the folder's files, the profile of demand, or what is asked.
    pub fn of(ask: &MorningAsk<'_>, reading: &Reading) -> Result<Morning, MorningError> {
        let folder = Folder::read(ask.folder, reading)?;
        let when = ask::When::of(ask, &folder)?;
        let mut remarks = Vec::new();
        let state = State::at(&folder, when.now_ms, &mut remarks);
        let (taken, what) = ask.taken(&state.nodes)?;
        let profile = ask
            .profile
            .map(|path| demand::Profile::read(path, reading))
            .transpose()?;
        let holds = holds::found(&state, profile.as_ref());
        let demand = demand::of(ask, (&folder, &state, &when), (profile.as_ref(), &holds), &mut remarks)?;
        text::written(text::Parts {
            ask,
            folder: &folder,
            state: &state,
            when: &when,
            taken: &taken,
            what: &what,
            holds: &holds,
            demand,
            remarks,
        })
    }
}
