use hubless_protocol::patterns::{
    Full, Incoming, Loss, Pattern, PipeId, Queueing, Role, Time, UnsentMessage, Verdict,
};
use hubless_transport::Packet;

use crate::body::Body;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::law::Law;
use crate::node::{Node, User};
use crate::surroundings::{Limits, Received, Surroundings};

/// Bytes behind a message in the buffer that it is read from.
const BEYOND: &[u8] = b"what is not of this message";

/// How often a message may be cut short before it is given up.
const MOST_CUTS: usize = 3;

/// How many pipes a message is to take, or is counted as lost for.
pub(crate) type Copies<P> = fn(&<P as Pattern>::Outgoing, &Surroundings<<P as Pattern>::Origin>) -> usize;

/// A machine and what it acts upon.
pub(crate) struct Socket<P: Pattern> {
    pub(crate) node: u16,
    pub(crate) machine: P,
    pub(crate) around: Surroundings<P::Origin>,
    /// `None` for a REQ, which makes as many copies as it needs.
    pub(crate) copies: Option<Copies<P>>,
    /// Nobody begins anything any more.
    pub(crate) settling: bool,
    /// Makes a machine whose ids follow from a number.
    make: Box<dyn Fn(u32) -> P>,
    /// There but while it acts.
    user: Option<Box<dyn User<P>>>,
}

impl<P: Pattern> Socket<P> {
    pub(crate) fn new(
        (node, limits, fault): (u16, Limits, Fault),
        copies: Option<Copies<P>>,
        ids: u32,
        make: impl Fn(u32) -> P + 'static,
        user: impl User<P> + 'static,
    ) -> Self {
        let around = Surroundings::new(Time(0), limits, fault);
        let (machine, make) = (make(ids), Box::new(make));
        Self { node, machine, around, copies, settling: false, make, user: Some(Box::new(user)) }
    }
}

impl<P: Pattern> Node for Socket<P> {
    fn role(&self) -> Role {
        self.machine.role()
    }

    fn join(&mut self, number: u32, journal: &mut Journal) -> Option<PipeId> {
        let alone = self.around.alive() == 0;
        let id = self.around.next_pipe(number);
        let added = self.around.world.try_join(&mut self.machine, id, self.around.limits.send);
        let exclusive =
            self.machine.role().talks_to(self.machine.role()) && self.machine.role().waits_for_room();
        journal.claim(Law::OnePeer, added.is_ok() == (alone || !exclusive), || {
            format!("node {} with a peer or without ({alone}) says {added:?}", self.node)
        });
        if added.is_err() {
            journal.seen.insert("refused");
        }
        self.report(journal);
        added.is_ok().then_some(id)
    }

    fn leave(&mut self, id: PipeId, cut: bool, journal: &mut Journal) {
        let world = &mut self.around.world;
        let queue = match self.around.fault {
            Fault::NoGoodbyes => world.pipes.remove(&id),
            _ => world.leave(&mut self.machine, id),
        };
        let pending = queue.map(|queue| queue.messages).unwrap_or_default();
        let left = self.around.traffic.remove(&id).and_then(|traffic| traffic.left);
        self.report(journal);
        let unsent: Vec<UnsentMessage> = match self.around.fault {
            Fault::GivesNothingBack => Vec::new(),
            Fault::GivesTooMuchBack => left.into_iter().map(UnsentMessage::from).chain(pending).collect(),
            _ => pending.into(),
        };
        for (index, unsent_message) in unsent.into_iter().enumerate() {
            self.give_back(unsent_message, cut && index == 0, journal);
        }
    }

    fn write(&mut self, id: PipeId, journal: &mut Journal) -> Option<Packet> {
        let queue = self.around.world.pipes.get_mut(&id)?;
        let packet = queue.messages.pop_front().map(|queued| queued.packet);
        self.around.traffic.entry(id).or_default().left.clone_from(&packet);
        self.tell_of_room(id, journal);
        packet
    }

