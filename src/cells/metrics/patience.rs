//! How long those waited who were refused at first, by who asked, and by the size of their requests.

use std::collections::BTreeMap;

use super::split::{Split, SplitPart};
use crate::cells::columns::Dimension;
use crate::fleet::RequestId;
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Span, Time};
use crate::workload::Request;

/// Who waits, and since when.
#[derive(Debug)]
struct Waiting {
    since: Time,
    parts: [(Dimension, u16); 4],
}

/// The waits that are over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waited {
    /// All of them, in milliseconds.
    pub ms: u64,
    /// How many were longer than what matters.
    pub long: u64,
}

#[derive(Debug)]
pub struct WaitLengths {
    waiting: BTreeMap<RequestId, Waiting>,
    /// Longer ones matter.
    matters: Span,
    waited: Split<Waited>,
    /// The longest wait in milliseconds, by part.
    longest: BTreeMap<(Dimension, u16), u64>,
}

impl WaitLengths {
    /// For so many parts of these dimensions; waits that are longer than `matters` count as long.
    pub fn new(matters: Span, parts: &[(Dimension, usize)]) -> WaitLengths {
        WaitLengths {
            waiting: BTreeMap::new(),
            matters,
            waited: Split::new(parts),
            longest: BTreeMap::new(),
        }
    }

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
            let (ms, long) = ((at - since).0, u64::from(at - since > self.matters));
            for part in parts {
                let longest = self.longest.entry(part).or_default();
                *longest = (*longest).max(ms);
            }
            self.waited.book(&parts, |waited| {
                waited.ms = waited.ms.saturating_add(ms);
                waited.long += long;
            });
        }
    }

    /// The run is over: those who still wait have waited until now.
    pub fn end(&mut self, at: Time) {
        while let Some((&request, _)) = self.waiting.first_key_value() {
            self.over(at, request);
        }
    }

    /// The waits that are over.
    pub fn waited(&self, part: SplitPart) -> Waited {
        self.waited.of(part).copied().unwrap_or_default()
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
