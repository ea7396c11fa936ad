//! Slurm: jobs, events of nodes, nodes and reservations, as its commands print them.

pub(crate) mod clock;
pub(crate) mod events;
pub(crate) mod hostlist;
pub(crate) mod jobs;
pub(crate) mod nodes;
mod records;
pub(crate) mod reservations;
pub(crate) mod rows;
pub(crate) mod sharing;
