//! The control plane: candidates, the cap, lost claims, retries, the view's age.

use super::sums::{Total, count, share};
use crate::cells::columns::Metric;
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

    pub fn figure(&self, metric: Metric) -> Option<Option<f64>> {
        Some(match metric {
            Metric::CandidatesMean => share(self.examined, self.decisions),
            Metric::CapHits => count(self.cap_hits),
            Metric::Conflicts => count(self.conflicts),
            Metric::Retries => count(self.retries),
            Metric::ViewAgeMean => self.age.mean_in(1000),
            Metric::ViewAgeMax => (self.age.n > 0).then(|| self.oldest.as_secs()),
            _ => return None,
        })
    }
}
