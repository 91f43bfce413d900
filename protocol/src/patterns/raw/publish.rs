use hubless_transport::{Header, Packet};

use crate::patterns::peers::peers_in;
use crate::patterns::pipes::Pipes;
use crate::patterns::{Effects, Full, Incoming, Pattern, PipeId, ProtocolViolation, Role, Verdict};

/// Raw PUB: as PUB; it has no header.
#[derive(Debug, Default)]
pub struct RawPublish {
    pipes: Pipes,
}

impl RawPublish {
    /// Without peers.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Pattern for RawPublish {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        Role::Pub
    }

    peers_in!(pipes);

    fn message(&mut self, _pipe: PipeId, _incoming: Incoming<'_>, _fx: &mut impl Effects<Header>) -> Verdict {
        Verdict::Close(ProtocolViolation::Unexpected)
    }

    fn send(&mut self, packet: &mut Packet, fx: &mut impl Effects<Header>) -> Result<(), Full> {
        self.pipes.broadcast(&[], &packet.body, None, fx, drop);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Loss;
    use crate::testing::{World, pipe};

    #[test]
    fn a_packet_goes_without_its_header_to_all_who_have_room() {
        let (mut publish, mut fx) = (RawPublish::new(), World::new());
        fx.join(&mut publish, pipe(0), 9);
        fx.join(&mut publish, pipe(1), 0);
        let packet = Packet::new(Header::word(1), "x".into());
        assert_eq!(fx.send(&mut publish, packet.clone()), Ok(()));
        assert_eq!(fx.sent(), [(pipe(0), b"x".into())]);
        assert_eq!(fx.lost(), [Loss::PeerFull]);
        assert_eq!(fx.receive(&mut publish, pipe(0), packet), Verdict::Close(ProtocolViolation::Unexpected));
    }
}
