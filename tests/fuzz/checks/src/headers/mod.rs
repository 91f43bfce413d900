//! What the patterns make of the words in front of a message.

mod expected;

use std::fmt::Debug;

use hubless_protocol::patterns::raw::{
    RawBus, RawPair, RawPublish, RawPull, RawPush, RawReply, RawReq, RawSurveyor,
};
use hubless_protocol::patterns::{
    Balance, Bus, Inbox, Incoming, Overflow, Pair, Pattern, PipeId, Publish, Pull, Push, Reply, Req,
    ReqOptions, Role, Route, Subscribe, Surveyor,
};
use hubless_transport::{Header, Message, Packet};

use self::expected::Expected;
use crate::machines::{Deed, World};

/// The pipe that all comes by.
const PIPE: PipeId = PipeId { slot: 0, number: 0x7fff_ffff };

/// No header makes a machine panic. What is dropped, closed for, and delivered with which words is what docs/sp.md sections 7, 8
/// and 12 say, and is the same whether the message lies in a buffer among others, or in memory of its own, or came with its
/// first words apart; nothing of it is lost or added.
///
/// The first byte is the TTL; the others are the message.
pub fn headers(input: &[u8]) {
    let Some((ttl, message)) = input.split_first() else { return };
    let ttl = (*ttl).max(1);
    requests(message, ttl);
    answers(message);
    pairs(message, ttl);
    bodies(message);
}

fn requests(message: &[u8], ttl: u8) {
    let expected = Expected::request(message, ttl);
    for role in [Role::Rep, Role::Respondent] {
        judge(
            || Reply::new(role, ttl),
            message,
            &expected,
            |route: &Route| {
                assert_eq!(route.pipe, PIPE);
                route.backtrace.as_slice().to_vec()
            },
        );
        judge(
            || RawReply::new(role, ttl),
            message,
            &expected,
            |header: &Header| {
                let words = header.as_slice().strip_prefix(&PIPE.number.to_be_bytes());
                words.expect("the number of its pipe").to_vec()
            },
        );
    }
}

fn answers(message: &[u8]) {
    let options = ReqOptions { resend: None, deadline: None, open: 1, balance: Balance::RoundRobin };
    let expected = Expected::answer(message);
    judge(|| Req::new(1, options), message, &expected, |()| Vec::new());
    judge(|| Surveyor::new(1, 1), message, &expected, |_| Vec::new());
    let expected = Expected::answer_on_its_way(message);
    judge(|| RawReq::new(Balance::RoundRobin), message, &expected, words);
    judge(RawSurveyor::new, message, &expected, words);
}

fn pairs(message: &[u8], ttl: u8) {
    let expected = Expected::hop(message, ttl);
    judge(|| RawPair::new(Role::PairV1, ttl), message, &expected, words);
    judge(|| Pair::new(Role::PairV1, ttl), message, &expected, |()| message[..4].to_vec());
}

/// Messages without a header.
fn bodies(message: &[u8]) {
    let all = Expected::body();
    judge(|| Pair::new(Role::PairV0, 1), message, &all, |()| Vec::new());
    judge(|| RawPair::new(Role::PairV0, 1), message, &all, words);
    judge(Bus::new, message, &all, |_| Vec::new());
    judge(RawBus::new, message, &all, |header: &Header| {
        assert_eq!(*header, Header::word(PIPE.number));
        Vec::new()
    });
    judge(Pull::new, message, &all, |()| Vec::new());
    judge(|| RawPull::new(Role::Sub), message, &all, words);
    judge(Subscribe::new, message, &Expected::filtered(), |()| Vec::new());
    judge(|| Publish::new(Overflow::Block), message, &Expected::unexpected(), |()| Vec::new());
    judge(RawPublish::new, message, &Expected::unexpected(), words);
    judge(|| Push::new(Balance::RoundRobin), message, &Expected::stray(), |()| Vec::new());
    judge(|| RawPush::new(Balance::RoundRobin), message, &Expected::stray(), words);
}

fn words(header: &Header) -> Vec<u8> {
    header.as_slice().to_vec()
}

/// What the machine makes of this message in each form, of which `header` says the words that were delivered with it.
fn judge<P>(make: impl Fn() -> P, message: &[u8], expected: &Expected, header: impl Fn(&P::Origin) -> Vec<u8>)
where
    P: Pattern,
    P::Origin: Debug,
{
    let among_others =
        [message, b"what comes behind it, of which nobody knows whose it is. ".repeat(3).as_slice()].concat();
    judge_one(make(), Incoming::front(&among_others, message.len()), message, expected, &header);
    for apart in [0, 3, 4, 8, 16, usize::MAX] {
        let (front, body) = message.split_at(apart.min(message.len()));
        let mut packet = Packet::new(front.into(), Message::from(body));
        judge_one(make(), Incoming::packet(&mut packet), message, expected, &header);
    }
}

fn judge_one<P>(
    mut machine: P,
    incoming: Incoming<'_>,
    message: &[u8],
    expected: &Expected,
    header: &impl Fn(&P::Origin) -> Vec<u8>,
) where
    P: Pattern,
    P::Origin: Debug,
{
    let mut world = World::new();
    world.join(&mut machine, PIPE, 1);
    let verdict = machine.message(PIPE, incoming, &mut world);
    assert_eq!(verdict, expected.verdict, "{:?}: {message:?}", machine.role());
    let deeds = world.deeds();
    match (&deeds[..], expected.header) {
        ([], None) => {}
        ([Deed::Delivered(Inbox::Socket, PIPE, origin, body)], Some(length)) => {
            let header = header(origin);
            assert!(header.is_empty() || header.len() == length, "{header:?} of {message:?}");
            assert_eq!((header.as_slice(), &body[..]), (&message[..header.len()], &message[length..]));
        }
        (other, _) => panic!("{:?}: {message:?} became {other:?}", machine.role()),
    }
}
