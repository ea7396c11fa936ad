//! Lists of events in chunks, for buckets: all chunks lie in one vector and are used again.

use super::entry::Entry;

/// Slots in a chunk: the first says which chunk is before, the others hold events.
const CHUNK: u32 = 32;

/// A list: the slot of its next event, which is the first of a chunk where a new one is due. 0: empty.
pub(super) type List = u32;

/// The chunks of all lists.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    slots: Vec<Entry>,
    /// The chunks that are not in use, as a list of full ones.
    free: List,
}

impl Chunks {
    #[inline]
    pub fn push(&mut self, list: &mut List, entry: Entry) {
        let mut slot = *list;
        if slot.is_multiple_of(CHUNK) {
            slot = self.begin(slot);
        }
        *list = slot + 1;
        self.slots[slot as usize] = entry;
    }

    /// A chunk after those of a list: the slot of its first event.
    #[inline(never)]
    fn begin(&mut self, before: List) -> u32 {
        let link = Entry {
            time: 0,
            order: 0,
            word: u64::from(before),
        };
        let first = if self.free == 0 {
            let first = self.slots.len();
            self.slots.resize(first + CHUNK as usize, link);
            first as u32
        } else {
            let first = self.free - CHUNK;
            self.free = self.slots[first as usize].word as u32;
            self.slots[first as usize] = link;
            first
        };
        first + 1
    }

    /// Moves the events of a list to the end of `events`, in no order.
    pub fn take(&mut self, mut list: List, events: &mut Vec<Entry>) {
        while list != 0 {
            let first = (list - 1) / CHUNK * CHUNK;
            events.extend_from_slice(&self.slots[first as usize + 1..list as usize]);
            let link = &mut self.slots[first as usize].word;
            list = *link as u32;
            *link = u64::from(self.free);
            self.free = first + CHUNK;
        }
    }
}
