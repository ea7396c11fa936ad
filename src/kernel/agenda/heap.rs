//! A 4-ary heap of entries, the least key first.

use super::entry::Entry;

const ARITY: usize = 4;

/// Entries, popped by their keys.
#[derive(Clone, Debug)]
pub(super) struct Heap(Vec<Entry>);

impl Heap {
    pub fn new() -> Heap {
        Heap(Vec::new())
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub fn first(&self) -> Option<&Entry> {
        self.0.first()
    }

    /// All entries, in no order; the heap is empty afterwards.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Entry> {
        self.0.drain(..)
    }

    /// All entries, in no order.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    pub fn push(&mut self, entry: Entry) {
        self.0.push(entry);
        self.sift_up(self.0.len() - 1);
    }

    pub fn pop(&mut self) -> Option<Entry> {
        let last = self.0.pop()?;
        let Some(top) = self.0.first_mut() else {
            return Some(last);
        };
        let least = std::mem::replace(top, last);
        self.sift_down();
        Some(least)
    }

    fn sift_up(&mut self, mut at: usize) {
        let moving = self.0[at];
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.0[parent].key() <= moving.key() {
                break;
            }
            self.0[at] = self.0[parent];
            at = parent;
        }
        self.0[at] = moving;
    }

    fn sift_down(&mut self) {
        let len = self.0.len();
        let moving = self.0[0];
        let mut at = 0;
        loop {
            let first = at * ARITY + 1;
            if first >= len {
                break;
            }
            let children = &self.0[first..len.min(first + ARITY)];
            let mut least = 0;
            for (i, child) in children.iter().enumerate().skip(1) {
                if child.key() < children[least].key() {
                    least = i;
                }
            }
            if moving.key() <= children[least].key() {
                break;
            }
            self.0[at] = self.0[first + least];
            at = first + least;
        }
        self.0[at] = moving;
    }
}
