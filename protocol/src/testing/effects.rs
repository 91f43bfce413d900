use std::hint::black_box;
use std::mem;

use hubless_transport::{Header, Message, Packet};

use super::{Deed, World, wire};
use crate::patterns::{Effects, Ending, Full, Inbox, Key, Loss, PipeId, Queueing, Share, Time};
use crate::{Control, ControlRefused};

impl<O> World<O> {
    fn note(&mut self, deed: Deed<O>) {
        if self.boundless {
            black_box(deed);
        } else {
            self.deeds.push(deed);
        }
    }

    /// The engine could not do this. The first such thing is kept.
    fn misuse_of(&mut self, is_misuse: bool, how: impl FnOnce() -> String) {
        if is_misuse && !self.boundless {
            self.misuse.get_or_insert_with(how);
        }
    }

    /// Queues a message of this size, or notes that the pattern is to be told of room.
    fn queue(&mut self, pipe: PipeId, size: usize, packet: impl FnOnce() -> Packet) -> Result<(), Full> {
        self.pushes += 1;
        let takes = self.holds(pipe, size) && self.takes(pipe);
        let queue = self.pipes.get_mut(&pipe).ok_or(Full)?;
        if !takes {
            queue.refused = true;
            return Err(Full);
        }
        let packet = packet();
        let wire = wire(&packet);
        queue.messages.push_back(packet.into());
        self.note(Deed::Pushed(pipe, wire));
        Ok(())
    }

    fn holds(&self, pipe: PipeId, size: usize) -> bool {
        size <= self.largest || self.beyond == Some(pipe)
    }

    fn accept(&mut self, inbox: Inbox, pipe: PipeId) {
        if self.boundless {
            return;
        }
        self.misuse_of(!self.pipes.contains_key(&pipe), || format!("no message can come by {pipe:?}"));
        if let Inbox::Keyed(key) = inbox {
            self.misuse_of(self.inboxes.get(&key) != Some(&true), || format!("nobody waits for {key:#x}"));
        }
    }
}

impl<O> Effects<O> for World<O> {
    fn now(&self) -> Time {
        self.now
    }

    /// What is left of the body says nothing, so nobody may look.
    fn push(&mut self, pipe: PipeId, header: &[u8], body: &mut Message) -> Result<(), Full> {
        if self.boundless {
            return self.push_shared(pipe, header, body);
        }
        let size = header.len() + body.len();
        self.queue(pipe, size, || Packet::new(Header::from(header), mem::replace(body, "taken".into())))
    }

    fn push_shared(&mut self, pipe: PipeId, header: &[u8], body: &Message) -> Result<(), Full> {
        if self.boundless {
            black_box((pipe, header));
            self.pushes += body.len();
            return Ok(());
        }
        let size = header.len() + body.len();
        self.queue(pipe, size, || Packet::new(Header::from(header), body.clone()))
    }

    fn send_control(&mut self, pipe: PipeId, control: Control<'_>) -> Result<(), ControlRefused> {
        if self.boundless {
            black_box((pipe, control));
            return Ok(());
        }
        let exhausted = self.exhausted;
        self.pipes.get_mut(&pipe).ok_or(ControlRefused::NoControls)?.take_control(control, exhausted)?;
        self.note(Deed::Said(pipe, control.kind, control.body.into()));
        Ok(())
    }

    fn note_interruptions(&mut self, pipe: PipeId, interruptions: u8) {
        match self.pipes.get_mut(&pipe).and_then(|queue| queue.messages.back_mut()) {
            Some(last) => last.interruptions = interruptions,
            None => self.misuse_of(true, || format!("nothing was pushed to {pipe:?}")),
        }
    }

    fn keeps(&mut self, bytes: usize) {
        self.kept = bytes;
    }

    fn resends(&mut self, _key: Key) {}

    fn resent(&mut self, _sent: bool) {}

    fn insists(&self) -> bool {
        self.beyond.is_some()
    }

    fn has_room(&mut self, pipe: PipeId) -> bool {
        let Some(queue) = self.pipes.get_mut(&pipe) else { return self.boundless || self.promises_room };
        let room = queue.has_room();
        queue.refused |= !room;
        room || self.boundless || self.promises_room
    }

    fn queued(&self, pipe: PipeId) -> usize {
        self.pipes.get(&pipe).map_or(0, |queue| queue.messages.len())
    }

    fn has_memory(&mut self, _bytes: usize) -> bool {
        !self.exhausted
    }

