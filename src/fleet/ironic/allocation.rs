//! Whom Ironic's allocation API takes (ironic 39.0 `conductor/allocations.py:103-196`).

use super::machine::State;
use super::reported::Power;

/// What the allocation API looks at in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocationNode<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its resource class.
    pub class: &'a str,
    /// Its provision state.
    pub state: State,
    /// Whether an instance is on it.
    pub associated: bool,
    /// Its power state.
    pub power: Power,
    /// The maintenance flag.
    pub maintenance: bool,
    /// Its owner.
    pub owner: Option<&'a str>,
    /// Its lessee.
    pub lessee: Option<&'a str>,
}

/// An allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation<'a> {
    /// The resource class.
    pub class: &'a str,
    /// The owner on whose nodes it must fall; none: anybody's nodes are candidates too.
    pub owner: Option<&'a str>,
    /// The nodes among which to choose; none: all.
    pub candidates: Option<&'a [&'a str]>,
}

impl Allocation<'_> {
    /// Whether the node is a candidate. Of several the real code takes one at random.
    #[must_use]
    pub fn takes(&self, node: &AllocationNode<'_>) -> bool {
        node.class == self.class
            && node.state == State::Available
            && !node.associated
            && node.power != Power::Unknown
            && !node.maintenance
            && self
                .owner
                .is_none_or(|owner| node.owner == Some(owner) || node.lessee == Some(owner))
            && self.candidates.is_none_or(|names| names.contains(&node.name))
    }
}
