//! How long those waited who were refused at first, by the size of their requests.

use std::collections::BTreeMap;

use crate::cells::outcome::Detail;
use crate::fleet::RequestId;
use crate::kernel::Time;
use crate::kernel::time::HOUR_MS;
use crate::stats::estimate::tidy;
use crate::workload::Request;

/// Sizes get details of their own when there are at most this many of them.
const FEW_SIZES: usize = 20;

#[derive(Debug, Default)]
pub struct Patience {
    /// Since when who waits, with the machines that he asks for.
    waiting: BTreeMap<RequestId, (Time, u16)>,
    /// The longest wait in milliseconds, by size.
    longest: BTreeMap<u16, u64>,
}

impl Patience {
    pub fn begins(&mut self, request: RequestId, asked: &Request) {
        self.waiting.entry(request).or_insert((asked.start, asked.count));
    }

    #[inline(always)]
    pub fn ends(&mut self, at: Time, request: RequestId) {
        if !self.waiting.is_empty() {
            self.over(at, request);
        }
    }

    fn over(&mut self, at: Time, request: RequestId) {
        if let Some((since, size)) = self.waiting.remove(&request) {
            let longest = self.longest.entry(size).or_default();
            *longest = (*longest).max((at - since).0);
        }
    }

    /// The run is over: those who still wait have waited until now.
    pub fn end(&mut self, at: Time) {
        while let Some((&request, _)) = self.waiting.first_key_value() {
            self.over(at, request);
        }
    }

    /// The longest wait in hours, of requests for so many machines or more; none where nobody waited.
    pub fn longest(&self, size: u16) -> Option<f64> {
        let ms = self.longest.range(size..).map(|(_, ms)| *ms).max()?;
        Some(ms as f64 / HOUR_MS as f64)
    }

    /// The longest wait of each size, where there are few.
    pub fn details(&self) -> impl Iterator<Item = Detail> + '_ {
        let few = self.longest.len() <= FEW_SIZES;
        self.longest.iter().filter(move |_| few).map(|(size, ms)| Detail {
            name: format!("longest_wait.size.{size}"),
            value: tidy(*ms as f64 / HOUR_MS as f64),
            unit: "h",
        })
    }
}
