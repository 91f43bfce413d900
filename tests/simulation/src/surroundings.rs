//! What a machine acts upon: the world that records what it does, and what the engine makes of that.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hubless_protocol::patterns::{Ending, Inbox, Key, Loss, PipeId, Share, Time};
use hubless_protocol::testing::{Deed, World};
use hubless_transport::{Message, Packet};

use crate::fault::Fault;
use crate::law::{Breach, Law};

/// How much a pipe may hold on either side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) send: usize,
    pub(crate) receive: usize,
}

/// What has come and gone by a pipe.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// What left last.
    pub(crate) left: Option<Packet>,
    /// Delivered to the socket's inbox and not received.
    pub(crate) held: usize,
}

/// A message that was delivered.
#[derive(Debug)]
pub(crate) struct Received<O> {
    pub(crate) pipe: PipeId,
    pub(crate) origin: O,
    pub(crate) body: Message,
}

/// An answer that nobody has taken.
#[derive(Debug)]
pub(crate) struct Kept {
    /// When it was delivered.
    pub(crate) at: Time,
    /// The peer whose share it is of, if it has one of its own.
    account: Option<PipeId>,
    pub(crate) body: Message,
}

/// The inbox of a request or survey.
#[derive(Debug, Default)]
pub(crate) struct Keyed {
    limit: usize,
    /// Who has answered.
    pub(crate) answered: BTreeSet<PipeId>,
    pub(crate) answers: VecDeque<Kept>,
    pub(crate) ended: Option<(Ending, Time)>,
}

/// What a step did that the journal does not know of yet.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) pushed: usize,
    pub(crate) delivered: usize,
    pub(crate) lost: Vec<Loss>,
    pub(crate) ended: Vec<Ending>,
    pub(crate) breach: Option<Breach>,
}

/// The state of a socket but for its machine.
#[derive(Debug)]
pub(crate) struct Surroundings<O> {
    pub(crate) world: World<O>,
    pub(crate) limits: Limits,
    pub(crate) fault: Fault,
    pub(crate) traffic: BTreeMap<PipeId, Traffic>,
    pub(crate) inbox: VecDeque<Received<O>>,
    pub(crate) keyed: BTreeMap<Key, Keyed>,
    /// The pipes that each request or survey was queued for, in this order.
    pub(crate) given: BTreeMap<Key, Vec<PipeId>>,
    /// How often any message was cut short.
    pub(crate) cuts: u8,
    /// Memory of the messages that came back and that the machine keeps.
    pub(crate) kept: usize,
    pub(crate) tally: Tally,
}

impl<O> Surroundings<O> {
    pub(crate) fn new(now: Time, limits: Limits, fault: Fault) -> Self {
        let mut world = World::new();
        world.now = now;
        world.promises_room = fault == Fault::PromisesRoom;
        Self {
            world,
            limits,
            fault,
            traffic: BTreeMap::new(),
            inbox: VecDeque::new(),
            keyed: BTreeMap::new(),
            given: BTreeMap::new(),
            cuts: 0,
            kept: 0,
            tally: Tally::default(),
        }
    }

    /// A pipe with this number would be in the first slot that is free.
    pub(crate) fn next_pipe(&self, number: u32) -> PipeId {
        let is_free = |slot: &u32| self.world.pipes.keys().all(|pipe| pipe.slot != *slot);
        PipeId { slot: (0..u32::MAX).find(is_free).unwrap_or(u32::MAX), number }
    }

    /// Whether this is one of the pipes there are.
    pub(crate) fn is_alive(&self, id: PipeId) -> bool {
        self.world.pipes.contains_key(&id)
    }

    /// Whether some pipe has taken everything so far.
    pub(crate) fn has_willing_pipe(&self) -> bool {
        self.world.pipes.values().any(|queue| !queue.refused)
    }

    /// How many pipes there are.
    pub(crate) fn alive(&self) -> usize {
        self.world.pipes.len()
    }

    /// Whether there is a pipe of this number.
    pub(crate) fn has_number(&self, number: u32) -> bool {
        self.world.pipes.keys().any(|pipe| pipe.number == number)
    }

