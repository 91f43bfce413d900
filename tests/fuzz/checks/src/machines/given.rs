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
