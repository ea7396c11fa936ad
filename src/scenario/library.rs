//! A library that scenarios are loaded from: which files they may read, which strategies they may name, and the traces kept of them, so that the
//! points of a sweep share one.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Problem, Scenario, diagnose, names, resolve, tree};
use crate::fleet::names::Register;
use crate::import::files::Reading;
use crate::strategy::{ROSTER, RosterEntry};
use crate::workload::{Multi, Trace};

/// So many traces are kept; the oldest goes first.
const KEPT: usize = 8;

/// What scenarios are loaded with.
#[derive(Debug)]
pub struct Library {
    /// What may be read.
    pub(super) reading: Reading,
    /// The strategies that may be named.
    pub(super) roster: Vec<&'static RosterEntry>,
    traces: Mutex<Vec<Kept>>,
}

impl Default for Library {
    /// Any file and the strategies of the roster.
    fn default() -> Self {
        Library::new(Reading::default())
    }
}

/// A trace, what it was read from, and what else came of it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub from: Origin,
    pub trace: Arc<Trace>,
    pub tenants: Register,
    pub traits: Register,
    pub warnings: Vec<String>,
}

/// All that a trace's requests depend on.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// The file as the user reaches it, and the SHA-256 of its bytes.
    pub file: (String, String),
    /// The workload's place, and how its requests for several machines are met.
    pub workload: (usize, Multi),
    /// The names before.
    pub classes: Register,
    pub tenants: Register,
    pub traits: Register,
}

impl Library {
    /// Reads files by these rules; the strategies are those of the roster.
    #[must_use]
    pub fn new(reading: Reading) -> Library {
        Library {
            reading,
            roster: ROSTER.to_vec(),
            traces: Mutex::default(),
        }
    }

    /// A scenario may name this strategy too. Its name and its parameters count into the scenario's digest, as all that
    /// the scenario says; what it does with them is the program's.
    ///
    /// # Panics
    /// When there is a strategy of its name already.
    #[must_use]
    pub fn with(mut self, entry: &'static RosterEntry) -> Library {
        assert!(
            self.strategy(entry.name).is_none(),
            "there is a strategy `{}` already: give yours another name",
            entry.name
        );
        self.roster.push(entry);
        self
    }

    /// Reads a scenario from its text, as [`load`](super::load) does. Traces that were read already are not read again.
    ///
    /// # Errors
    /// As [`load`](super::load); and when it names a file that may not be read.
    pub fn load(
        &self,
        text: &str,
        file: &str,
        base: &Path,
        overrides: &[(String, String)],
    ) -> Result<Scenario, Vec<Problem>> {
        let mut ledger = diagnose::Ledger::default();
        ledger.enter(file, text);
        if text.trim().is_empty() {
            let mend = "begin with `[scenario]`, a `name` and a `horizon`; `sickbay run quickstart` shows a whole one";
            return Err(vec![Problem::of_file(file, "the scenario is empty", mend)]);
        }
        let mut root = tree::parse(text).map_err(|slips| {
            let problem = |(message, bytes)| {
                Problem::at(
                    file,
                    text,
                    bytes,
                    format!("not TOML: {message}"),
                    "mend the spelling here".to_owned(),
                )
            };
            slips.into_iter().map(problem).collect::<Vec<_>>()
        })?;
        for (key, value) in overrides {
            super::override_key(&mut root, &mut ledger, key, value);
        }
        let question = super::question(text);
        names::check(&root, &question, &ledger);
        let scenario = resolve::resolve(root, (base, self), question, &ledger);
        let problems = ledger.problems();
        scenario.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// The strategy of this name.
    pub(super) fn strategy(&self, name: &str) -> Option<&'static RosterEntry> {
        self.roster.iter().copied().find(|entry| entry.name == name)
    }

    /// The trace of this origin, if it is kept.
    pub(super) fn kept(&self, from: &Origin) -> Option<Kept> {
        let traces = self.traces.lock().unwrap_or_else(PoisonError::into_inner);
        traces.iter().find(|kept| kept.from.is(from)).cloned()
    }

    /// Keeps a trace.
    pub(super) fn keep(&self, kept: Kept) {
        let mut traces = self.traces.lock().unwrap_or_else(PoisonError::into_inner);
        if traces.len() == KEPT {
            traces.remove(0);
        }
        traces.push(kept);
    }
}

impl Origin {
    fn is(&self, other: &Origin) -> bool {
        // Numbers go by the order of the names.
        let same = |own: &Register, others: &Register| own.iter().eq(others.iter());
        self.file == other.file
            && self.workload == other.workload
            && same(&self.classes, &other.classes)
            && same(&self.tenants, &other.tenants)
            && same(&self.traits, &other.traits)
    }
}
