use hubless_protocol::patterns::{Pattern, PipeId, Role, Time, Verdict};
use hubless_transport::{Message, Packet};

use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::law::Law;
use crate::socket::{Copies, Socket};
use crate::surroundings::{Limits, Surroundings};

/// Who uses a socket.
pub(crate) trait User<P: Pattern> {
    /// Does something, or not; whether anything happened.
    fn act(&mut self, socket: &mut Socket<P>, dice: &mut Dice, journal: &mut Journal) -> bool;

    /// The machine has accepted a message, or not.
    fn judged(&mut self, _body: &Message, _accepted: bool, _journal: &mut Journal) {}

    /// The socket begins anew, and everything in it is gone.
    fn restarted(&mut self) {}

    /// Whether it still has something to send. Asked when everything rests and there is a peer.
    fn waits(&self, socket: &Socket<P>) -> bool;

    /// Everything rests.
    fn rest(&mut self, _socket: &mut Socket<P>, _journal: &mut Journal) {}
}

/// A socket and its user, as the network sees them.
pub(crate) trait Node {
    fn role(&self) -> Role;
    fn join(&mut self, number: u32, journal: &mut Journal) -> Option<PipeId>;
    fn leave(&mut self, pipe: PipeId, cut: bool, journal: &mut Journal);
    fn write(&mut self, pipe: PipeId, journal: &mut Journal) -> Option<Packet>;
    fn reads(&self, pipe: PipeId) -> bool;
    /// Whether the pipe goes on.
    fn arrive(&mut self, pipe: PipeId, packet: Packet, dice: &mut Dice, journal: &mut Journal) -> bool;
    /// Whether anything happened.
    fn act(&mut self, dice: &mut Dice, journal: &mut Journal) -> bool;
    fn alarm(&self) -> Option<Time>;
    fn pass(&mut self, now: Time, journal: &mut Journal);
    fn exhaust(&mut self, exhausted: bool, journal: &mut Journal);
    fn restart(&mut self, dice: &mut Dice, journal: &mut Journal);
    /// Begins nothing any more.
    fn settle(&mut self);
    /// Looks at the laws when everything rests. How many messages are still here to be sent.
    fn rest(&mut self, journal: &mut Journal) -> usize;
}

/// A node of one pattern.
pub(crate) struct Station<P: Pattern, U> {
    socket: Socket<P>,
    user: U,
    /// Makes a machine whose ids follow from a number.
    make: Box<dyn Fn(u32) -> P>,
}

impl<P: Pattern, U: User<P>> Station<P, U> {
    pub(crate) fn new(
        (node, limits, fault): (u16, Limits, Fault),
        copies: Option<Copies<P>>,
        ids: u32,
        make: impl Fn(u32) -> P + 'static,
        user: U,
    ) -> Self {
        let around = Surroundings::new(Time(0), limits, fault);
        let socket = Socket { node, machine: make(ids), around, copies, settling: false };
        Self { socket, user, make: Box::new(make) }
    }
}

impl<P: Pattern, U: User<P>> Node for Station<P, U> {
    fn role(&self) -> Role {
        self.socket.machine.role()
    }

    fn join(&mut self, number: u32, journal: &mut Journal) -> Option<PipeId> {
        self.socket.join(number, journal)
    }

    fn leave(&mut self, pipe: PipeId, cut: bool, journal: &mut Journal) {
        self.socket.leave(pipe, cut, journal);
    }

    fn write(&mut self, pipe: PipeId, journal: &mut Journal) -> Option<Packet> {
        self.socket.write(pipe, journal)
    }

    fn reads(&self, pipe: PipeId) -> bool {
        self.socket.reads(pipe)
    }

    fn arrive(&mut self, pipe: PipeId, packet: Packet, dice: &mut Dice, journal: &mut Journal) -> bool {
        let body = packet.body.clone();
        let verdict = self.socket.arrive(pipe, packet, dice, journal);
        self.user.judged(&body, verdict == Verdict::Accepted, journal);
        !matches!(verdict, Verdict::Close(_))
    }

    fn act(&mut self, dice: &mut Dice, journal: &mut Journal) -> bool {
        self.user.act(&mut self.socket, dice, journal)
    }

    fn alarm(&self) -> Option<Time> {
        self.socket.alarm()
    }

    fn pass(&mut self, now: Time, journal: &mut Journal) {
        self.socket.pass(now, journal);
    }

    fn exhaust(&mut self, exhausted: bool, journal: &mut Journal) {
        self.socket.exhaust(exhausted, journal);
    }

    fn restart(&mut self, dice: &mut Dice, journal: &mut Journal) {
        let Socket { machine, around, .. } = &mut self.socket;
        journal.accounts.died += around.pending() + machine.waiting();
        *machine = (self.make)(dice.word());
        *around = Surroundings::new(around.world.now, around.limits, around.fault);
        self.user.restarted();
    }

    fn settle(&mut self) {
        self.socket.settling = true;
    }

    fn rest(&mut self, journal: &mut Journal) -> usize {
        self.user.rest(&mut self.socket, journal);
        let (node, around) = (self.socket.node, &self.socket.around);
        let (pending, waiting) = (around.pending(), self.socket.machine.waiting());
        let idle = pending == 0 && waiting == 0 && !self.user.waits(&self.socket);
        journal.claim(Law::Room, around.alive() == 0 || idle, || {
            format!("node {node} has a peer and waits; {pending} messages are queued, {waiting} came back")
        });
        pending + waiting
    }
}
