use std::collections::{BTreeMap, VecDeque};

use hubless_protocol::patterns::{Loss, PipeId};

use super::Deed;

/// Where each message is that was taken from the user, of a pattern that gives each to one peer.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    places: BTreeMap<Vec<u8>, Place>,
    /// Came back and found no room, oldest first.
    waiting: VecDeque<Vec<u8>>,
    cuts: BTreeMap<Vec<u8>, u32>,
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Queued for this pipe, or was, and has left by it or is about to come back.
    Given(PipeId),
    Waiting,
    Lost,
}

/// How often a message may be cut short before it is given up, at least.
const MAX_INTERRUPTIONS: u32 = 3;

impl Ledger {
    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// A message was taken, and given to that pipe.
    #[track_caller]
    pub(crate) fn taken(&mut self, wire: Vec<u8>, pipe: PipeId) {
        assert_eq!(self.waiting.len(), 0, "a new message went before one that waits");
        assert_eq!(self.places.insert(wire, Place::Given(pipe)), None, "it was sent before");
    }

    /// A message came back from a dead pipe.
    #[track_caller]
    pub(crate) fn came_back(&mut self, wire: Vec<u8>, cut: bool) {
        let place = self.places.get_mut(&wire).expect("it was sent");
        assert!(matches!(place, Place::Given(_)), "{wire:?} came back while it was {place:?}");
        *place = Place::Waiting;
        if cut {
            *self.cuts.entry(wire.clone()).or_default() += 1;
        }
        self.waiting.push_back(wire);
    }

    /// What the machine did by itself: sent what waits, in its order.
    #[track_caller]
    pub(crate) fn did<O: std::fmt::Debug>(&mut self, deeds: Vec<Deed<O>>) {
        for deed in deeds {
            match deed {
                Deed::Pushed(pipe, wire) => {
                    assert_eq!(self.waiting.pop_front().as_ref(), Some(&wire), "the oldest goes first");
                    self.places.insert(wire, Place::Given(pipe));
                }
                Deed::Lost(Loss::PipeLost) => self.gave_up(),
                other => panic!("nobody asked for {other:?}"),
            }
        }
    }

    /// The message that came back last was lost instead of waiting.
    #[track_caller]
    pub(crate) fn lost(&mut self) {
        let wire = self.waiting.pop_back().expect("one came back");
        self.places.insert(wire, Place::Lost);
    }

    /// The same of a pattern that loses none unless it is cut short again and again.
    #[track_caller]
    fn gave_up(&mut self) {
        let cuts = self.waiting.back().and_then(|wire| self.cuts.get(wire)).copied().unwrap_or_default();
        assert!(cuts > MAX_INTERRUPTIONS, "lost after {cuts} cuts");
        self.lost();
    }
}
