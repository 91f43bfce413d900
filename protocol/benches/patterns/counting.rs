use std::hint::black_box;

use hubless_protocol::PeerInfo;
use hubless_protocol::patterns::{Effects, Ending, Full, Inbox, Key, Loss, Pattern, PipeId, Share, Time};
use hubless_transport::Message;

/// Effects that are counted. There is always room, and time stands still.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    effects: u64,
    octets: usize,
}

impl Counting {
    /// Adds this many pipes.
    pub(crate) fn join<O>(&mut self, pattern: &mut impl Pattern<Origin = O>, pipes: u32) {
        let peer = PeerInfo::of(pattern.role().peers()[0]);
        for slot in 0..pipes {
            pattern.pipe_added(pipe(slot), &peer, self).expect("a pattern of many peers");
        }
    }
}

/// The pipe in this slot.
pub(crate) const fn pipe(slot: u32) -> PipeId {
    PipeId { slot, number: 100 + slot }
}

impl<O> Effects<O> for Counting {
    fn now(&self) -> Time {
        Time(1)
    }

    fn push(&mut self, pipe: PipeId, header: &[u8], body: &mut Message) -> Result<(), Full> {
        Effects::<O>::push_shared(self, pipe, header, body)
    }

    fn push_shared(&mut self, pipe: PipeId, header: &[u8], body: &Message) -> Result<(), Full> {
        black_box((pipe, header));
        self.effects += 1;
        self.octets += body.len();
        Ok(())
    }

    fn note_interruptions(&mut self, _pipe: PipeId, _interruptions: u8) {}

    fn keeps(&mut self, _octets: usize) {}

    fn resends(&mut self, _key: Key) {}

    fn resent(&mut self, _sent: bool) {}

    fn insists(&self) -> bool {
        false
    }

    fn has_room(&mut self, _pipe: PipeId) -> bool {
        true
    }

    fn queued(&self, _pipe: PipeId) -> usize {
        0
    }

    fn has_memory(&mut self, _octets: usize) -> bool {
        true
    }

    fn drop_oldest(&mut self, _pipe: PipeId) -> bool {
        false
    }

    fn deliver(&mut self, _inbox: Inbox, _pipe: PipeId, _origin: O, body: Message) {
        self.effects += 1;
        self.octets += black_box(body).len();
    }

    fn deliver_answer(&mut self, key: Key, pipe: PipeId, origin: O, body: Message, _share: Share) {
        self.deliver(Inbox::Keyed(key), pipe, origin, body);
    }

    fn open(&mut self, _key: Key, _limit: usize, _kept: usize) {
        self.effects += 1;
    }

    fn is_open(&self, _key: Key) -> bool {
        false
    }

    fn finish(&mut self, _key: Key, _ending: Ending) {
        self.effects += 1;
    }

    fn arm(&mut self, _at: Option<Time>) {
        self.effects += 1;
    }

    fn count(&mut self, _loss: Loss) {
        self.effects += 1;
    }

    fn count_for(&mut self, _pipe: PipeId, _loss: Loss) {
        self.effects += 1;
    }
}
