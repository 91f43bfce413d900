use hubless_transport::{Header, Packet};

use super::deliver;
use crate::patterns::peers::peers_in;
use crate::patterns::pipes::Pipes;
use crate::patterns::{Effects, Full, Incoming, Pattern, PipeId, Role, Verdict};

/// Raw BUS: a packet comes with the number of its pipe for a header, and one with such a header goes to all others
/// (sp.md section 8.7). The header never travels.
#[derive(Debug, Default)]
pub struct RawBus {
    pipes: Pipes,
}

impl RawBus {
    /// Without peers.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Pattern for RawBus {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        Role::Bus
    }

    peers_in!(pipes);

    fn message(&mut self, pipe: PipeId, incoming: Incoming<'_>, fx: &mut impl Effects<Header>) -> Verdict {
        deliver(pipe, Header::word(pipe.number), incoming, fx)
    }

    fn send(&mut self, packet: &mut Packet, fx: &mut impl Effects<Header>) -> Result<(), Full> {
        let origin = packet.header.take_word();
        self.pipes.broadcast(&[], &packet.body, origin, fx, drop);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hubless_transport::Message;

    use super::*;
    use crate::patterns::Inbox;
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);
    const B: PipeId = pipe(1);

    #[test]
    fn a_packet_goes_to_all_but_the_pipe_its_header_names() {
        let (mut bus, mut fx) = (RawBus::new(), World::new());
        fx.join(&mut bus, A, 9);
        fx.join(&mut bus, B, 9);
        assert_eq!(fx.receive(&mut bus, A, Message::from("x").into()), Verdict::Accepted);
        let (inbox, arrival, header, body) = fx.delivered().pop().unwrap();
        assert_eq!((inbox, arrival, &header), (Inbox::Socket, A, &Header::word(A.number)));
        assert_eq!(fx.send(&mut bus, Packet::new(header, body)), Ok(()));
        assert_eq!(fx.sent(), [(B, b"x".into())]);
        for header in [Header::new(), Header::word(12_345)] {
            assert_eq!(fx.send(&mut bus, Packet::new(header, "y".into())), Ok(()));
            assert_eq!(fx.sent(), [(A, b"y".into()), (B, b"y".into())]);
        }
    }
}
