use hubless_transport::Message;

use crate::patterns::peers::peers_in;
use crate::patterns::pipes::Pipes;
use crate::patterns::{Effects, Full, Inbox, Incoming, Pattern, PipeId, Role, Verdict};

/// BUS: each message to every direct peer that has room, waiting for none; nothing is forwarded (sp.md section 8.7).
#[derive(Debug, Default)]
pub struct Bus {
    pipes: Pipes,
}

impl Bus {
    /// Without peers.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Pattern for Bus {
    type Outgoing = Message;
    type Ticket = ();
    type Origin = PipeId;

    fn role(&self) -> Role {
        Role::Bus
    }

    peers_in!(pipes);

    #[inline]
    fn message(&mut self, pipe: PipeId, incoming: Incoming<'_>, fx: &mut impl Effects<PipeId>) -> Verdict {
        fx.deliver(Inbox::Socket, pipe, pipe, incoming.into_body());
        Verdict::Accepted
    }

    #[inline]
    fn send(&mut self, body: &mut Message, fx: &mut impl Effects<PipeId>) -> Result<(), Full> {
        self.pipes.broadcast(&[], body, None, fx, drop);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Loss;
    use crate::testing::{World, pipe};

    #[test]
    fn a_message_goes_to_every_peer_with_room_and_not_to_oneself() {
        let (mut bus, mut fx) = (Bus::new(), World::new());
        assert_eq!(fx.send(&mut bus, "alone".into()), Ok(()));
        fx.join(&mut bus, pipe(0), 0);
        fx.join(&mut bus, pipe(1), 1);
        assert_eq!(fx.send(&mut bus, "hi".into()), Ok(()));
        assert_eq!(fx.sent(), [(pipe(1), b"hi".into())]);
        assert_eq!(fx.lost(), [Loss::PeerFull]);
        assert_eq!(fx.delivered(), []);
    }

    #[test]
    fn a_message_is_delivered_with_its_pipe_and_neither_echoed_nor_forwarded() {
        let (mut bus, mut fx) = (Bus::new(), World::new());
        fx.join(&mut bus, pipe(0), 9);
        fx.join(&mut bus, pipe(1), 9);
        assert_eq!(fx.receive(&mut bus, pipe(1), Message::from("yo").into()), Verdict::Accepted);
        assert_eq!(fx.delivered(), [(Inbox::Socket, pipe(1), pipe(1), "yo".into())]);
        assert_eq!(fx.sent(), []);
    }
}
