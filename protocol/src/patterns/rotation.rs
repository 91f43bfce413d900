use hubless_transport::Message;

use crate::patterns::{Balance, Effects, Full, PipeId};

/// The pipes that have room, in a ring: each is served once per round, and one that comes in waits for its turn. Whether there is
/// memory for a message is another question: the answer depends on its size.
#[derive(Debug)]
pub(super) struct Rotation {
    /// By slot; `None` where the pipe is not in the ring.
    links: Vec<Option<Link>>,
    /// The slot whose turn it is.
    turn: Option<u32>,
    /// A message of this size found memory at none of the ring, and none of them was writable since: one as large asks a single
    /// pipe, so that a refusal costs the same with many.
    too_large: usize,
}

impl Default for Rotation {
    #[inline]
    fn default() -> Self {
        Self { links: Vec::new(), turn: None, too_large: usize::MAX }
    }
}

#[derive(Debug, Clone, Copy)]
struct Link {
    number: u32,
    before: u32,
    after: u32,
}

impl Rotation {
    /// Lets a pipe in, last in the round. One that is in stays where it is.
    pub(super) fn insert(&mut self, pipe: PipeId) {
        self.too_large = usize::MAX;
        if let Some(link) = self.link(pipe.slot) {
            if link.number == pipe.number {
                return;
            }
            self.unlink(pipe.slot);
        }
        let place = pipe.slot as usize;
        if place >= self.links.len() {
            self.links.resize(place + 1, None);
        }
        let (before, after) = match self.turn {
            Some(turn) => (self.link(turn).map_or(turn, |link| link.before), turn),
            None => (pipe.slot, pipe.slot),
        };
        self.links[place] = Some(Link { number: pipe.number, before, after });
        self.edit(before, |link| link.after = pipe.slot);
        self.edit(after, |link| link.before = pipe.slot);
        self.turn.get_or_insert(pipe.slot);
    }

    /// Takes a pipe out, if it is in.
    #[inline]
    pub(super) fn remove(&mut self, pipe: PipeId) {
        if self.link(pipe.slot).is_some_and(|link| link.number == pipe.number) {
            self.unlink(pipe.slot);
        }
    }

    /// Queues a message for the pipe whose turn it is, or the next in the round that takes it. One whose queue is full
    /// leaves the ring until it is writable. Returns the pipe; where none takes it, the message is untouched.
    #[inline]
    pub(super) fn push<O>(
        &mut self,
        header: &[u8],
        body: &mut Message,
        fx: &mut impl Effects<O>,
    ) -> Result<PipeId, Full> {
        let Some((pipe, after)) = self.next() else { return Err(Full) };
        if fx.push(pipe, header, body).is_ok() {
            self.turn = Some(after);
            return Ok(pipe);
        }
        self.push_to_others(pipe, header, body, fx, |_, _| 0)
    }

    /// Queues a message for the pipe that is chosen in this way; what a pipe has to do, `load` says.
    #[inline]
    pub(super) fn push_by<O, E: Effects<O>>(
        &mut self,
        balance: Balance,
        header: &[u8],
        body: &mut Message,
        fx: &mut E,
        load: impl Fn(&E, PipeId) -> usize,
    ) -> Result<PipeId, Full> {
        match balance {
            Balance::RoundRobin => self.push(header, body, fx),
            Balance::LeastQueued => self.push_to_least(header, body, fx, load),
        }
    }

    /// To the pipe with the least load, equals in turn.
    fn push_to_least<O, E: Effects<O>>(
        &mut self,
        header: &[u8],
        body: &mut Message,
        fx: &mut E,
        load: impl Fn(&E, PipeId) -> usize,
    ) -> Result<PipeId, Full> {
        let Some(pipe) = self.least(|pipe| load(fx, pipe)) else { return Err(Full) };
        if fx.push(pipe, header, body).is_ok() {
            self.turn = self.link(pipe.slot).map(|link| link.after);
            return Ok(pipe);
        }
        self.push_to_others(pipe, header, body, fx, load)
    }

