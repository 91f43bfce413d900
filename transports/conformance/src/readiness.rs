use hubless_transport::{Readiness, Transport};

use crate::ends::{End, Pair, Subject};
use crate::event_loop::EventLoop;
use crate::flow::{Incoming, Outgoing, body, transfer};
use crate::moving::fill;

/// Turns of the checks that repeat themselves.
const TURNS: usize = 200;

/// After an end has received everything, each further message is announced, and so is nothing but room to an idle one.
pub fn a_drained_end_hears_of_the_next_message(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("a drained end hears of the next message", transport, addresses);
    let mut events = subject.event_loop();
    let (_bound, mut pair) = subject.pair(&mut events);
    for turn in 0..TURNS {
        // Drains to `WouldBlock`, of which the next message must lift it.
        let mut nothing = Incoming::default();
        events.put_back(pair.accepted.token, Readiness::Readable);
        subject.check.ok(nothing.receive(&events, &pair.accepted), "an idle connection to be alive");
        subject.check.require(
            nothing.amount() == 0 && !nothing.ended,
            "nothing on an idle connection",
            &nothing,
        );
        transfer(&mut events, &pair.dialed, &pair.accepted, &[body(turn, 1 + turn)]);
        pair = pair.turned_around();
    }
}

/// A sender that found no room is told when the other end has received, over and over.
pub fn a_refused_sender_hears_of_room(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("a refused sender hears of room", transport, addresses);
    let mut events = subject.event_loop();
    let (_bound, pair) = subject.pair(&mut events);
    let mut filled = fill(&mut events, &pair.dialed);
    let mut incoming = Incoming::default();
    for _ in 0..3 {
        receive_until_there_is_room(&mut events, &pair.accepted, &pair.dialed, &mut incoming);
        filled.send(&events, &pair.dialed);
    }
    pair.dialed.link().shutdown();
    incoming.receive_to_the_end(&mut events, &pair.accepted);
    incoming.require_intact(subject.check, &pair.accepted, &filled.bodies, false);
}

/// A connection or listener that moves to another event loop is told there what is ready already: data, the end, room,
/// a waiting connection, whether it came before the move or in the midst of it.
pub fn changing_the_event_loop_loses_no_edge(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("changing the event loop loses no edge", transport, addresses);
    let (mut first, mut second) = (subject.event_loop(), subject.event_loop());
    let mut bound = subject.listen(&mut first);
    let dialed = subject.dial(&mut first, &bound.listener.address());
    // The edge of the waiting connection has been reported on the first loop, and is not taken there.
    bound.listener.unwatch(first.registry());
    bound.token = second.watch_listener(bound.listener.as_mut());
    let accepted = bound.accept(&mut second);
    let mut pair = Pair { dialed, accepted };
    let (mut here, mut there) = (false, false);
    loop {
        there = there || pair.accepted.try_establish(&second);
        here = here || pair.dialed.try_establish(&first);
        match (here, there) {
            (true, true) => break,
            // Each of several rounds may need the other end.
            _ => EventLoop::turn_either(&mut first, &mut second),
        }
    }
    data_is_announced_again(&mut first, &mut second, &pair.dialed, &mut pair.accepted);
    room_is_announced_again(&mut first, &mut second, &mut pair.dialed, &pair.accepted);
    // The end comes between the two loops.
    pair.accepted.link().unwatch(second.registry());
    pair.dialed.link().shutdown();
    pair.accepted.token = first.watch(pair.accepted.link());
    Incoming::default().receive_to_the_end(&mut first, &pair.accepted);
}

/// Data that is there before the move, and data that comes in the midst of it. `to` starts and ends on `second`.
fn data_is_announced_again(first: &mut EventLoop, second: &mut EventLoop, from: &End, to: &mut End) {
    let check = first.check;
    for turn in 0..TURNS {
        let sent = [body(turn, 1000)];
        let mut outgoing = Outgoing::new(&sent);
        let before = turn % 2 == 0;
        if before {
            check.ok(outgoing.send_some(check, from), "room for one small message");
            second.await_edge(to.token, Readiness::Readable);
        }
        to.link().unwatch(second.registry());
        if !before {
            check.ok(outgoing.send_some(check, from), "room for one small message");
        }
        to.token = first.watch(to.link());
        let mut incoming = Incoming::default();
        while !incoming.has_all(to, &sent) {
            check.ok(incoming.receive(first, to), "a live connection");
            if !incoming.has_all(to, &sent) {
                first.turn();
            }
        }
        incoming.require_intact(check, to, &sent, true);
        to.link().unwatch(first.registry());
        to.token = second.watch(to.link());
    }
}

/// Room that comes while nobody watches the sender. `from` starts on `first` and ends on `second`.
fn room_is_announced_again(first: &mut EventLoop, second: &mut EventLoop, from: &mut End, to: &End) {
    let mut filled = fill(first, from);
    from.link().unwatch(first.registry());
    let mut incoming = Incoming::default();
    second.await_edge(to.token, Readiness::Readable);
    second.put_back(to.token, Readiness::Readable);
    second.check.ok(incoming.receive(second, to), "a live connection");
    from.token = second.watch(from.link());
    receive_until_there_is_room(second, to, from, &mut incoming);
    filled.send(second, from);
    receive_until_there_is_room(second, to, from, &mut incoming);
    incoming.require_intact(second.check, to, &filled.bodies, false);
}

fn receive_until_there_is_room(
    events: &mut EventLoop,
    receiver: &End,
    sender: &End,
    incoming: &mut Incoming,
) {
    loop {
        events.check.ok(incoming.receive(events, receiver), "a live connection");
        if events.take(sender.token, Readiness::Writable) {
            events.put_back(sender.token, Readiness::Writable);
            return;
        }
        events.turn();
    }
}
