//! How long those waited who were refused at first, by who asked, and by the size of their requests.

use std::collections::BTreeMap;

use super::split::SplitPart;
use crate::cells::columns::Dimension;
use crate::fleet::RequestId;
use crate::kernel::Time;
use crate::kernel::time::HOUR_MS;
use crate::workload::Request;

/// Who waits, and since when.
#[derive(Debug)]
struct Waiting {
    since: Time,
    parts: [(Dimension, u16); 4],
}

#[derive(Debug, Default)]
pub struct WaitLengths {
    waiting: BTreeMap<RequestId, Waiting>,
    /// The longest wait in milliseconds, by part.
    longest: BTreeMap<(Dimension, u16), u64>,
}

impl WaitLengths {
    pub fn begins(&mut self, request: RequestId, asked: &Request) {
        self.waiting.entry(request).or_insert_with(|| {
            let [class, tenant, workload] = super::tenants::parts(asked);
            Waiting {
                since: asked.start,
                parts: [class, tenant, workload, (Dimension::Size, asked.count)],
            }
        });
    }

    #[inline(always)]
    pub fn ends(&mut self, at: Time, request: RequestId) {
        if !self.waiting.is_empty() {
            self.over(at, request);
        }
    }

    fn over(&mut self, at: Time, request: RequestId) {
        if let Some(Waiting { since, parts }) = self.waiting.remove(&request) {
            for part in parts {
                let longest = self.longest.entry(part).or_default();
                *longest = (*longest).max((at - since).0);
            }
        }
    }

    /// The run is over: those who still wait have waited until now.
    pub fn end(&mut self, at: Time) {
        while let Some((&request, _)) = self.waiting.first_key_value() {
            self.over(at, request);
        }
    }

    /// The longest wait in hours; none where nobody waited.
    pub fn longest(&self, part: SplitPart) -> Option<f64> {
        let Some(part) = part else {
            return self.longest_from(1);
        };
        self.longest.get(&part).map(|ms| *ms as f64 / HOUR_MS as f64)
    }

    /// The same of requests for several machines.
    pub fn longest_of_several(&self) -> Option<f64> {
        self.longest_from(2)
    }

    /// The same of requests for so many machines or more.
    fn longest_from(&self, size: u16) -> Option<f64> {
        let sizes = self
            .longest
            .range((Dimension::Size, size)..=(Dimension::Size, u16::MAX));
        let ms = sizes.map(|(_, ms)| *ms).max()?;
        Some(ms as f64 / HOUR_MS as f64)
    }
}
