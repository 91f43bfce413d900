use hubless_transport::{Header, Packet};

use super::deliver_answer;
use crate::patterns::peers::peers_in;
use crate::patterns::pipes::Pipes;
use crate::patterns::{Effects, Full, Incoming, Pattern, PipeId, Role, Verdict};

/// Raw SURVEYOR: each packet to every peer that has room, unchanged; answers come with the words that tell their way on.
#[derive(Debug, Default)]
pub struct RawSurveyor {
    pipes: Pipes,
}

impl RawSurveyor {
    /// Without peers.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Pattern for RawSurveyor {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        Role::Surveyor
    }

    peers_in!(pipes);

    fn message(&mut self, pipe: PipeId, incoming: Incoming<'_>, fx: &mut impl Effects<Header>) -> Verdict {
        deliver_answer(pipe, incoming, fx)
    }

    fn send(&mut self, packet: &mut Packet, fx: &mut impl Effects<Header>) -> Result<(), Full> {
        self.pipes.broadcast(packet.header.as_slice(), &packet.body, None, fx, drop);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::{Inbox, ProtocolViolation};
    use crate::testing::{World, pipe};

    #[test]
    fn a_packet_goes_on_unchanged_to_all_who_have_room() {
        let (mut surveyor, mut fx) = (RawSurveyor::new(), World::new());
        fx.join(&mut surveyor, pipe(0), 9);
        fx.join(&mut surveyor, pipe(1), 9);
        assert_eq!(fx.send(&mut surveyor, Packet::new(Header::word(0x8000_0001), "x".into())), Ok(()));
        let sent = b"\x80\0\0\x01x".to_vec();
        assert_eq!(fx.sent(), [(pipe(0), sent.clone()), (pipe(1), sent)]);
    }

    #[test]
    fn the_words_of_an_answer_up_to_its_id_are_its_header() {
        let (mut surveyor, mut fx) = (RawSurveyor::new(), World::new());
        fx.join(&mut surveyor, pipe(0), 9);
        let mut arrives = |payload: &[u8]| {
            let verdict = fx.receive(&mut surveyor, pipe(0), Packet::new(Header::new(), payload.into()));
            (verdict, fx.delivered().pop())
        };
        let words = |hops: usize| [[0, 0, 0, 1].repeat(hops), vec![0x80, 0, 0, 2]].concat();
        for hops in [0, 1, 15] {
            let delivered = (Inbox::Socket, pipe(0), words(hops).as_slice().into(), "yes".into());
            let (verdict, delivery) = arrives(&[&words(hops)[..], b"yes"].concat());
            assert_eq!((verdict, delivery), (Verdict::Accepted, Some(delivered)));
        }
        for malformed in [&words(16)[..], &words(1)[..4], b"abc", b""] {
            assert_eq!(arrives(malformed), (Verdict::Close(ProtocolViolation::MalformedHeader), None));
        }
    }
}
