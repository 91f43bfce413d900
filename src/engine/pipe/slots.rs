//! Slots that are reused, and ids that tell the pipe in a slot from the one that was there.
//!
//! An id names one pipe for good: the id of one that is gone finds nothing. An event loop knows a pipe by one
//! word, which has the slot and the number, so an event that comes late finds nothing either.

use std::collections::HashSet;
use std::ops::Range;

use hubless_protocol::patterns::PipeId;
use slab::Slab;

/// Bits of that word for the slot. With words of 32 bits a million slots are left, more pipes than such memory holds, and
/// twelve bits of the number.
const SLOT_BITS: u32 = if usize::BITS < 64 { 20 } else { 32 };
const SLOT: usize = (1 << SLOT_BITS) - 1;

/// The highest number of a pipe (sp.md section 7).
const MOST_NUMBER: u32 = 0x7fff_ffff;

/// The word by which an event loop knows a pipe.
pub(crate) fn word(id: PipeId) -> usize {
    (id.number as usize) << SLOT_BITS | (id.slot as usize & SLOT)
}

/// What has a slot.
pub(crate) trait Slotted {
    fn id(&self) -> PipeId;
}

#[derive(Debug)]
pub(crate) struct Slots<E> {
    slab: Slab<E>,
    /// Those of the pipes that are there. Numbers come round after 2^31 pipes, and a pipe may stand for longer.
    numbers: HashSet<u32>,
}

impl<E: Slotted> Slots<E> {
    pub(crate) fn new() -> Self {
        Self { slab: Slab::new(), numbers: HashSet::new() }
    }

    /// Puts into a free slot what is built from the id it has there: with this number, or where a pipe has that, the next
    /// that none has.
    pub(crate) fn insert(&mut self, number: u32, build: impl FnOnce(PipeId) -> E) -> PipeId {
        let mut number = number;
        while !self.numbers.insert(number) {
            number = number % MOST_NUMBER + 1;
        }
        let vacant = self.slab.vacant_entry();
        // A socket never has 2^32 pipes: descriptors run out long before.
        let id = PipeId { slot: u32::try_from(vacant.key()).unwrap_or(u32::MAX), number };
        vacant.insert(build(id));
        id
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: PipeId) -> Option<&mut E> {
        self.slab.get_mut(id.slot as usize).filter(|entry| entry.id() == id)
    }

    pub(crate) fn get(&self, id: PipeId) -> Option<&E> {
        self.slab.get(id.slot as usize).filter(|entry| entry.id() == id)
    }

    /// The one that an event loop knows by this word.
    pub(crate) fn known_as(&mut self, known: usize) -> Option<&mut E> {
        self.slab.get_mut(known & SLOT).filter(|entry| word(entry.id()) == known)
    }

    pub(crate) fn remove(&mut self, id: PipeId) -> Option<E> {
        self.get(id)?;
        self.numbers.remove(&id.number);
        self.slab.try_remove(id.slot as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }

    /// Before this slot are all that there are.
    pub(super) fn end(&self) -> usize {
        self.slab.capacity()
    }

    /// Those in these slots.
    pub(super) fn iter_in(&self, slots: Range<usize>) -> impl Iterator<Item = &E> {
        slots.filter_map(|slot| self.slab.get(slot))
    }

    /// The one in this slot, if there is one.
    pub(super) fn at_mut(&mut self, slot: usize) -> Option<&mut E> {
        self.slab.get_mut(slot)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut E> {
        self.slab.iter_mut().map(|(_, entry)| entry)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &E> {
        self.slab.iter().map(|(_, entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Entry(PipeId);

    impl Slotted for Entry {
        fn id(&self) -> PipeId {
            self.0
        }
    }

    #[test]
    fn a_number_that_comes_round_passes_over_pipes_that_still_have_it() {
        let mut slots = Slots::new();
        let numbers = [MOST_NUMBER, 1, 2].map(|number| slots.insert(number, Entry).number);
        assert_eq!(numbers, [MOST_NUMBER, 1, 2]);
        let round = slots.insert(MOST_NUMBER, Entry);
        assert_eq!(round.number, 3);
        assert_eq!(slots.get(round), Some(&Entry(round)));
        slots.remove(PipeId { slot: 1, number: 1 });
        assert_eq!(slots.insert(1, Entry).number, 1);
    }

    #[test]
    fn a_word_finds_its_pipe_and_never_the_next_one_in_the_same_place() {
        let mut slots = Slots::new();
        let first = slots.insert(0x7fff_ffff, Entry);
        let second = slots.insert(1, Entry);
        assert_eq!(slots.known_as(word(first)), Some(&mut Entry(first)));
        assert_eq!(slots.known_as(word(second)), Some(&mut Entry(second)));
        slots.remove(first);
        let successor = slots.insert(2, Entry);
        assert_eq!(successor.slot, first.slot);
        assert_eq!(slots.known_as(word(first)), None);
        assert_eq!(slots.known_as(word(successor)), Some(&mut Entry(successor)));
        // The waker's.
        assert_eq!(slots.known_as(usize::MAX), None);
    }
}
