use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use hubless_protocol::patterns::{Full, Key, Pattern, PipeId, Refusal, UnsentMessage, Verdict};
use hubless_transport::{Message, Packet};

use super::event::Event;
use super::{Deed, World};

/// What has happened, and how the machine answered.
#[derive(Debug)]
pub(crate) enum Happened<T> {
    Joined(Result<(), Refusal>),
    Left(PipeId),
    /// The machine may have been told of room.
    Drained,
    Sent(Result<T, Full>),
    Arrived(PipeId, Vec<u8>, Verdict),
    /// It came back; whether it was cut short.
    Returned(Packet, bool),
    Cancelled(T),
    Passed,
}

/// What must hold of a machine, whatever happens.
pub(crate) trait Laws<P: Pattern> {
    /// What the user sends.
    fn outgoing(&mut self, bytes: &[u8]) -> P::Outgoing;

    /// This has happened, and that is what the machine did.
    fn judge(&mut self, happened: Happened<P::Ticket>, deeds: Vec<Deed<P::Origin>>, play: &Play<P>);
}

/// What a send is named by afterwards.
pub(crate) trait Ticket: Copy + Debug {
    /// The inbox, if it is one.
    fn key(self) -> Option<Key>;
}

impl Ticket for () {
    fn key(self) -> Option<Key> {
        None
    }
}

impl Ticket for Key {
    fn key(self) -> Option<Key> {
        Some(self)
    }
}

/// A machine, what is around it, and what the engine has in its hands.
#[derive(Debug)]
pub(crate) struct Play<P: Pattern> {
    pub(crate) machine: P,
    pub(crate) world: World<P::Origin>,
    /// What dead pipes did not get rid of; the first of each may have been cut short.
    pub(crate) homeless: VecDeque<(UnsentMessage, bool)>,
    tickets: Vec<P::Ticket>,
    /// The number of the next pipe.
    next: u32,
    /// Whether messages come back as one piece, as from a stream.
    joined: bool,
    /// Whether each pipe could take one more message before this step.
    pub(crate) took: BTreeMap<PipeId, bool>,
}

