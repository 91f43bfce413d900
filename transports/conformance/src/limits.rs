use std::collections::VecDeque;
use std::io;

use hubless_transport::{Connection, Messages, Offer, Packet, Readiness, Transport};

use crate::ends::{DIALER, End, LISTENER, Pair, Subject, link_of};
use crate::event_loop::EventLoop;
use crate::flow::{Outgoing, body};

/// The limit, in bytes.
const MOST: u64 = 1000;

/// A transport that puts messages together takes none that is larger than what was offered: one up to the limit arrives, one beyond is
/// an error of the connection before all of it is there. Others hand over whole messages or bytes, and have no limit.
pub fn a_message_over_the_limit_is_refused(transport: &dyn Transport, addresses: &dyn Fn() -> String) {
    let subject = Subject::new("a message over the limit is refused", transport, addresses);
    let check = subject.check;
    let mut events = subject.event_loop();
    let mut bound = subject.listen(&mut events);
    let dialed = subject.dial(&mut events, &bound.listener.address());
    events.await_edge(bound.token, Readiness::Readable);
    let offer = Offer::new(LISTENER, [DIALER]).with_max_message(MOST);
    let accepted = loop {
        match bound.listener.accept(&offer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                events.await_edge(bound.token, Readiness::Readable);
            }
            outcome => break check.ok(outcome, "to accept a connection that is waiting"),
        }
    };
    let token = events.watch(link_of(&accepted));
    let pair = Pair { dialed, accepted: End { connection: accepted, token } };
    pair.establish(&mut events);
    let Connection::Messages(messages) = &pair.accepted.connection else { return };
    if !messages.buffers() {
        return;
    }
    let [small, large] = [body(1, 1000), body(2, 1001)];
    let came = receive(&mut events, &pair, &**messages, &mut Outgoing::new(std::slice::from_ref(&small)));
    let came = came.map_err(|error| error.kind());
    check.require(came == Ok(small), "a message up to the limit", &came);
    let refused = receive(&mut events, &pair, &**messages, &mut Outgoing::new(&[large]));
    let refused = refused.map_err(|error| error.kind());
    check.require(refused.is_err(), "an error where a message is over the limit", &refused);
}

/// Sends and receives one message.
fn receive(
    events: &mut EventLoop,
    pair: &Pair,
    messages: &dyn Messages,
    outgoing: &mut Outgoing,
) -> io::Result<hubless_transport::Message> {
    let mut packets = VecDeque::<Packet>::new();
    loop {
        events.check.ok(outgoing.send(events, &pair.dialed), "room for one message");
        match messages.recv(&mut packets, 1) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => events.turn(),
            Err(error) => return Err(error),
            Ok(_) => match packets.pop_front() {
                Some(packet) => return Ok(packet.body),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            },
        }
    }
}
