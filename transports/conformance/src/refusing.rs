use std::io;

use hubless_transport::Transport;

use crate::ends::Subject;
use crate::flow::Incoming;

/// A dialer whose connection was accepted, and dropped before anything was said, finds that out.
pub fn a_dialer_that_is_turned_away_finds_out(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("a dialer that is turned away finds out", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let mut bound = subject.listen(&mut events);
    let dialed = subject.dial(&mut events, &bound.listener.address());
    drop(bound.accept(&mut events));
    loop {
        match dialed.link().establish() {
            Ok(()) => break,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => events.turn(),
            Err(_) => return,
        }
    }
    let mut nothing = Incoming::default();
    while !nothing.ended && nothing.receive(&events, &dialed).is_ok() {
        check.require(nothing.amount() == 0, "no message from an end that sent none", nothing.amount());
        if !nothing.ended {
            events.turn();
        }
    }
}
