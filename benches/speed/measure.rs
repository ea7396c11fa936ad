//! Clocks, ratios and memory.

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

/// Seconds on the wall, and what the work answered.
#[expect(clippy::disallowed_methods, reason = "a bench is what the wall clock is for")]
pub fn clock<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let begun = Instant::now();
    let answer = black_box(work());
    (begun.elapsed().as_secs_f64(), answer)
}

/// How many times as long `ours` takes as `theirs`, in alternation: the median of five rounds.
pub fn ratio<A, B>(mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> f64 {
    median((0..5).map(|_| clock(&mut ours).0 / clock(&mut theirs).0).collect())
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The most that this process has had in memory, in bytes; none where the system does not say.
pub fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kb: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kb * 1024)
}

/// The peak and the count that this program says of itself when it is started anew with these words, so that
/// nothing which was freed before can be used again.
pub fn alone(words: &[&str]) -> Option<(u64, u64)> {
    let out = Command::new(std::env::current_exe().ok()?).args(words).output().ok()?;
    let said = String::from_utf8(out.stdout).ok()?;
    let (peak, count) = said.trim().split_once(' ')?;
    Some((peak.parse().ok()?, count.parse().ok()?))
}
