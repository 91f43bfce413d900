use hubless_transport::{Header, Packet};

use super::deliver;
use crate::patterns::peers::{Unkept, peers_in};
use crate::patterns::{Effects, Full, Incoming, Pattern, PipeId, Role, Verdict};

/// Raw PULL, or raw SUB, which filters nothing: everything that arrives, without a header.
#[derive(Debug)]
pub struct RawPull {
    role: Role,
    peers: Unkept,
}

impl RawPull {
    /// Without peers. The role is `Pull` or `Sub`.
    pub fn new(role: Role) -> Self {
        Self { role, peers: Unkept }
    }
}

impl Pattern for RawPull {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        self.role
    }

    peers_in!(peers);

    fn message(&mut self, pipe: PipeId, incoming: Incoming<'_>, fx: &mut impl Effects<Header>) -> Verdict {
        deliver(pipe, Header::new(), incoming, fx)
    }

    /// Never: its peers close a pipe that says something.
    fn send(&mut self, _packet: &mut Packet, _fx: &mut impl Effects<Header>) -> Result<(), Full> {
        Err(Full)
    }
}

#[cfg(test)]
mod tests {
    use hubless_transport::Message;

    use super::*;
    use crate::patterns::Inbox;
    use crate::testing::{World, pipe};

    #[test]
    fn everything_is_delivered_without_a_header_and_nothing_sent() {
        for role in [Role::Pull, Role::Sub] {
            let (mut pull, mut fx) = (RawPull::new(role), World::new());
            fx.join(&mut pull, pipe(0), 9);
            let packet = Packet::from(Message::from("wx.rain"));
            assert_eq!(fx.receive(&mut pull, pipe(0), packet.clone()), Verdict::Accepted);
            assert_eq!(fx.delivered(), [(Inbox::Socket, pipe(0), Header::new(), "wx.rain".into())]);
            assert_eq!(fx.send(&mut pull, packet.clone()), Err(packet));
        }
    }
}
