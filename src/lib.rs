//! sickbay simulates bare-metal fleets whose nodes enter and leave maintenance, and compares
//! what each way of hiding them costs tenants, operators and the fleet.
//!
//! `ARCHITECTURE.md` is the map; the floors below are listed from the bottom up, and a module
//! uses only floors below it.

pub mod kernel;
pub mod stats;
pub mod store;

pub mod fleet;

pub mod view;
pub mod workload;

pub mod scheduler;

pub mod strategy;

pub mod world;

pub mod import;
pub mod scenario;

pub mod cells;

pub mod judge;

pub mod experiment;

pub mod report;

pub mod cli;
