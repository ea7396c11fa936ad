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
            Some(place) => {
                self.things[place as usize] = thing;
                place
            }
            None => {
                self.things.push(thing);
                self.things.len() as u32 - 1
            }
        }
    }

    /// Puts another thing into a place that is taken.
    pub fn replace(&mut self, place: u32, thing: T) {
        self.things[place as usize] = thing;
    }

    /// A place is free.
    pub fn free(&mut self, place: u32) {
        self.free.push(place);
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, place: u32) -> &T {
        &self.things[place as usize]
    }
}
