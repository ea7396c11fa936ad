//! What is kept of a request under way: its machines that are being built, and its hopes while it is refused.

use std::collections::BTreeMap;

use crate::fleet::{NodeId, RequestId};
use crate::kernel::{Few, Time};
use crate::world::{BuildError, Cause};

/// A build of a machine: whose, where, and the how manieth attempt at it.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    pub request: RequestId,
    pub node: NodeId,
    pub attempt: u8,
}

/// A build that is bound to fail.
#[derive(Clone, Copy, Debug)]
pub struct Doomed {
    pub build: Build,
    /// The node's epoch, if the build occupies it.
    pub epoch: Option<u32>,
    pub error: BuildError,
}

/// A request whose machines are being built. After the decision each builds by itself.
#[derive(Clone, Debug, Default)]
pub struct Gang {
    /// When the decision was made.
    pub decided: Time,
    /// Machines that were decided.
    pub wanted: u16,
    /// Those of them that became active.
    pub ready: u16,
    /// Those for which no attempt is left.
    pub lost: u16,
    /// Where a build that fails may go next: every machine of the request has the same list.
    pub alternates: Few<NodeId, 2>,
    /// How far builds that have moved on are in that list, by the node that they are on.
    tried: Few<(NodeId, u8), 2>,
}

impl Gang {
    /// Whether all its builds are over.
    pub fn is_over(&self) -> bool {
        self.ready + self.lost == self.wanted
    }

    /// How many alternates the build that was on this node has tried; it leaves the node.
    pub fn leaves(&mut self, node: NodeId) -> u8 {
        match self.tried.iter().position(|&(on, _)| on == node) {
            Some(index) => {
                let (_, tried) = self.tried[index];
                self.tried.swap_remove(index);
                tried
            }
            None => 0,
        }
    }

    /// A build moves on to this node, the last of so many alternates that it has tried.
    pub fn moves_to(&mut self, node: NodeId, tried: u8) {
        self.tried.push((node, tried));
    }
}

/// The requests whose machines are being built. The one that was decided last lies at hand: where a
/// deploy takes no time, it is gone before the next one comes.
#[derive(Debug, Default)]
pub struct Gangs {
    last: Option<(RequestId, Gang)>,
    others: BTreeMap<RequestId, Gang>,
}

impl Gangs {
    /// The gang of a request.
    #[inline]
    pub fn get(&self, request: RequestId) -> Option<&Gang> {
        match &self.last {
            Some((last, gang)) if *last == request => Some(gang),
            _ if self.others.is_empty() => None,
            _ => self.others.get(&request),
        }
    }

    /// The gang of a request, to change it.
    #[inline]
    pub fn get_mut(&mut self, request: RequestId) -> Option<&mut Gang> {
        match &mut self.last {
            Some((last, gang)) if *last == request => Some(gang),
            _ if self.others.is_empty() => None,
            _ => self.others.get_mut(&request),
        }
    }

    /// A request gets its gang, an empty one.
    #[inline(always)]
    pub fn begin(&mut self, request: RequestId) -> &mut Gang {
        if !self.others.is_empty() {
            self.others.remove(&request);
        }
        if let Some((other, gang)) = self.last.take()
            && other != request
        {
            self.others.insert(other, gang);
        }
        &mut self.last.insert((request, Gang::default())).1
    }

    /// The builds of a request are over: nobody looks at its gang any more.
    #[inline]
    pub fn forget(&mut self, request: RequestId) {
        match &self.last {
            Some((last, _)) if *last == request => self.last = None,
            _ => {
                self.others.remove(&request);
            }
        }
    }
}

/// A request that was refused and has not given up.
#[derive(Clone, Copy, Debug)]
pub struct Hope {
    /// Why it was refused last.
    pub cause: Cause,
    pub tries: u16,
    pub in_line: bool,
    /// How often it was decided on and all its builds failed.
    pub rounds: u32,
    /// How often in a row they did so in no time.
    pub at_once: u32,
    /// Until when it pauses after that.
    pub pauses: Option<Time>,
}
