use hubless_transport::{Header, Packet};

use super::deliver;
use crate::patterns::hops::{MOST_HOPS, take_hop};
use crate::patterns::only_peer::OnlyPeer;
use crate::patterns::peers::peers_in;
use crate::patterns::{Effects, Full, Incoming, Loss, Pattern, PipeId, Role, Verdict};

/// Raw PAIR: as PAIR; in version 1 the header is the hop count as it arrived, and grows when it is sent on
/// (sp.md section 8.6).
#[derive(Debug)]
pub struct RawPair {
    role: Role,
    ttl: u8,
    peer: OnlyPeer,
}

impl RawPair {
    /// Without a peer. The role is `PairV0` or `PairV1`.
    pub fn new(role: Role, ttl: u8) -> Self {
        Self { role, ttl, peer: OnlyPeer::default() }
    }
}

impl RawPair {
    /// The header on the next hop: none in version 0; 1 where the message begins its way here.
    fn next_header(&self, header: &Header) -> Result<Header, Loss> {
        if self.role != Role::PairV1 {
            return Ok(Header::new());
        }
        let hops = match (header.as_slice().first_chunk(), header.len()) {
            (None, 0) => 0,
            (Some(word), 4) => u32::from_be_bytes(*word),
            _ => return Err(Loss::Stray),
        };
        if hops < MOST_HOPS { Ok(Header::word(hops + 1)) } else { Err(Loss::TooManyHops) }
    }
}

impl Pattern for RawPair {
    type Outgoing = Packet;
    type Ticket = ();
    type Origin = Header;

    fn role(&self) -> Role {
        self.role
    }

    peers_in!(peer);

    fn message(
        &mut self,
        pipe: PipeId,
        mut incoming: Incoming<'_>,
        fx: &mut impl Effects<Header>,
    ) -> Verdict {
        if !self.peer.is(pipe) {
            return Verdict::Drop(Loss::Stray);
        }
        if self.role != Role::PairV1 {
            return deliver(pipe, Header::new(), incoming, fx);
        }
        match take_hop(&mut incoming, self.ttl) {
            Ok(hops) => deliver(pipe, Header::word(hops), incoming, fx),
            Err(verdict) => verdict,
        }
    }

    fn send(&mut self, packet: &mut Packet, fx: &mut impl Effects<Header>) -> Result<(), Full> {
        if self.peer.is_absent() {
            return Err(Full);
        }
        match self.next_header(&packet.header) {
            Ok(next) => self.peer.push(next.as_slice(), &mut packet.body, fx),
            Err(loss) => {
                fx.count(loss);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Refusal;
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);

    fn pair(role: Role) -> (RawPair, World<Header>) {
        let (mut pair, mut fx) = (RawPair::new(role, 8), World::new());
        fx.join(&mut pair, A, 9);
        (pair, fx)
    }

    #[test]
    fn version_0_has_no_header() {
        let (mut pair, mut fx) = pair(Role::PairV0);
        assert_eq!(fx.send(&mut pair, Packet::new(Header::word(7), "hi".into())), Ok(()));
        assert_eq!(fx.sent(), [(A, b"hi".into())]);
        assert_eq!(fx.receive(&mut pair, A, Packet::new(Header::new(), "yo".into())), Verdict::Accepted);
        assert_eq!(
            fx.delivered().pop().map(|(.., header, body)| (header, body)),
            Some((Header::new(), "yo".into()))
        );
    }

    #[test]
    fn version_1_counts_a_hop_when_it_sends_on() {
        let (mut pair, mut fx) = pair(Role::PairV1);
        let arrived = Packet::new(Header::new(), b"\0\0\0\x02yo".into());
        assert_eq!(fx.receive(&mut pair, A, arrived), Verdict::Accepted);
        let (_, _, header, body) = fx.delivered().pop().unwrap();
        assert_eq!(fx.send(&mut pair, Packet::new(header, body)), Ok(()));
        assert_eq!(fx.send(&mut pair, Packet::new(Header::new(), "hi".into())), Ok(()));
        assert_eq!(fx.sent(), [(A, b"\0\0\0\x03yo".into()), (A, b"\0\0\0\x01hi".into())]);
    }

    #[test]
    fn a_header_that_can_go_no_further_is_counted_and_one_without_room_comes_back() {
        let (mut pair, mut fx) = pair(Role::PairV1);
        for header in [Header::word(255), Header::word(u32::MAX), b"ab".as_slice().into()] {
            assert_eq!(fx.send(&mut pair, Packet::new(header, "x".into())), Ok(()));
        }
        assert_eq!(fx.lost(), [Loss::TooManyHops, Loss::TooManyHops, Loss::Stray]);
        fx.give_room(A, 0);
        let packet = Packet::new(Header::word(1), "x".into());
        assert_eq!(fx.send(&mut pair, packet.clone()), Err(packet));
        assert_eq!(fx.sent(), []);
    }

    #[test]
    fn a_second_peer_is_refused_and_the_first_undisturbed() {
        let (mut pair, mut fx) = pair(Role::PairV1);
        assert_eq!(fx.try_join(&mut pair, pipe(1), 9), Err(Refusal::AlreadyPaired));
        fx.leave(&mut pair, pipe(1));
        assert_eq!(fx.send(&mut pair, Packet::new(Header::new(), "x".into())), Ok(()));
        assert_eq!(fx.sent_to(), [A]);
    }
}
