//! The world.
pub mod fact;
pub mod settings;
pub use fact::{BuildError, CAUSES, Cause, ErrandEnd, Fact, Observer, PROVISIONS, Sight, Standing};
pub use settings::{Ironic, Loop, Operators, Settings, Shift};
pub mod inputs;
pub use inputs::{Ended, Inputs};

/// Runs a world to its horizon, telling `observers` every fact.
pub fn run<O: Observer>(_inputs: Inputs<'_>, _observers: O, _halt: &dyn Fn() -> bool) -> Ended<O> {
    panic!("the world is not built yet")
}
