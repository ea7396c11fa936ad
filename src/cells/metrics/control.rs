//! The control plane: candidates, the cap, lost claims, retries, the view's age.

use super::sums::{Total, count, share};
use crate::kernel::Span;

#[derive(Debug, Default)]
pub struct Control {
    decisions: u64,
    examined: u64,
    cap_hits: u64,
    conflicts: u64,
    retries: u64,
    age: Total,
    oldest: Span,
}

impl Control {
    pub fn decided(&mut self, examined: u32, capped: bool) {
        self.decisions += 1;
        self.examined += u64::from(examined);
        self.cap_hits += u64::from(capped);
    }

    pub fn claimed(&mut self, attempt: u8) {
        self.retries += u64::from(attempt > 1);
    }

    pub fn conflict(&mut self, counts: bool) {
        self.conflicts += u64::from(counts);
    }

    pub fn published(&mut self, age: Span) {
        self.age.add(age);
        self.oldest = self.oldest.max(age);
    }

    pub fn figure(&self, name: &str) -> Option<Option<f64>> {
        Some(match name {
            "candidates_mean" => share(self.examined, self.decisions),
            "cap_hits" => count(self.cap_hits),
            "conflicts" => count(self.conflicts),
            "retries" => count(self.retries),
            "view_age_mean" => self.age.mean_in(1000),
            "view_age_max" => (self.age.n > 0).then(|| self.oldest.as_secs()),
            _ => return None,
        })
    }
}
