//! A slab: a list whose places are used again, the one that came free last first.

use std::ops::Index;

/// A slab of things.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    things: Vec<T>,
    /// The free list.
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab {
            things: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    /// Puts a thing into a free place; which.
    pub fn put(&mut self, thing: T) -> u32 {
        match self.free.pop() {
            Some(index) => {
                self.things[index as usize] = thing;
                index
            }
            None => {
                self.things.push(thing);
                self.things.len() as u32 - 1
            }
        }
    }

    /// Puts another thing into a place that is taken.
    pub fn replace(&mut self, index: u32, thing: T) {
        self.things[index as usize] = thing;
    }

    /// A place is free.
    pub fn free(&mut self, index: u32) {
        self.free.push(index);
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: u32) -> &T {
        &self.things[index as usize]
    }
}
