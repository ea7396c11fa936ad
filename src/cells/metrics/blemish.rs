//! Which accepted requests were not served well: something befell one of their machines, before or after the request
//! counted as accepted.

use std::collections::BTreeSet;

use crate::fleet::RequestId;
use crate::workload::Request;

/// Requests to which something happened are few: nothing is kept of the others once they are decided.
#[derive(Debug, Default)]
pub struct Blemishes {
    /// Requests for several machines that have arrived and are neither accepted nor refused: what befalls one of their
    /// machines does so before the request is accepted.
    several: BTreeSet<RequestId>,
    /// Not accepted yet, and something has happened already.
    early: BTreeSet<RequestId>,
    /// Accepted, and known not to be served well.
    known: BTreeSet<RequestId>,
}

impl Blemishes {
    #[inline(always)]
    pub fn arrived(&mut self, request: RequestId, asked: &Request) {
        if asked.count > 1 {
            self.several.insert(request);
        }
    }

    /// Something happened as a machine was built or became active, which is before its request is accepted.
    pub fn began(&mut self, request: RequestId) {
        self.early.insert(request);
    }

    /// An instance was ended. True where its accepted request is not served well any more, as of now.
    pub fn ended(&mut self, request: RequestId) -> bool {
        if self.several.contains(&request) {
            self.early.insert(request);
            return false;
        }
        self.known.insert(request)
    }

    /// What was decided failed and the request waits on: it will have other machines.
    pub fn waits(&mut self, request: RequestId) {
        self.early.remove(&request);
    }

    /// A request is accepted or refused. True where it is known already not to be served well.
    #[inline(always)]
    pub fn decided(&mut self, request: RequestId, asked: &Request) -> bool {
        if asked.count > 1 {
            self.several.remove(&request);
        }
        !self.early.is_empty() && self.early.remove(&request) && self.known.insert(request)
    }
}
