use std::io;

use hubless_transport::{Connection, Message, Readiness, Transport};

use crate::ends::{End, Subject};
use crate::event_loop::EventLoop;
use crate::flow::{Incoming, Outgoing, body};
use crate::moving::fill;

/// What a transport has taken leaves when it is flushed, at once or after a writable edge, and one that says it has no buffers never
/// wants to write.
pub fn what_is_buffered_leaves_when_it_is_flushed(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("what is buffered leaves when it is flushed", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (_bound, pair) = subject.pair(&mut events);
    for end in [&pair.dialed, &pair.accepted] {
        let buffers = end.link().buffers();
        let wants = end.link().wants_write() || has_buffered_input(end);
        check.require(buffers || !wants, "buffers where something lies in them", wants);
        check.require(end.link().buffers() == buffers, "a link that has buffers or has none", !buffers);
    }
    let sent = [body(1, 100), body(2, 10_000)];
    let mut outgoing = Outgoing::new(&sent);
    while !outgoing.is_done() {
        // One call alone: what it has taken is to leave by flushing, not with the next.
        check.ok(pair.dialed.flush(check), "room for a few small messages");
        check.ok(outgoing.hand_over(check, &pair.dialed), "room for a few small messages");
        let link = pair.dialed.link();
        check.require(link.buffers() || !link.wants_write(), "buffers where something lies in them", "none");
    }
    check.ok(pair.dialed.flush(check), "room for a few small messages");
    let mut incoming = Incoming::default();
    while !incoming.has_all(&pair.accepted, &sent) {
        events.turn();
        check.ok(incoming.receive(&events, &pair.accepted), "a live connection");
    }
    incoming.require_intact(check, &pair.accepted, &sent, true);
}

/// What an end has to write because of what it has read leaves, also where there was no room for it at first: a writable edge tells
/// of that.
pub fn reading_leaves_nothing_unwritten(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("reading leaves nothing unwritten", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (_bound, pair) = subject.pair(&mut events);
    // So much was written by this end that there is no room for what reading leaves.
    let mut back = fill(&mut events, &pair.accepted);
    let forth: Vec<Message> = (0..64).map(|number| body(number, 20_000)).collect();
    let (mut outgoing, mut incoming) = (Outgoing::new(&forth), Incoming::default());
    while !incoming.has_all(&pair.accepted, &forth) {
        check.ok(outgoing.send(&events, &pair.dialed), "sending on a live connection to succeed");
        check.ok(incoming.receive(&events, &pair.accepted), "reading to go on where nothing can be written");
        if !incoming.has_all(&pair.accepted, &forth) {
            events.turn();
        }
    }
    incoming.require_intact(check, &pair.accepted, &forth, true);
    let mut came = Incoming::default();
    while pair.accepted.wants_write() || came.amount() == 0 {
        check.ok(came.receive(&events, &pair.dialed), "a live connection");
        if pair.accepted.wants_write() && events.take(pair.accepted.token, Readiness::Writable) {
            write_on(&events, &pair.accepted);
        }
        if pair.accepted.wants_write() || came.amount() == 0 {
            events.turn();
        }
    }
    events.put_back(pair.accepted.token, Readiness::Writable);
    back.send(&events, &pair.accepted);
    pair.accepted.link().shutdown();
    came.receive_to_the_end(&mut events, &pair.dialed);
    came.require_intact(check, &pair.dialed, &back.bodies, false);
}

fn write_on(events: &EventLoop, end: &End) {
    match end.flush(events.check) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        outcome => events.check.ok(outcome, "a live connection"),
    }
}

fn has_buffered_input(end: &End) -> bool {
    match &end.connection {
        Connection::Stream(stream) => stream.has_buffered_input(),
        _ => false,
    }
}
