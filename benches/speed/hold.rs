//! W3, the hold model: pop the earliest, push it again an exponential time later, so many pending.

use crate::lean::{Happens, Queue, Small, Words};

/// So many holds; a digest of the times at which something was popped, the same for every queue.
pub fn run<Q: Queue>(pending: u32, holds: u64) -> u64 {
    let mut random = Small(1);
    let mut queue = Q::default();
    let mean = 1e6 * f64::from(pending);
    (0..pending).for_each(|node| queue.push(random.after(mean), Happens::Leaves(node)));
    let (mut last, mut digest) = (0, 0_u64);
    for _ in 0..holds {
        let (now, what) = queue.pop().unwrap_or_else(|| panic!("what is popped is pushed again"));
        assert!(now >= last, "time runs forward");
        last = now;
        digest = digest.rotate_left(5) ^ now;
        queue.push(now + random.after(mean), what);
    }
    digest
}
