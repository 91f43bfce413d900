use std::fmt::Debug;

use hubless_protocol::patterns::Pattern;
use hubless_transport::{Message, Packet};

/// What the user gives to either form of a socket: a packet to a raw one, and its body to the other.
#[derive(Debug)]
pub(crate) struct Given(pub(crate) Packet);

impl From<Given> for Message {
    fn from(given: Given) -> Self {
        given.0.body
    }
}

impl From<Given> for Packet {
    fn from(given: Given) -> Self {
        given.0
    }
}

/// A machine that takes it, and names no send afterwards.
pub(crate) trait Takes: Pattern<Ticket = (), Outgoing: From<Given>, Origin: Clone + Debug> {}

impl<P> Takes for P where P: Pattern<Ticket = (), Outgoing: From<Given>, Origin: Clone + Debug> {}
