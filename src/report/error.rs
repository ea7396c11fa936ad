//! What can go wrong with a figure.

/// A figure could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw `{figure}`: {what}")]
pub struct DrawError {
    /// The figure.
    pub figure: String,
    /// Why.
    pub what: String,
}
