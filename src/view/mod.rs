//! The view.
/// The scheduler's view.
#[derive(Clone, Debug, Default)]
pub struct View;
