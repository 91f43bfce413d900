use hubless_transport::{Header, Message};

use crate::patterns::hops::take_hop;
use crate::patterns::only_peer::OnlyPeer;
use crate::patterns::peers::peers_in;
use crate::patterns::{Effects, Full, Inbox, Incoming, Loss, Pattern, PipeId, Role, Verdict};

/// PAIR: one peer, both ways, waiting while it is absent or has no room (sp.md sections 8.5 and 8.6).
#[derive(Debug)]
pub struct Pair {
    role: Role,
    ttl: u8,
    /// What stands in front of each message that begins its way here.
    header: Header,
    peer: OnlyPeer,
}

impl Pair {
    /// Without a peer. The role is `PairV0` or `PairV1`; the TTL is of use in the latter.
    pub fn new(role: Role, ttl: u8) -> Self {
        let header = if role == Role::PairV1 { Header::word(1) } else { Header::new() };
        Self { role, ttl, header, peer: OnlyPeer::default() }
    }
}

impl Pattern for Pair {
    type Outgoing = Message;
    type Ticket = ();
    type Origin = ();

    fn role(&self) -> Role {
        self.role
    }

    peers_in!(peer);

    #[inline]
    fn message(&mut self, pipe: PipeId, mut incoming: Incoming<'_>, fx: &mut impl Effects<()>) -> Verdict {
        if !self.peer.is(pipe) {
            return Verdict::Drop(Loss::Stray);
        }
        if self.role == Role::PairV1
            && let Err(verdict) = take_hop(&mut incoming, self.ttl)
        {
            return verdict;
        }
        fx.deliver(Inbox::Socket, pipe, (), incoming.into_body());
        Verdict::Accepted
    }

    #[inline]
    fn send(&mut self, body: &mut Message, fx: &mut impl Effects<()>) -> Result<(), Full> {
        self.peer.push(self.header.as_slice(), body, fx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::{ProtocolViolation, Refusal};
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);
    const B: PipeId = pipe(1);

    fn pair(role: Role) -> (Pair, World<()>) {
        (Pair::new(role, 8), World::new())
    }

    #[test]
    fn a_second_peer_is_refused_and_the_first_undisturbed_until_it_leaves() {
        let (mut pair, mut fx) = pair(Role::PairV0);
        fx.join(&mut pair, A, 9);
        assert_eq!(fx.try_join(&mut pair, B, 9), Err(Refusal::AlreadyPaired));
        fx.leave(&mut pair, B);
        assert_eq!(fx.send(&mut pair, "x".into()), Ok(()));
        assert_eq!(fx.sent(), [(A, b"x".into())]);
        fx.leave(&mut pair, A);
        assert_eq!(fx.send(&mut pair, "y".into()), Err("y".into()));
        fx.join(&mut pair, B, 9);
        assert_eq!(fx.send(&mut pair, "y".into()), Ok(()));
        assert_eq!(fx.sent(), [(B, b"y".into())]);
    }

    #[test]
    fn one_who_only_tries_takes_no_room_before_those_who_wait_are_told_of_it() {
        let (mut pair, mut fx) = pair(Role::PairV0);
        fx.join(&mut pair, A, 0);
        assert_eq!(fx.send(&mut pair, "waits".into()), Err("waits".into()));
        fx.give_room(A, 1);
        assert_eq!(fx.send(&mut pair, "tries".into()), Err("tries".into()));
        fx.make_room(&mut pair, A, 1);
        assert_eq!(fx.send(&mut pair, "waits".into()), Ok(()));
    }

    #[test]
    fn a_new_peer_is_not_taken_to_be_full_because_the_one_before_was() {
        let (mut pair, mut fx) = pair(Role::PairV0);
        fx.join(&mut pair, A, 0);
        assert_eq!(fx.send(&mut pair, "x".into()), Err("x".into()));
        fx.leave(&mut pair, A);
        fx.join(&mut pair, B, 1);
        assert_eq!(fx.send(&mut pair, "x".into()), Ok(()));
    }

    #[test]
    fn a_message_comes_back_while_the_peer_is_absent_or_has_no_room() {
        let (mut pair, mut fx) = pair(Role::PairV0);
        assert_eq!(fx.send(&mut pair, "x".into()), Err("x".into()));
        fx.join(&mut pair, A, 0);
        assert_eq!(fx.send(&mut pair, "x".into()), Err("x".into()));
        fx.make_room(&mut pair, A, 1);
        assert_eq!(fx.send(&mut pair, "x".into()), Ok(()));
    }

    #[test]
    fn messages_are_delivered_from_the_peer_only() {
        let (mut pair, mut fx) = pair(Role::PairV0);
        fx.join(&mut pair, A, 9);
        assert_eq!(fx.receive(&mut pair, A, Message::from("").into()), Verdict::Accepted);
        assert_eq!(fx.delivered(), [(Inbox::Socket, A, (), "".into())]);
        assert_eq!(fx.receive(&mut pair, B, Message::from("x").into()), Verdict::Drop(Loss::Stray));
    }

    #[test]
    fn version_1_puts_a_hop_count_of_1_in_front() {
        let (mut pair, mut fx) = pair(Role::PairV1);
        fx.join(&mut pair, A, 9);
        assert_eq!(fx.send(&mut pair, "yo".into()), Ok(()));
        assert_eq!(fx.sent(), [(A, b"\0\0\0\x01yo".into())]);
    }

    #[test]
    fn version_1_takes_hop_counts_from_0_up_to_the_ttl() {
        let (mut pair, mut fx) = pair(Role::PairV1);
        fx.join(&mut pair, A, 9);
        let mut arrives = |payload: &[u8]| fx.receive(&mut pair, A, Message::from(payload).into());
        for hops in [0, 1, 8] {
            assert_eq!(arrives(&[0, 0, 0, hops, b'x']), Verdict::Accepted);
        }
        for hops in [9, 255] {
            assert_eq!(arrives(&[0, 0, 0, hops, b'x']), Verdict::Drop(Loss::TooManyHops));
        }
        for malformed in [&[0, 0, 1, 0, b'x'][..], &[1, 0, 0, 0], &[0, 0, 1], &[]] {
            assert_eq!(arrives(malformed), Verdict::Close(ProtocolViolation::MalformedHeader));
        }
        assert_eq!(fx.delivered(), [(); 3].map(|()| (Inbox::Socket, A, (), "x".into())));
    }

    #[test]
    fn what_a_dead_peer_did_not_get_is_counted() {
        let (mut pair, mut fx) = pair(Role::PairV0);
        fx.join(&mut pair, A, 9);
        fx.leave(&mut pair, A);
        pair.on_unsent(Message::from("x").into(), &mut fx);
        assert_eq!(fx.lost(), [Loss::PipeLost]);
    }
}
