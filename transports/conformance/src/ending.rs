use std::io;

use hubless_transport::{Readiness, Transport};

use crate::ends::Subject;
use crate::flow::{Incoming, Outgoing, body, transfer};
use crate::moving::fill;

/// What was sent before an end was dropped arrives, and then the end, once and for all.
pub fn an_end_follows_all_messages(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("an end follows all messages", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (mut bound, empty) = subject.pair(&mut events);
    drop(empty.accepted);
    let mut nothing = Incoming::default();
    nothing.receive_to_the_end(&mut events, &empty.dialed);
    check.require(nothing.amount() == 0, "an end and nothing else", nothing.amount());

    for drops_dialer in [true, false] {
        let pair = subject.pair_on(&mut events, &mut bound);
        let pair = if drops_dialer { pair } else { pair.turned_around() };
        let bodies = [body(1, 100), body(2, 10_000), body(3, 1)];
        let mut outgoing = Outgoing::new(&bodies);
        check.ok(outgoing.send(&events, &pair.dialed), "room for a few small messages");
        check.require(outgoing.is_done(), "room for a few small messages", &outgoing);
        drop(pair.dialed);
        let mut incoming = Incoming::default();
        incoming.receive_to_the_end(&mut events, &pair.accepted);
        incoming.require_intact(check, &pair.accepted, &bodies, true);
        // The end stays where it is.
        events.put_back(pair.accepted.token, Readiness::Readable);
        let mut after = Incoming::default();
        after.receive_to_the_end(&mut events, &pair.accepted);
        check.require(after.amount() == 0, "nothing after the end", after.amount());
    }
}

/// A shutdown ends our direction, also with a full connection, and the other direction goes on.
pub fn shutdown_ends_one_direction_only(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("shutdown ends one direction only", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (mut bound, pair) = subject.pair(&mut events);
    for pair in [pair, subject.pair_on(&mut events, &mut bound).turned_around()] {
        let filled = fill(&mut events, &pair.dialed);
        pair.dialed.link().shutdown();
        pair.dialed.link().shutdown();
        let mut incoming = Incoming::default();
        incoming.receive_to_the_end(&mut events, &pair.accepted);
        incoming.require_intact(check, &pair.accepted, &filled.bodies, false);
        transfer(&mut events, &pair.accepted, &pair.dialed, &[body(1, 100), body(2, 1 << 20)]);
        let refused =
            Outgoing::new(&[body(3, 10)]).send_some(check, &pair.dialed).map_err(|error| error.kind());
        let broken = refused.is_err_and(|kind| kind != io::ErrorKind::WouldBlock);
        check.require(broken, "sending after a shutdown to fail for good", refused);
        drop(pair.accepted);
        let mut nothing = Incoming::default();
        nothing.receive_to_the_end(&mut events, &pair.dialed);
        check.require(nothing.amount() == 0, "an end and nothing else", nothing.amount());
    }
}

/// Sending to an end that is gone fails in the end, whether there was room or not.
pub fn writing_to_a_closed_peer_is_an_error(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("writing to a closed peer is an error", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let (mut bound, pair) = subject.pair(&mut events);
    for (pair, full) in [(pair, false), (subject.pair_on(&mut events, &mut bound), true)] {
        if full {
            let _ = fill(&mut events, &pair.dialed);
        }
        drop(pair.accepted);
        let bodies = vec![body(1, 1000); 1 << 16];
        let mut outgoing = Outgoing::new(&bodies);
        // While there is no room an edge has to tell that there never will be.
        while outgoing.send(&events, &pair.dialed).is_ok() {
            check.require(!outgoing.is_done(), "an error within 64 MiB sent to nobody", "none");
            events.turn();
        }
        let again = Outgoing::new(&bodies).send_some(check, &pair.dialed).map_err(|error| error.kind());
        check.require(again.is_err_and(|kind| kind != io::ErrorKind::WouldBlock), "the error to stay", again);
    }
}
