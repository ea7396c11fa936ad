//! Ironic's lifecycle of a node, exactly as ironic 39.0 and nova 34.0's driver have it: the state
//! machine, what each verb does in maintenance, what sets and clears a fault, what the driver
//! reports, whom the allocation API takes. Pure rules over plain facts: nothing here knows of a
//! fleet in time. `tests/oracle/ironic.rs` holds them against recordings of the real code.

pub mod allocation;
pub mod faults;
pub mod machine;
pub mod reported;
pub mod verbs;

pub use faults::{FailedWork, Fault, PowerSync};
pub use machine::State;
pub use reported::{Condition, Power, Provisioned, Reported};
pub use verbs::{After, Facts, Operation, Refusal};