    fn reads(&self, id: PipeId) -> bool {
        let held = self.around.traffic.get(&id).map_or(0, |traffic| traffic.held);
        held < self.around.limits.receive
    }

    fn alarm(&self) -> Option<Time> {
        match self.around.fault {
            Fault::NoTimers => None,
            Fault::LateTimers => self.around.world.armed.map(|at| Time(at.0 + 50_000_000)),
            _ => self.around.world.armed,
        }
    }

    fn pass(&mut self, now: Time, journal: &mut Journal) {
        self.around.world.now = now;
        if self.alarm().is_some_and(|at| at <= now) {
            self.around.world.armed = None;
            journal.note(|| format!("the timer of node {} goes off at {now:?}", self.node));
            self.machine.timer(&mut self.around.world);
            self.report(journal);
        }
    }

    fn exhaust(&mut self, exhausted: bool, journal: &mut Journal) {
        self.around.world.exhausted = exhausted;
        let pipes: Vec<PipeId> = self.around.world.pipes.keys().copied().collect();
        for id in pipes {
            self.tell_of_room(id, journal);
        }
    }

    fn arrive(&mut self, pipe: PipeId, packet: Packet, dice: &mut Dice, journal: &mut Journal) -> bool {
        let body = packet.body.clone();
        let verdict = self.take_in(pipe, packet, dice, journal);
        self.with_user(|user, _| user.judged(&body, verdict == Verdict::Accepted, journal));
        !matches!(verdict, Verdict::Close(_))
    }

    fn act(&mut self, dice: &mut Dice, journal: &mut Journal) -> bool {
        self.with_user(|user, socket| user.act(socket, dice, journal))
    }

    fn restart(&mut self, dice: &mut Dice, journal: &mut Journal) {
        journal.accounts.died += self.around.pending() + self.machine.waiting();
        self.machine = (self.make)(dice.word());
        self.around = Surroundings::new(self.around.world.now, self.around.limits, self.around.fault);
        self.with_user(|user, _| user.restarted());
    }

    fn settle(&mut self) {
        self.settling = true;
    }

    fn rest(&mut self, journal: &mut Journal) -> usize {
        let user_waits = self.with_user(|user, socket| {
            user.rest(socket, journal);
            user.waits(socket)
        });
        let (pending, waiting) = (self.around.pending(), self.machine.waiting());
        let idle = pending == 0 && waiting == 0 && !user_waits;
        journal.claim(Law::Room, self.around.alive() == 0 || idle, || {
            let node = self.node;
            format!("node {node} has a peer and waits; {pending} messages are queued, {waiting} came back")
        });
        pending + waiting
    }
}

impl<P: Pattern> Socket<P> {
    fn with_user<T>(&mut self, act: impl FnOnce(&mut dyn User<P>, &mut Self) -> T) -> T {
        let mut user = self.user.take().expect("it does one thing at a time");
        let acted = act(&mut *user, self);
        self.user = Some(user);
        acted
    }

    /// The machine gets a message, in memory of its own or in front of others.
    fn take_in(&mut self, id: PipeId, mut packet: Packet, dice: &mut Dice, journal: &mut Journal) -> Verdict {
        let window = [packet.header.as_slice(), &packet.body, BEYOND].concat();
        let incoming = if dice.one_in(2) {
            Incoming::front(&window, packet.len())
        } else {
            Incoming::packet(&mut packet)
        };
        let verdict = self.machine.message(id, incoming, &mut self.around.world);
        self.around.settle();
        let ends = self.around.tally.delivered + self.around.tally.lost.len();
        let holds = match verdict {
            Verdict::Accepted => ends == 1,
            Verdict::Drop(loss) => {
                self.around.count(loss);
                ends == 0
            }
            Verdict::Close(_) => false,
        };
        journal
            .claim(Law::Verdict, holds, || format!("node {}: {verdict:?}, and {ends} deliveries", self.node));
        self.report(journal);
        verdict
    }