    /// Messages that are to leave.
    pub(crate) fn pending(&self) -> usize {
        self.world.pipes.values().map(|queue| queue.messages.len()).sum()
    }

    /// The user has seen what came of a request or survey, or waits no longer.
    pub(crate) fn close(&mut self, key: Key) -> Option<Keyed> {
        self.world.close(key);
        self.keyed.remove(&key)
    }

    /// Does what the engine does with what the machine has done.
    pub(crate) fn settle(&mut self) {
        if let Some(how) = self.world.misuse() {
            self.breach(Law::OneAnswer, how);
        }
        let kept = self.world.kept;
        self.kept = match self.fault {
            Fault::HoardsMemory => self.kept.max(kept),
            Fault::LosesMemory => self.kept.min(kept),
            _ => kept,
        };
        for deed in self.world.deeds() {
            self.carry_out(deed);
        }
    }

    fn carry_out(&mut self, deed: Deed<O>) {
        match deed {
            Deed::Pushed(pipe, wire) => {
                if let Some(key) = wire.first_chunk() {
                    self.given.entry(Key::from_be_bytes(*key)).or_default().push(pipe);
                }
                self.tally.pushed += 1;
            }
            // Its peers speak SP, which has no controls.
            Deed::Displaced(..) | Deed::Said(..) => {}
            Deed::Delivered(..) | Deed::Answered(..) if self.fault == Fault::Swallows => {}
            Deed::Delivered(Inbox::Socket, pipe, origin, body) => {
                self.traffic.entry(pipe).or_default().held += 1;
                self.inbox.push_back(Received { pipe, origin, body });
                self.tally.delivered += 1;
            }
            Deed::Delivered(Inbox::Keyed(key), pipe, _, body) => self.deliver_keyed(key, pipe, body, None),
            Deed::Answered(key, pipe, _, body, share) => self.deliver_keyed(key, pipe, body, Some(share)),
            Deed::Opened(key, limit) => {
                let limit = if self.fault == Fault::SharesNothing { 1 } else { limit };
                self.keyed.insert(key, Keyed { limit, ..Keyed::default() });
            }
            Deed::Finished(key, ending) => {
                self.tally.ended.push(ending);
                if let Some(keyed) = self.keyed.get_mut(&key) {
                    keyed.ended = Some((ending, self.world.now));
                }
            }
            Deed::Lost(loss) => self.count(loss),
            Deed::LostAt(pipe, loss) => {
                let alive = self.is_alive(pipe);
                if loss == if alive { Loss::RequesterGone } else { Loss::PeerFull } {
                    self.breach(
                        Law::Reason,
                        format!("{loss:?} counts for {pipe:?}, which is alive: {alive}"),
                    );
                }
                self.count(loss);
            }
        }
    }

    fn deliver_keyed(&mut self, key: Key, pipe: PipeId, body: Message, share: Option<Share>) {
        let at = self.world.now;
        let share = share.filter(|_| self.fault != Fault::SharesNothing);
        let Some(keyed) = self.keyed.get_mut(&key) else { return };
        let first = keyed.answered.insert(pipe);
        let account = share.is_some_and(|share| share.asked).then_some(pipe);
        let waiting = keyed.answers.iter().filter(|answer| answer.account == account).count();
        let over = share.is_some_and(|share| waiting >= share.most);
        let placed = account.is_some() && waiting == 0;
        if over || (!placed && keyed.answers.len() >= keyed.limit) {
            if first && self.given.get(&key).is_some_and(|given| given.contains(&pipe)) {
                self.breach(Law::Shares, format!("the first answer of {pipe:?} to {key:#x} has no place"));
            }
            return self.count(Loss::InboxFull);
        }
        if self.fault == Fault::AnswersTwice {
            keyed.answers.push_back(Kept { at, account, body: body.clone() });
        }
        keyed.answers.push_back(Kept { at, account, body });
        self.tally.delivered += 1;
    }

    /// Counts a lost message.
    pub(crate) fn count(&mut self, loss: Loss) {
        if self.fault != Fault::CountsNothing {
            self.tally.lost.push(loss);
        }
    }

    fn breach(&mut self, law: Law, how: String) {
        self.tally.breach.get_or_insert(Breach { law, how });
    }
}