    fn drop_oldest(&mut self, pipe: PipeId, refused: &Message) -> bool {
        self.misuse_of(self.queueing != Queueing::DroppingOldest, || "nothing is displaced here".into());
        if !self.holds(pipe, refused.len()) {
            return false;
        }
        let Some(queue) = self.pipes.get_mut(&pipe) else { return false };
        let Some(oldest) = queue.messages.remove(usize::from(queue.begun)) else { return false };
        self.note(Deed::Displaced(pipe, wire(&oldest.packet)));
        true
    }

    fn deliver(&mut self, inbox: Inbox, pipe: PipeId, origin: O, body: Message) {
        self.accept(inbox, pipe);
        self.note(Deed::Delivered(inbox, pipe, origin, body));
    }

    fn deliver_answer(&mut self, key: Key, pipe: PipeId, origin: O, body: Message, share: Share) {
        self.accept(Inbox::Keyed(key), pipe);
        self.misuse_of(share.most == 0, || "a share of nothing".into());
        self.note(Deed::Answered(key, pipe, origin, body, share));
    }

    fn open(&mut self, key: Key, limit: usize, _kept: usize) {
        if !self.boundless {
            let former = self.inboxes.insert(key, true);
            self.misuse_of(former.is_some(), || format!("{key:#x} is opened while it is in use"));
        }
        self.misuse_of(limit == 0, || "an inbox for nothing".into());
        self.note(Deed::Opened(key, limit));
    }

    /// One that has ended is in use until somebody has looked what came of it.
    fn is_open(&self, key: Key) -> bool {
        self.inboxes.contains_key(&key)
    }

    fn finish(&mut self, key: Key, ending: Ending) {
        let is_open = self.inboxes.get_mut(&key).is_some_and(mem::take);
        self.misuse_of(!is_open, || format!("{key:#x} ends as {ending:?} and is not open"));
        self.note(Deed::Finished(key, ending));
    }

    fn arm(&mut self, at: Option<Time>) {
        self.armed = at;
        self.arms += 1;
    }

    fn count(&mut self, loss: Loss) {
        self.note(Deed::Lost(loss));
    }

    fn count_for(&mut self, pipe: PipeId, loss: Loss) {
        self.note(Deed::LostAt(pipe, loss));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipe;

    const A: PipeId = pipe(0);
    const KEY: Key = 0x8000_0001;

    /// A world with one pipe and one open request.
    fn world() -> World<()> {
        let mut world = World::new();
        world.give_room(A, 9);
        world.open(KEY, 1, 0);
        world
    }

    #[test]
    fn what_the_engine_could_not_carry_out_is_noted() {
        let share = Share { asked: true, most: 0 };
        let misuses: [fn(&mut World<()>, Share); 9] = [
            |world, _| world.open(KEY, 1, 0),
            |world, _| world.open(KEY + 1, 0, 0),
            |world, _| world.finish(KEY + 1, Ending::Complete),
            |world, _| (0..2).for_each(|_| world.finish(KEY, Ending::Complete)),
            |world, _| world.deliver(Inbox::Socket, pipe(1), (), "x".into()),
            |world, _| world.deliver(Inbox::Keyed(KEY + 1), A, (), "x".into()),
            |world, share| world.deliver_answer(KEY, A, (), "x".into(), share),
            |world, _| world.note_interruptions(A, 1),
            |world, _| _ = world.drop_oldest(A, &"x".into()),
        ];
        for (index, misuse) in misuses.into_iter().enumerate() {
            let mut world = world();
            misuse(&mut world, share);
            assert!(world.misuse().is_some(), "{index}");
        }
    }

    #[test]
    fn what_the_engine_can_carry_out_is_recorded_in_its_order() {
        let mut world = world();
        world.push(A, b"head", &mut "body".into()).unwrap();
        world.note_interruptions(A, 1);
        world.deliver(Inbox::Keyed(KEY), A, (), "answer".into());
        world.finish(KEY, Ending::Complete);
        world.count_for(A, Loss::PeerFull);
        assert!(world.is_open(KEY), "nobody has looked what came of it");
        world.close(KEY);
        world.open(KEY, 1, 0);
        let expected = [
            Deed::Opened(KEY, 1),
            Deed::Pushed(A, b"headbody".into()),
            Deed::Delivered(Inbox::Keyed(KEY), A, (), "answer".into()),
            Deed::Finished(KEY, Ending::Complete),
            Deed::LostAt(A, Loss::PeerFull),
            Deed::Opened(KEY, 1),
        ];
        assert_eq!(world.deeds(), expected);
    }
}
