//! Who waits for a class of nodes, as far as the control plane knows: that somebody does, and that he is to be asked
//! again. Whoever changes a node rings; the line of the class is looked at when what happens now is finished.

use std::collections::BTreeSet;

use crate::fleet::ClassId;
use crate::kernel::{Agenda, Time};
use crate::world::Event;

/// The bell of a class.
#[derive(Clone, Copy, Debug, Default)]
struct Bell {
    /// How many wait.
    waiting: u32,
    /// It has been rung and not been heard yet.
    rung: bool,
    /// The fleet has changed since it was heard last.
    fleet_changed: bool,
}

/// The bells of all classes.
#[derive(Clone, Debug)]
pub struct Bells {
    bells: Vec<Bell>,
    /// How many wait, in all.
    waiting: u32,
    /// Classes that are to be rung for as soon as the agenda is at hand.
    stirred: BTreeSet<ClassId>,
}

impl Bells {
    /// Nobody waits for any of these classes.
    pub fn new(classes: usize) -> Bells {
        Bells {
            bells: vec![Bell::default(); classes],
            waiting: 0,
            stirred: BTreeSet::new(),
        }
    }

    /// Whether nobody waits.
    #[inline(always)]
    pub fn nobody_waits(&self) -> bool {
        self.waiting == 0
    }

    /// Somebody waits for a class.
    pub fn joined(&mut self, class: ClassId) {
        self.bells[class.at()].waiting += 1;
        self.waiting += 1;
    }

    /// Somebody waits for a class no more.
    pub fn left(&mut self, class: ClassId) {
        self.bells[class.at()].waiting -= 1;
        self.waiting -= 1;
    }

    /// Something that those who wait for a class want may have come.
    pub fn stir(&mut self, class: ClassId) {
        self.stirred.insert(class);
    }

    /// The same for every class.
    pub fn stir_all(&mut self) {
        if self.waiting > 0 {
            self.stirred
                .extend((0..self.bells.len()).map(|class| ClassId(class as u16)));
        }
    }

    /// The fleet changes: somebody who waits may wait in vain.
    pub fn fleet_changes(&mut self) {
        if self.waiting > 0 {
            self.bells.iter_mut().for_each(|bell| bell.fleet_changed = true);
            self.stir_all();
        }
    }

    /// Rings for a class: its line is looked at when what happens now is finished.
    pub fn ring(&mut self, class: ClassId, now: Time, agenda: &mut Agenda<Event>) {
        let bell = &mut self.bells[class.at()];
        if bell.waiting > 0 && !std::mem::replace(&mut bell.rung, true) {
            agenda.push(now, Event::Wake(class.0));
        }
    }

    /// Rings for the classes that have been stirred.
    pub fn ring_stirred(&mut self, now: Time, agenda: &mut Agenda<Event>) {
        while let Some(class) = self.stirred.pop_first() {
            self.ring(class, now, agenda);
        }
    }

    /// The bell of a class is heard: whether the fleet has changed since it was heard last.
    pub fn heard(&mut self, class: ClassId) -> bool {
        let bell = &mut self.bells[class.at()];
        bell.rung = false;
        std::mem::take(&mut bell.fleet_changed)
    }
}
