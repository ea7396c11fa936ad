//! Where the simulator and the recorded clouds differ, and why.

/// Differences of one strategy in one recording that have one reason.
pub struct Reason {
    pub recording: &'static str,
    pub strategy: &'static str,
    /// The requests, and the spells' boots.
    pub whats: &'static [&'static str],
    pub why: &'static str,
}

impl Reason {
    /// Whether the difference is one of these.
    pub fn covers(&self, strategy: &str, what: &str) -> bool {
        self.strategy == strategy && self.whats.contains(&what)
    }
}

/// All of them.
pub const DIFFERENCES: &[Reason] = &[];
