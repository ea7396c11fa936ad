//! Ironic: lists of nodes, and the notifications that it sends of them.

pub(crate) mod node;
pub(crate) mod notifications;
pub(crate) mod occupants;
pub(crate) mod snapshots;
