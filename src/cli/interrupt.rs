//! Ctrl-C: the first asks for an orderly end, the second ends at once.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::{Failure, INTERRUPTED};
use super::print;
use crate::cells::engine::Engine;

/// Set by the first Ctrl-C and never unset.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Takes over Ctrl-C from here on.
pub fn watch() -> Result<(), Failure> {
    let handler = || {
        if ASKED.swap(true, Ordering::SeqCst) {
            // Outputs are written beside their place and renamed, so nothing half-written can be left there.
            std::process::exit(i32::from(INTERRUPTED));
        }
        print::note("interrupted: finishing what has begun; Ctrl-C once more ends at once");
    };
    ctrlc::set_handler(handler).map_err(|error| Failure::Use(format!("cannot listen for Ctrl-C: {error}")))
}

/// The engine on so many threads, which ends in order when it is asked to.
pub fn engine(threads: Option<NonZeroUsize>) -> Engine<'static> {
    Engine::on(threads.map(NonZeroUsize::get), &asked)
}

/// Whether an end was asked for.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
