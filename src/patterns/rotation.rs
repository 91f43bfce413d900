use hubless_transport::Message;

use crate::patterns::{Balance, Effects, Full, PipeId};

/// The pipes that have room, in a ring: each is served once per round, and one that comes in waits for its turn.
#[derive(Debug, Default)]
pub(crate) struct Rotation {
    /// By slot; `None` where the pipe is not in the ring.
    links: Vec<Option<Link>>,
    /// The slot whose turn it is.
    turn: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    number: u32,
    before: u32,
    after: u32,
}

impl Rotation {
    /// Lets a pipe in, last in the round. One that is in stays where it is.
    pub(crate) fn insert(&mut self, pipe: PipeId) {
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
    pub(crate) fn remove(&mut self, pipe: PipeId) {
        if self.link(pipe.slot).is_some_and(|link| link.number == pipe.number) {
            self.unlink(pipe.slot);
        }
    }

    /// Queues a message for the pipe whose turn it is; one that refuses leaves the ring until it is writable. Returns
    /// the pipe; where none has room, the message is untouched.
    #[inline]
    pub(crate) fn push<O>(
        &mut self,
        header: &[u8],
        body: &mut Message,
        fx: &mut impl Effects<O>,
    ) -> Result<PipeId, Full> {
        while let Some(slot) = self.turn {
            let Some(link) = self.link(slot) else { break };
            let pipe = PipeId { slot, number: link.number };
            if fx.push(pipe, header, body).is_ok() {
                self.turn = Some(link.after);
                return Ok(pipe);
            }
            self.unlink(slot);
        }
        Err(Full)
    }

    /// Queues a message for the pipe that is chosen in this way; what a pipe has to do, `load` says.
    #[inline]
    pub(crate) fn push_by<O, E: Effects<O>>(
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
        while let Some(pipe) = self.least(|pipe| load(fx, pipe)) {
            if fx.push(pipe, header, body).is_ok() {
                self.turn = self.link(pipe.slot).map(|link| link.after);
                return Ok(pipe);
            }
            self.unlink(pipe.slot);
        }
        Err(Full)
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

    fn edit(&mut self, slot: u32, change: impl FnOnce(&mut Link)) {
        if let Some(Some(link)) = self.links.get_mut(slot as usize) {
            change(link);
        }
    }

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
    use crate::patterns::testing::{Recorder, pipe};

    /// The pipe whose turn it is, where all have room.
    fn served(rotation: &mut Rotation) -> Option<PipeId> {
        let mut fx = Recorder::<()>::new();
        (0..8).for_each(|slot| fx.give_room(pipe(slot), 1));
        rotation.push(&[], &mut Message::new(), &mut fx).ok()
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