    /// Queues a message for the first that takes it after one has refused, those with the least load first. Each that has room
    /// and no memory for a message of this size stays in the ring, for it may take a smaller one.
    #[cold]
    #[inline(never)]
    fn push_to_others<O, E: Effects<O>>(
        &mut self,
        refused: PipeId,
        header: &[u8],
        body: &mut Message,
        fx: &mut E,
        load: impl Fn(&E, PipeId) -> usize,
    ) -> Result<PipeId, Full> {
        self.note_refusal(refused, fx);
        let bytes = header.len() + body.len();
        // Where the one that was asked is full, the others are asked whether they are, too.
        if bytes >= self.too_large && self.link(refused.slot).is_some() && !fx.insists() {
            return Err(Full);
        }
        let mut others: Vec<(usize, PipeId)> = self.round().map(|pipe| (load(fx, pipe), pipe)).collect();
        others.sort_by_key(|(load, _)| *load);
        for (_, pipe) in others {
            if pipe == refused {
                continue;
            }
            if fx.push(pipe, header, body).is_ok() {
                self.turn = self.link(pipe.slot).map(|link| link.after);
                return Ok(pipe);
            }
            self.note_refusal(pipe, fx);
        }
        self.too_large = bytes;
        Err(Full)
    }

    /// A pipe has refused a message: it stays only if that was for want of memory.
    #[inline]
    fn note_refusal<O>(&mut self, pipe: PipeId, fx: &mut impl Effects<O>) {
        if !fx.has_room(pipe) {
            self.unlink(pipe.slot);
        }
    }

    /// The pipe whose turn it is, and the slot after it.
    #[inline]
    fn next(&self) -> Option<(PipeId, u32)> {
        let slot = self.turn?;
        let link = self.link(slot)?;
        Some((PipeId { slot, number: link.number }, link.after))
    }

    /// All pipes of the ring, in turn.
    #[inline]
    fn round(&self) -> impl Iterator<Item = PipeId> {
        let mut next = self.turn;
        std::iter::from_fn(move || {
            let slot = next?;
            let link = self.link(slot)?;
            next = Some(link.after).filter(|after| Some(*after) != self.turn);
            Some(PipeId { slot, number: link.number })
        })
    }

    /// The first in the round that has the least load.
    fn least(&self, load: impl Fn(PipeId) -> usize) -> Option<PipeId> {
        let first = self.turn?;
        let (mut slot, mut best) = (first, None);
        loop {
            let link = self.link(slot)?;
            let pipe = PipeId { slot, number: link.number };
            let load = load(pipe);
            if best.is_none_or(|(least, _)| load < least) {
                best = Some((load, pipe));
            }
            slot = link.after;
            if load == 0 || slot == first {
                return best.map(|(_, pipe)| pipe);
            }
        }
    }

    #[inline]
    fn link(&self, slot: u32) -> Option<Link> {
        self.links.get(slot as usize).copied().flatten()
    }

    #[inline]
    fn edit(&mut self, slot: u32, change: impl FnOnce(&mut Link)) {
        if let Some(Some(link)) = self.links.get_mut(slot as usize) {
            change(link);
        }
    }

