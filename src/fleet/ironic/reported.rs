//! What nova's driver reports of a node to Placement, and whether it still takes the node when it
//! re-reads it (nova 34.0 `virt/ironic/driver.py:235, 253, 373, 874-964`).

use super::machine::State;

/// The power state that Ironic holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// On.
    #[default]
    On,
    /// Off.
    Off,
    /// The driver reported an error.
    Error,
    /// Not known: the power sync has given up, or never ran.
    Unknown,
}

/// The provision state as the driver finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provisioned {
    /// None: Ironic has not given the node one yet. The driver takes it for available.
    None,
    /// A state of the machine.
    In(State),
    /// A word that the machine does not know: `deleted` and `deploy complete`, which older
    /// releases wrote.
    Outside,
}

/// What the driver looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The provision state.
    pub provision: Provisioned,
    /// The power state.
    pub power: Power,
    /// The maintenance flag.
    pub maintenance: bool,
    /// Whether an instance is on the node.
    pub instance: bool,
    /// `[workarounds] skip_reserve_in_use_ironic_nodes`.
    pub skip_reserve_in_use: bool,
}

/// What the driver makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    /// `_node_resources_unavailable`.
    pub unavailable: bool,
    /// `_node_resources_used`.
    pub used: bool,
    /// `reserved` of the node's resource class.
    pub reserved: u32,
    /// `total` of it; a node in maintenance stays published, fully reserved.
    pub total: u32,
    /// Whether `prepare_for_spawn` takes the node.
    pub accepts_spawn: bool,
}

impl Condition {
    /// What the driver reports.
    #[must_use]
    pub fn reported(&self) -> Reported {
        let unavailable = self.maintenance
            || matches!(self.power, Power::Error | Power::Unknown)
            || !matches!(self.provision, Provisioned::In(State::Available) | Provisioned::None);
        let used = self.instance;
        Reported {
            unavailable,
            used,
            reserved: u32::from(unavailable || (used && !self.skip_reserve_in_use)),
            total: 1,
            accepts_spawn: !unavailable && !used,
        }
    }
}