    /// The user sends a message with this serial number.
    pub(crate) fn send(
        &mut self,
        outgoing: &mut P::Outgoing,
        serial: u32,
        journal: &mut Journal,
    ) -> Result<P::Ticket, Full> {
        let copies = self.copies.map_or(0, |copies| copies(outgoing, &self.around));
        let sent = self.machine.send(outgoing, &mut self.around.world);
        if sent.is_ok() {
            journal.note(|| format!("node {} sends message {serial}", self.node));
            journal.sent(self.node, serial);
            journal.accounts.sent += copies;
        }
        self.report(journal);
        sent
    }

    /// The user receives.
    pub(crate) fn take(&mut self, journal: &mut Journal) -> Option<(Received<P::Origin>, Body)> {
        let received = self.around.inbox.pop_front()?;
        if let Some(traffic) = self.around.traffic.get_mut(&received.pipe) {
            traffic.held -= 1;
        }
        let body = journal.received(self.node, received.pipe.number, &received.body)?;
        journal.note(|| format!("node {} receives message {}", self.node, body.serial));
        Some((received, body))
    }

    /// Tells the journal what happened here.
    pub(crate) fn report(&mut self, journal: &mut Journal) {
        self.around.settle();
        let tally = std::mem::take(&mut self.around.tally);
        journal.accounts.delivered += tally.delivered;
        journal.accounts.lost += tally.lost.len();
        if self.copies.is_none() {
            journal.accounts.sent += tally.pushed;
        }
        let patient = matches!(self.machine.queueing(), Queueing::Waiting | Queueing::AllOrNone);
        journal.claim(Law::Patience, !patient || !tally.lost.contains(&Loss::PeerFull), || {
            format!("node {} loses what it could have waited with", self.node)
        });
        let (kept, waiting) = (self.around.kept, self.machine.waiting());
        journal.claim(
            Law::Memory,
            (kept > 0) == (waiting > 0) && kept >= waiting * size_of::<UnsentMessage>(),
            || format!("node {} keeps {waiting} messages that came back in {kept} bytes", self.node),
        );
        journal.saw(&tally.lost, &tally.ended);
        if let Some(breach) = tally.breach {
            journal.claim(breach.law, false, || format!("node {}: {}", self.node, breach.how));
        }
    }

    fn give_back(&mut self, mut unsent_message: UnsentMessage, cut: bool, journal: &mut Journal) {
        let serial = journal.intact(&unsent_message.packet.body).map(|body| body.serial);
        unsent_message.interruptions = self.cuts_of(&unsent_message, cut);
        self.machine.on_unsent(unsent_message, &mut self.around.world);
        self.around.settle();
        if let Some(serial) = serial {
            journal.sent_again(serial);
            let cuts = journal.cut(self.node, serial, cut);
            let keeps = self.machine.redistributes() || self.machine.role() == Role::Req;
            let lost = keeps && self.around.tally.lost.contains(&Loss::PipeLost);
            journal.claim(Law::GivenUp, !lost || cuts > MOST_CUTS, || {
                format!("node {} gives up message {serial}, which was cut short {cuts} times", self.node)
            });
            if lost {
                journal.seen.insert("given up");
            }
        }
        if self.copies.is_none() {
            // Where it was counted as lost, it is not there any more.
            journal.accounts.died += 1;
            journal.accounts.died -= self.around.tally.lost.len();
        }
        self.report(journal);
    }

    /// How often a message that comes back was cut short.
    fn cuts_of(&mut self, unsent_message: &UnsentMessage, cut: bool) -> u8 {
        let around = &mut self.around;
        around.cuts = around.cuts.saturating_add(u8::from(cut));
        match around.fault {
            Fault::MixesCutsUp => around.cuts,
            _ => unsent_message.interruptions.saturating_add(u8::from(cut)),
        }
    }

    fn tell_of_room(&mut self, id: PipeId, journal: &mut Journal) {
        if self.around.fault != Fault::NoWordOfRoom {
            self.around.world.tell_of_room(&mut self.machine, id);
            self.report(journal);
        }
    }
}
