//! A bar on stderr for somebody who watches.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cells::engine::Progress;

/// A bar over runs; nothing is drawn if `quiet`, or if stderr is no terminal.
pub fn bar(quiet: bool) -> ProgressBar {
    if quiet || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::no_length();
    // A template that does not parse costs the looks of the bar and nothing else.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {eta} to go") {
        bar.set_style(style);
    }
    bar
}

/// Shows how far an experiment is.
pub fn show(bar: &ProgressBar, now: Progress) {
    bar.set_length(now.total as u64);
    bar.set_position(now.finished as u64);
}
