use hubless_transport::{Header, Message};

use crate::patterns::backtrace::take_backtrace;
use crate::patterns::peers::peers_in;
use crate::patterns::pipes::Pipes;
use crate::patterns::{Effects, Full, Inbox, Incoming, Loss, Outgoing, Pattern, PipeId, Role, Verdict};

/// The way back to who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The pipe the request came by.
    pub pipe: PipeId,
    /// What stood in front of the request, to stand in front of the answer.
    pub backtrace: Header,
}

/// An answer and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The origin of the request.
    pub route: Route,
    /// The user's bytes.
    pub body: Message,
}

impl Outgoing for Answer {
    fn size(&self) -> usize {
        self.body.len()
    }
}

/// REP and RESPONDENT: answers go back the way the request came, and wait for nobody (sp.md sections 7 and 8.1).
#[derive(Debug)]
pub struct Reply {
    role: Role,
    ttl: u8,
    pipes: Pipes,
}

impl Reply {
    /// Without peers. The role is `Rep` or `Respondent`.
    pub fn new(role: Role, ttl: u8) -> Self {
        Self { role, ttl, pipes: Pipes::default() }
    }
}

impl Pattern for Reply {
    type Outgoing = Answer;
    type Ticket = ();
    type Origin = Route;

    fn role(&self) -> Role {
        self.role
    }

    peers_in!(pipes);

    #[inline]
    fn message(&mut self, pipe: PipeId, mut incoming: Incoming<'_>, fx: &mut impl Effects<Route>) -> Verdict {
        match take_backtrace(&mut incoming, self.ttl) {
            Ok(backtrace) => {
                fx.deliver(Inbox::Socket, pipe, Route { pipe, backtrace }, incoming.into_body());
                Verdict::Accepted
            }
            Err(verdict) => verdict,
        }
    }

    #[inline]
    fn send(&mut self, answer: &mut Answer, fx: &mut impl Effects<Route>) -> Result<(), Full> {
        let Answer { route, body } = answer;
        if fx.push(route.pipe, route.backtrace.as_slice(), body).is_err() {
            let alive = self.pipes.contains(route.pipe);
            fx.count_for(route.pipe, if alive { Loss::PeerFull } else { Loss::RequesterGone });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hubless_transport::Packet;

    use super::*;
    use crate::patterns::ProtocolViolation;
    use crate::testing::{World, pipe};

    const A: PipeId = pipe(0);
    const B: PipeId = pipe(1);
    const HOP: u32 = 0x6653_63a1;
    const ID: u32 = 0xd6d5_3efc;

    fn rep(ttl: u8) -> (Reply, World<Route>) {
        let (mut rep, mut fx) = (Reply::new(Role::Rep, ttl), World::new());
        fx.join(&mut rep, A, 9);
        (rep, fx)
    }

    fn payload(words: &[u32], body: &str) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).chain(body.bytes()).collect()
    }

    fn arrives(rep: &mut Reply, fx: &mut World<Route>, payload: Vec<u8>) -> Verdict {
        fx.receive(rep, A, Message::from(payload).into())
    }

    #[test]
    fn an_answer_goes_back_behind_the_words_that_stood_in_front_of_the_request() {
        for words in
            [&[ID][..], &[HOP, ID], &[0x4d4d_cafc, HOP, ID], &[HOP, HOP, HOP, HOP, HOP, HOP, HOP, ID]]
        {
            let (mut rep, mut fx) = rep(8);
            assert_eq!(arrives(&mut rep, &mut fx, payload(words, "Hello")), Verdict::Accepted);
            let (inbox, pipe, route, body) = fx.delivered().pop().unwrap();
            assert_eq!((inbox, pipe, body), (Inbox::Socket, A, "Hello".into()));
            assert_eq!(fx.send(&mut rep, Answer { route, body: "World".into() }), Ok(()));
            assert_eq!(fx.sent(), [(A, payload(words, "World"))]);
        }
    }

    #[test]
    fn a_header_that_came_apart_from_the_body_is_read_as_one_with_it() {
        let (mut rep, mut fx) = rep(8);
        let packet = Packet::new(payload(&[HOP, ID, 7], "").as_slice().into(), "Hello".into());
        assert_eq!(fx.receive(&mut rep, A, packet), Verdict::Accepted);
        let (_, _, route, body) = fx.delivered().pop().unwrap();
        assert_eq!(route.backtrace.as_slice(), payload(&[HOP, ID], ""));
        assert_eq!(body, payload(&[7], "Hello"));
    }

    #[test]
    fn several_requests_may_be_open_and_be_answered_in_any_order() {
        let (mut rep, mut fx) = rep(8);
        fx.join(&mut rep, B, 9);
        assert_eq!(arrives(&mut rep, &mut fx, payload(&[ID], "")), Verdict::Accepted);
        let verdict = fx.receive(&mut rep, B, Message::from(payload(&[ID + 1], "")).into());
        assert_eq!(verdict, Verdict::Accepted);
        for (_, _, route, _) in fx.delivered().into_iter().rev() {
            fx.send(&mut rep, Answer { route, body: Message::new() }).unwrap();
        }
        assert_eq!(fx.sent(), [(B, payload(&[ID + 1], "")), (A, payload(&[ID], ""))]);
    }

    #[test]
    fn more_words_than_the_ttl_are_dropped_and_the_scan_ends_there() {
        let (mut rep, mut fx) = rep(2);
        for words in [vec![HOP, HOP, ID], vec![HOP, HOP], vec![HOP; 100_000]] {
            let verdict = arrives(&mut rep, &mut fx, payload(&words, ""));
            assert_eq!(verdict, Verdict::Drop(Loss::TooManyHops));
        }
        assert_eq!(arrives(&mut rep, &mut fx, payload(&[HOP, ID], "")), Verdict::Accepted);
    }

    #[test]
    fn a_header_that_ends_within_the_ttl_without_an_id_closes_the_pipe() {
        let (mut rep, mut fx) = rep(8);
        let whole = payload(&[HOP; 7], "");
        for malformed in
            [vec![], vec![0x80], payload(&[], "abc"), payload(&[HOP], "ab"), payload(&[HOP; 3], ""), whole]
        {
            let verdict = arrives(&mut rep, &mut fx, malformed);
            assert_eq!(verdict, Verdict::Close(ProtocolViolation::MalformedHeader));
        }
        assert_eq!(fx.delivered(), []);
    }

    #[test]
    fn an_answer_to_somebody_who_left_or_has_no_room_succeeds_and_is_counted() {
        let (mut rep, mut fx) = rep(8);
        fx.join(&mut rep, B, 0);
        let answer = |pipe| Answer { route: Route { pipe, backtrace: Header::word(ID) }, body: "x".into() };
        assert_eq!(fx.send(&mut rep, answer(B)), Ok(()));
        fx.leave(&mut rep, A);
        assert_eq!(fx.send(&mut rep, answer(A)), Ok(()));
        let successor = PipeId { slot: A.slot, number: 999 };
        fx.join(&mut rep, successor, 9);
        assert_eq!(fx.send(&mut rep, answer(A)), Ok(()));
        assert_eq!(fx.lost(), [Loss::PeerFull, Loss::RequesterGone, Loss::RequesterGone]);
        assert_eq!(fx.sent(), []);
    }
}