    #[inline]
    fn unlink(&mut self, slot: u32) {
        let Some(link) = self.links.get_mut(slot as usize).and_then(Option::take) else { return };
        self.edit(link.before, |before| before.after = link.after);
        self.edit(link.after, |after| after.before = link.before);
        if self.turn == Some(slot) {
            self.turn = (link.after != slot).then_some(link.after);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{World, pipe};

    /// The pipe whose turn it is, where all have room.
    fn served(rotation: &mut Rotation) -> Option<PipeId> {
        let mut fx = World::<()>::new();
        (0..8).for_each(|slot| fx.give_room(pipe(slot), 1));
        rotation.push(&[], &mut Message::new(), &mut fx).ok()
    }

    /// Sends a message of this size; to which pipe.
    fn send(rotation: &mut Rotation, fx: &mut World<()>, balance: Balance, size: usize) -> Option<u32> {
        let mut body = Message::from(vec![0; size]);
        rotation.push_by(balance, &[], &mut body, fx, Effects::queued).ok().map(|pipe| pipe.slot)
    }

    fn ring(pipes: u32, fx: &mut World<()>) -> Rotation {
        let mut rotation = Rotation::default();
        (0..pipes).for_each(|slot| {
            fx.give_room(pipe(slot), usize::MAX);
            rotation.insert(pipe(slot));
        });
        rotation
    }

    #[test]
    fn a_pipe_that_has_no_memory_for_a_large_message_still_takes_its_turn_with_small_ones() {
        for balance in [Balance::RoundRobin, Balance::LeastQueued] {
            let mut fx = World::<()>::new();
            let mut rotation = ring(3, &mut fx);
            fx.largest = 10;
            assert_eq!(send(&mut rotation, &mut fx, balance, 11), None);
            let sent = [1, 10, 11, 2, 12, 3].map(|size| send(&mut rotation, &mut fx, balance, size));
            assert_eq!(sent, [Some(0), Some(1), None, Some(2), None, Some(0)], "{balance:?}");
            fx.largest = 20;
            rotation.insert(pipe(2));
            assert!(send(&mut rotation, &mut fx, balance, 20).is_some(), "{balance:?}");
        }
    }

    #[test]
    fn a_full_pipe_leaves_the_ring_though_memory_is_short_too() {
        let mut fx = World::<()>::new();
        let mut rotation = ring(2, &mut fx);
        fx.give_room(pipe(0), 0);
        fx.largest = 10;
        assert_eq!(send(&mut rotation, &mut fx, Balance::RoundRobin, 11), None);
        fx.give_room(pipe(0), 1);
        for _ in 0..3 {
            assert_eq!(send(&mut rotation, &mut fx, Balance::RoundRobin, 1), Some(1), "not told of room yet");
        }
        rotation.insert(pipe(0));
        assert_eq!(send(&mut rotation, &mut fx, Balance::LeastQueued, 1), Some(0));
    }

    #[test]
    fn a_send_that_is_refused_for_memory_asks_no_more_pipes_where_there_are_many() {
        for balance in [Balance::RoundRobin, Balance::LeastQueued] {
            let [few, many] = [10, 1000].map(|pipes| {
                let mut fx = World::<()>::new();
                let mut rotation = ring(pipes, &mut fx);
                fx.largest = 10;
                assert_eq!(send(&mut rotation, &mut fx, balance, 11), None);
                let before = fx.pushes;
                (0..100).for_each(|more| assert_eq!(send(&mut rotation, &mut fx, balance, 11 + more), None));
                fx.pushes - before
            });
            assert_eq!((few, many), (100, 100), "{balance:?}");
        }
    }

    #[test]
    fn one_that_has_waited_asks_all_for_the_pipe_by_which_it_may_go_beyond_the_memory() {
        for balance in [Balance::RoundRobin, Balance::LeastQueued] {
            for taker in 0..5 {
                let mut fx = World::<()>::new();
                let mut rotation = ring(5, &mut fx);
                fx.largest = 10;
                assert_eq!(send(&mut rotation, &mut fx, balance, 11), None);
                fx.beyond = Some(pipe(taker));
                assert_eq!(send(&mut rotation, &mut fx, balance, 11), Some(taker), "{balance:?}");
            }
        }
    }

    #[test]
    fn an_earlier_pipe_of_the_same_slot_is_another() {
        let mut rotation = Rotation::default();
        let earlier = PipeId { slot: 0, number: 1 };
        rotation.insert(earlier);
        rotation.insert(pipe(0));
        rotation.remove(earlier);
        assert_eq!(served(&mut rotation), Some(pipe(0)));
    }

    proptest! {
        /// Inserts, removes (`Some`) and serves (`None`), compared with a queue.
        #[test]
        fn it_serves_in_turn_and_lets_newcomers_in_last(steps in vec((any::<bool>(), prop::option::of(0_u32..8)), 0..200)) {
            let (mut rotation, mut queue) = (Rotation::default(), VecDeque::new());
            for (inserts, slot) in steps {
                match slot.map(pipe) {
                    Some(pipe) if inserts => {
                        rotation.insert(pipe);
                        if !queue.contains(&pipe) {
                            queue.push_back(pipe);
                        }
                    }
                    Some(pipe) => {
                        rotation.remove(pipe);
                        queue.retain(|other| *other != pipe);
                    }
                    None => {
                        prop_assert_eq!(served(&mut rotation), queue.front().copied());
                        if !queue.is_empty() {
                            queue.rotate_left(1);
                        }
                    }
                }
            }
        }
    }
}
