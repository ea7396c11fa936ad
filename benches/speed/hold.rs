//! W3, the hold model: pop the earliest, push it again an exponential time later, so many pending.

use crate::lean::{Happens, Queue, Small, Words};

/// A queue with so many pending.
pub struct Held<Q> {
    queue: Q,
    random: Small,
    mean: f64,
    last: u64,
    digest: u64,
}

impl<Q: Queue> Held<Q> {
    pub fn new(pending: u32) -> Held<Q> {
        let mut held = Held {
            queue: Q::default(),
            random: Small(1),
            mean: 1e6 * f64::from(pending),
            last: 0,
            digest: 0,
        };
        for node in 0..pending {
            held.queue.push(held.random.after(held.mean), Happens::Leaves(node));
        }
        held
    }

    /// So many holds; a digest of all times at which something was popped so far, the same for every queue.
    pub fn hold(&mut self, holds: u64) -> u64 {
        for _ in 0..holds {
            let popped = self.queue.pop();
            let (now, what) = popped.unwrap_or_else(|| panic!("what is popped is pushed again"));
            assert!(now >= self.last, "time runs forward");
            self.last = now;
            self.digest = self.digest.rotate_left(5) ^ now;
            self.queue.push(now + self.random.after(self.mean), what);
        }
        self.digest
    }
}