impl<P: Pattern> Play<P>
where
    P::Ticket: Ticket,
    P::Origin: Clone + Debug,
{
    /// Has happen to the machine what the input says, and asks the laws after each step.
    pub(crate) fn run(machine: P, laws: &mut impl Laws<P>, joined: bool, input: &mut Unstructured<'_>) {
        let (world, homeless) = (World::new(), VecDeque::new());
        let took = BTreeMap::new();
        let mut play = Self { machine, world, homeless, tickets: Vec::new(), next: 1, joined, took };
        while let Ok(event) = Event::arbitrary(input) {
            play.step(event, laws);
        }
        while !play.homeless.is_empty() {
            play.give_back(laws);
        }
    }

    fn step(&mut self, event: Event, laws: &mut impl Laws<P>) {
        match event {
            Event::Joins { slot, capacity } => self.join(slot, capacity, laws),
            Event::Leaves { slot } => self.leave(slot, laws),
            Event::Drains { slot, count, begins } => self.drain(slot, count, begins, laws),
            Event::Sends(bytes) => self.send(&bytes, laws),
            Event::Arrives { slot, bytes } => self.arrive(slot, &bytes, laws),
            Event::Answers { slot, which } => {
                let key = self.chosen(which).and_then(Ticket::key).unwrap_or_default();
                self.arrive(slot, &[&key.to_be_bytes()[..], b"answer"].concat(), laws);
            }
            Event::Returns => self.give_back(laws),
            Event::Passes(time) => self.pass(time, laws),
            Event::Memory(there) => self.change_memory(there, laws),
            Event::Cancels { which } => self.cancel(which, laws),
        }
    }

    /// The live pipe in a slot.
    pub(crate) fn pipe(&self, slot: u8) -> Option<PipeId> {
        self.world.pipes.keys().copied().find(|pipe| pipe.slot == u32::from(slot))
    }

    /// Whether every pipe will be told of, so that who waits for room waits for something.
    pub(crate) fn all_refused(&self) -> bool {
        self.world.pipes.values().all(|queue| queue.refused)
    }

    fn chosen(&self, which: u8) -> Option<P::Ticket> {
        self.tickets.get(usize::from(which) % self.tickets.len().max(1)).copied()
    }

    fn judge(&mut self, happened: Happened<P::Ticket>, laws: &mut impl Laws<P>) {
        let deeds = self.world.deeds();
        laws.judge(happened, deeds, self);
        self.took = self.world.pipes.keys().map(|pipe| (*pipe, self.world.takes(*pipe))).collect();
    }

    fn join(&mut self, slot: u8, capacity: usize, laws: &mut impl Laws<P>) {
        if self.pipe(slot).is_some() {
            return;
        }
        let pipe = PipeId { slot: u32::from(slot), number: self.next };
        self.next += 1;
        let welcome = self.world.try_join(&mut self.machine, pipe, capacity);
        self.judge(Happened::Joined(welcome), laws);
    }

    fn leave(&mut self, slot: u8, laws: &mut impl Laws<P>) {
        let Some(pipe) = self.pipe(slot) else { return };
        let Some(queue) = self.world.leave(&mut self.machine, pipe) else { return };
        self.homeless.extend(queue.messages.into_iter().enumerate().map(|(at, mut unsent)| {
            let cut = queue.begun && at == 0;
            unsent.interruptions += u8::from(cut);
            (unsent, cut)
        }));
        self.judge(Happened::Left(pipe), laws);
    }

    fn drain(&mut self, slot: u8, count: u8, begins: bool, laws: &mut impl Laws<P>) {
        let Some(pipe) = self.pipe(slot) else { return };
        self.world.drain(&mut self.machine, pipe, count.into(), begins);
        self.judge(Happened::Drained, laws);
    }

    fn send(&mut self, bytes: &[u8], laws: &mut impl Laws<P>) {
        let mut outgoing = laws.outgoing(bytes);
        let sent = self.machine.send(&mut outgoing, &mut self.world);
        self.tickets.extend(sent.iter().copied());
        self.judge(Happened::Sent(sent), laws);
    }

    fn arrive(&mut self, slot: u8, bytes: &[u8], laws: &mut impl Laws<P>) {
        let Some(pipe) = self.pipe(slot) else { return };
        let verdict = self.world.receive(&mut self.machine, pipe, Message::from(bytes).into());
        self.judge(Happened::Arrived(pipe, bytes.to_vec(), verdict), laws);
        if matches!(verdict, Verdict::Close(_)) {
            self.leave(slot, laws);
        }
    }

    fn give_back(&mut self, laws: &mut impl Laws<P>) {
        let Some((UnsentMessage { packet: unsent, interruptions }, cut)) = self.homeless.pop_front() else {
            return;
        };
        let packet =
            if self.joined { Packet::from(Message::from(super::wire(&unsent))) } else { unsent.clone() };
        self.machine.on_unsent(UnsentMessage { packet, interruptions }, &mut self.world);
        self.judge(Happened::Returned(unsent, cut), laws);
    }

    fn pass(&mut self, time: Duration, laws: &mut impl Laws<P>) {
        self.world.pass(time, &mut self.machine);
        self.judge(Happened::Passed, laws);
    }

    fn change_memory(&mut self, there: bool, laws: &mut impl Laws<P>) {
        self.world.exhausted = !there;
        if there {
            let pipes: Vec<_> = self.world.pipes.keys().copied().collect();
            for pipe in pipes {
                self.world.tell_of_room(&mut self.machine, pipe);
            }
        }
        self.judge(Happened::Drained, laws);
    }

    fn cancel(&mut self, which: u8, laws: &mut impl Laws<P>) {
        let Some(ticket) = self.chosen(which) else { return };
        if let Some(key) = ticket.key() {
            self.world.close(key);
        }
        self.machine.cancel(ticket, &mut self.world);
        self.judge(Happened::Cancelled(ticket), laws);
    }
}
