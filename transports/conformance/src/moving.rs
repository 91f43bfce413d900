use std::panic;
use std::thread;

use hubless_transport::{Message, Readiness, Transport};

use crate::check::Check;
use crate::ends::{End, Pair, Subject};
use crate::event_loop::EventLoop;
use crate::flow::{Incoming, Outgoing, body, transfer};

/// The most that is sent to an end that does not read, before it counts as unbounded.
const MOST_UNREAD: usize = 1 << 28;

/// Bytes of a message that fills a connection.
const FILL: usize = 1 << 16;

/// Different messages among those; a prime number, so that any loss shows.
const DISTINCT: usize = 17;

/// Connections that are open at once, made a few at a time.
const ROUNDS: usize = 10;
const PER_ROUND: usize = 10;

/// Messages of no bytes, of one, around the border of small ones, and up to a mebibyte arrive unchanged both ways.
pub fn sizes_from_none_to_a_mebibyte_arrive_intact(
    transport: &dyn Transport,
    addresses: &dyn Fn() -> String,
) {
    let subject = Subject::new("sizes from none to a mebibyte arrive intact", transport, addresses);
    let mut events = subject.event_loop();
    let (_bound, mut pair) = subject.pair(&mut events);
    let sizes =
        [0, 1, 69, 70, 71, 72, 255, 4096, FILL - 1, FILL, FILL + 1, 1 << 20, (1 << 20) + 1, 3 << 20, 0, 1];
    for _ in 0..2 {
        for (number, size) in sizes.into_iter().enumerate() {
            transfer(&mut events, &pair.dialed, &pair.accepted, &[body(number, size)]);
        }
        let all: Vec<_> = sizes.into_iter().enumerate().map(|(number, size)| body(number, size)).collect();
        transfer(&mut events, &pair.dialed, &pair.accepted, &all);
        let small: Vec<_> = (0..2000).map(|number| body(number, number % 130)).collect();
        transfer(&mut events, &pair.dialed, &pair.accepted, &small);
        pair = pair.turned_around();
    }
}

/// What fills or ends one connection leaves another one to the same listener alone.
pub fn connections_are_independent(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("connections are independent", transport, addresses);
    let mut events = subject.event_loop();
    let (mut bound, stalled) = subject.pair(&mut events);
    let live = subject.pair_on(&mut events, &mut bound);
    fill(&mut events, &stalled.dialed);
    transfer(&mut events, &live.dialed, &live.accepted, &[body(1, 1 << 20)]);
    transfer(&mut events, &live.accepted, &live.dialed, &[body(2, 1 << 20)]);
    drop(stalled);
    transfer(&mut events, &live.dialed, &live.accepted, &[body(3, 1 << 20)]);
    drop(bound);
    transfer(&mut events, &live.accepted, &live.dialed, &[body(4, 1 << 20)]);
}

/// A hundred connections to one listener at the same time keep their messages apart.
pub fn many_connections_live_side_by_side(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("many connections live side by side", transport, addresses);
    let mut events = subject.event_loop();
    let mut bound = subject.listen(&mut events);
    let mut pairs: Vec<Pair> = Vec::new();
    for _ in 0..ROUNDS {
        let address = bound.listener.address();
        let dialed: Vec<End> = (0..PER_ROUND).map(|_| subject.dial(&mut events, &address)).collect();
        // Accepted in the order of dialing, which every transport of one machine keeps.
        for dialed in dialed {
            let accepted = bound.accept(&mut events);
            let pair = Pair { dialed, accepted };
            pair.establish(&mut events);
            pairs.push(pair);
        }
    }
    for (number, pair) in pairs.iter().enumerate() {
        transfer(&mut events, &pair.dialed, &pair.accepted, &[body(number, 50), body(number, 5000)]);
    }
    while let Some(pair) = pairs.pop() {
        transfer(&mut events, &pair.accepted, &pair.dialed, &[body(pairs.len(), 500)]);
    }
}

/// Each end in a thread of its own, both sending more than the connection holds while they receive.
pub fn two_threads_talk_both_ways_at_once(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("two threads talk both ways at once", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (_bound, pair) = subject.pair(&mut events);
    let Pair { dialed, accepted } = pair;
    let forth: Vec<_> = (0..5000).map(|number| body(number, number % 3000)).collect();
    let back: Vec<_> = (0..5000).map(|number| body(number + 5000, (number * 7) % 3000)).collect();
    for end in [&dialed, &accepted] {
        end.link().unwatch(events.registry());
    }
    thread::scope(|scope| {
        let threads = [
            scope.spawn(|| converse(check, dialed, &forth, &back)),
            scope.spawn(|| converse(check, accepted, &back, &forth)),
        ];
        // Both ends live until both are done: what one has sent could be lost with it.
        let ends = threads.map(thread::ScopedJoinHandle::join);
        // A failure is told in the words of the thread that failed.
        for end in ends {
            end.unwrap_or_else(|failure| panic::resume_unwind(failure));
        }
    });
}

/// Sends all of `ours` while it receives all of `theirs`.
fn converse(check: Check, end: End, ours: &[Message], theirs: &[Message]) -> End {
    let mut events = EventLoop::new(check);
    let end = End { token: events.watch(end.link()), ..end };
    let mut outgoing = Outgoing::new(ours);
    let mut incoming = Incoming::default();
    loop {
        check.ok(outgoing.send(&events, &end), "sending on a live connection to succeed");
        check.ok(incoming.receive(&events, &end), "receiving on a live connection to succeed");
        if outgoing.is_done() && incoming.has_all(&end, theirs) {
            incoming.require_intact(check, &end, theirs, true);
            return end;
        }
        events.turn();
    }
}

/// A connection that has no room left.
#[derive(Debug)]
pub(crate) struct Filled {
    /// What was to be sent.
    pub(crate) bodies: Vec<Message>,
    /// What is left of it.
    pub(crate) outgoing: Outgoing,
}

/// Sends to an end that does not read until there is no room.
pub(crate) fn fill(events: &mut EventLoop, end: &End) -> Filled {
    let bodies: Vec<_> = (0..DISTINCT).map(|number| body(number, FILL)).collect();
    let bodies: Vec<_> = bodies.iter().cycle().take(MOST_UNREAD / FILL).cloned().collect();
    let outgoing = Outgoing::new(&bodies);
    events.await_edge(end.token, Readiness::Writable);
    events.put_back(end.token, Readiness::Writable);
    let mut filled = Filled { bodies, outgoing };
    filled.send(events, end);
    filled
}

impl Filled {
    /// Sends more of it until there is no room again.
    pub(crate) fn send(&mut self, events: &EventLoop, end: &End) {
        events.check.ok(self.outgoing.send(events, end), "sending on a live connection to succeed");
        let full = !self.outgoing.is_done();
        events.check.require(full, "room for less than 256 MiB towards an end that does not read", "more");
    }
}
