//! The files that scenarios read, and the traces kept of them: the points of a sweep share one.

use std::sync::{Arc, Mutex, PoisonError};

use crate::fleet::names::Register;
use crate::import::files::Reading;
use crate::workload::{Multi, Trace};

/// So many traces are kept; the oldest goes first.
const KEPT: usize = 8;

/// What may be read, and what was read so far.
#[derive(Debug, Default)]
pub struct Files {
    /// What may be read.
    pub reading: Reading,
    traces: Mutex<Vec<Kept>>,
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

impl Files {
    /// Reads by these rules.
    #[must_use]
    pub fn new(reading: Reading) -> Files {
        Files {
            reading,
            ..Files::default()
        }
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
