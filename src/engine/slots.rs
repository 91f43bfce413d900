//! Places that are used again, and names that tell who is in one from who was.
//!
//! An id names one pipe for good: whoever comes with the id of one that is gone finds nothing. The event loop knows places alone; an
//! event for a pipe that is gone finds its successor, which is harmless: readiness is a hint to look.

use slab::Slab;

use crate::patterns::PipeId;

/// What has a place.
pub(crate) trait Placed {
    fn id(&self) -> PipeId;
}

#[derive(Debug)]
pub(crate) struct Slots<E>(Slab<E>);

impl<E: Placed> Slots<E> {
    pub(crate) fn new() -> Self {
        Self(Slab::new())
    }

    /// Puts into a free place what is built from the id it has there.
    pub(crate) fn insert(&mut self, number: u32, build: impl FnOnce(PipeId) -> E) -> PipeId {
        let vacant = self.0.vacant_entry();
        // A socket never has 2^32 pipes: descriptors run out long before.
        let id = PipeId { slot: u32::try_from(vacant.key()).unwrap_or(u32::MAX), number };
        vacant.insert(build(id));
        id
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: PipeId) -> Option<&mut E> {
        self.0.get_mut(id.slot as usize).filter(|entry| entry.id() == id)
    }

    pub(crate) fn get(&self, id: PipeId) -> Option<&E> {
        self.0.get(id.slot as usize).filter(|entry| entry.id() == id)
    }

    /// Who has this place now.
    pub(crate) fn at(&mut self, slot: usize) -> Option<&mut E> {
        self.0.get_mut(slot)
    }

    pub(crate) fn remove(&mut self, id: PipeId) -> Option<E> {
        self.get(id)?;
        self.0.try_remove(id.slot as usize)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut E> {
        self.0.iter_mut().map(|(_, entry)| entry)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        self.0.iter().map(|(_, entry)| entry)
    }
}
