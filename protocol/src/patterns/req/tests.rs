use hubless_transport::Packet;

use super::*;
use crate::patterns::{Balance, ProtocolViolation};
use crate::testing::{World, pipe};

const A: PipeId = pipe(0);
const B: PipeId = pipe(1);
const FIRST: Key = 0x8000_0005;

fn req(resend: Option<u64>, deadline: Option<u64>, open: usize) -> (Req, World<()>) {
    let seconds = |seconds: Option<u64>| seconds.map(Duration::from_secs);
    let options = ReqOptions {
        resend: seconds(resend),
        deadline: seconds(deadline),
        open,
        balance: Balance::RoundRobin,
    };
    (Req::new(5, options), World::new())
}

fn reply(key: Key, body: &str) -> Packet {
    Message::from([&key.to_be_bytes(), body.as_bytes()].concat()).into()
}

fn request(key: Key, body: &str) -> Vec<u8> {
    reply(key, body).body.into_vec()
}

#[test]
fn a_request_begins_with_an_id_that_counts_up_and_its_reply_ends_it() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 10);
    assert_eq!(fx.send(&mut req, "ping?".into()), Ok(FIRST));
    assert_eq!(fx.send(&mut req, "pong?".into()), Ok(FIRST + 1));
    assert_eq!(fx.sent(), [(A, request(FIRST, "ping?")), (A, request(FIRST + 1, "pong?"))]);
    assert_eq!(fx.opened(), [(FIRST, 1), (FIRST + 1, 1)]);
    assert_eq!(fx.receive(&mut req, A, reply(FIRST + 1, "!")), Verdict::Accepted);
    assert_eq!(fx.delivered(), [(Inbox::Keyed(FIRST + 1), A, (), "!".into())]);
    assert_eq!(fx.finished(), [(FIRST + 1, Ending::Complete)]);
}

#[test]
fn an_id_that_comes_round_passes_over_requests_whose_answer_nobody_has_taken() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    req.ids = Ids::new(u32::MAX);
    fx.join(&mut req, A, 10);
    let keys = [(); 2].map(|()| fx.send(&mut req, "x".into()).unwrap());
    assert_eq!(keys, [0xffff_ffff, 0x8000_0000]);
    assert_eq!(fx.receive(&mut req, A, reply(keys[0], "")), Verdict::Accepted);
    // 2^31 requests later.
    req.ids = Ids::new(u32::MAX);
    assert_eq!(fx.send(&mut req, "x".into()), Ok(0x8000_0001));
}

#[test]
fn requests_go_to_the_pipes_in_turn_and_are_refused_where_none_has_room() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    assert_eq!(fx.send(&mut req, "early".into()), Err("early".into()));
    fx.join(&mut req, A, 2);
    fx.join(&mut req, B, 1);
    for _ in 0..3 {
        assert!(fx.send(&mut req, "x".into()).is_ok());
    }
    assert_eq!(fx.sent_to(), [A, B, A]);
    assert_eq!(fx.send(&mut req, "x".into()), Err("x".into()));
    fx.make_room(&mut req, B, 1);
    assert_eq!(fx.send(&mut req, "x".into()), Ok(FIRST + 3));
    assert_eq!(fx.sent_to(), [B]);
}

#[test]
fn no_more_requests_are_open_than_allowed() {
    let (mut req, mut fx) = req(Some(60), None, 2);
    fx.join(&mut req, A, 10);
    let first = fx.send(&mut req, "1".into()).unwrap();
    let second = fx.send(&mut req, "2".into()).unwrap();
    assert_eq!(fx.send(&mut req, "3".into()), Err("3".into()));
    assert_eq!(fx.receive(&mut req, A, reply(first, "")), Verdict::Accepted);
    assert!(fx.send(&mut req, "3".into()).is_ok());
    req.cancel(second, &mut fx);
    assert!(fx.send(&mut req, "4".into()).is_ok());
}

#[test]
fn a_reply_is_accepted_from_any_pipe_once() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 10);
    fx.join(&mut req, B, 10);
    let key = fx.send(&mut req, "x".into()).unwrap();
    assert_eq!(fx.receive(&mut req, B, reply(key, "y")), Verdict::Accepted);
    assert_eq!(fx.delivered(), [(Inbox::Keyed(key), B, (), "y".into())]);
    assert_eq!(fx.receive(&mut req, A, reply(key, "y")), Verdict::Drop(Loss::Stray));
    assert_eq!(fx.delivered(), []);
}

#[test]
fn strays_are_dropped_and_malformed_replies_close_the_pipe() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 10);
    let key = fx.send(&mut req, "x".into()).unwrap();
    let on_its_way = Message::from([&7_u32.to_be_bytes(), &key.to_be_bytes()[..]].concat());
    for stray in [reply(key + 1, ""), reply(key & !FIRST, ""), on_its_way.into()] {
        assert_eq!(fx.receive(&mut req, A, stray), Verdict::Drop(Loss::Stray));
    }
    for short in ["", "abc"] {
        let verdict = fx.receive(&mut req, A, Message::from(short).into());
        assert_eq!(verdict, Verdict::Close(ProtocolViolation::MalformedHeader));
    }
    assert_eq!(fx.receive(&mut req, A, reply(key, "")), Verdict::Accepted);
}

#[test]
fn a_request_moves_to_another_pipe_when_its_own_goes_away() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 10);
    fx.join(&mut req, B, 10);
    let key = fx.send(&mut req, "x".into()).unwrap();
    assert_eq!(fx.sent_to(), [A]);
    fx.leave(&mut req, A);
    req.on_unsent(reply(key, "x").into(), &mut fx);
    assert_eq!(fx.sent(), [(B, request(key, "x"))]);
    assert_eq!(fx.lost(), []);
    assert_eq!(fx.receive(&mut req, B, reply(key, "")), Verdict::Accepted);
}

#[test]
fn a_request_that_is_interrupted_too_often_ends_whatever_becomes_of_others() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 99);
    let keys = [(); 2].map(|()| fx.send(&mut req, "x".into()).unwrap());
    let cut = |key| UnsentMessage { packet: reply(key, "x"), interruptions: 1 };
    for _ in 0..MAX_INTERRUPTIONS {
        for key in keys {
            req.on_unsent(cut(key), &mut fx);
        }
    }
    assert_eq!((fx.finished(), &fx.lost()[..]), (vec![], &[][..]));
    req.on_unsent(cut(keys[0]), &mut fx);
    assert_eq!(fx.finished(), [(keys[0], Ending::PeerLost)]);
    assert_eq!(fx.lost(), [Loss::PipeLost]);
    req.on_unsent(cut(keys[0]), &mut fx);
    assert_eq!((fx.lost().len(), fx.finished()), (1, vec![]));
}

#[test]
fn a_request_is_not_sent_again_once_the_socket_closes() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 9);
    fx.join(&mut req, B, 9);
    fx.send(&mut req, "x".into()).unwrap();
    assert_eq!(fx.sent_to(), [A]);
    req.closing();
    fx.leave(&mut req, A);
    assert_eq!((fx.sent_to(), req.waiting()), (vec![], 0));
}

#[test]
fn requests_of_a_lost_pipe_wait_in_order_for_the_next_one_and_go_before_new_ones() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 10);
    let keys: Vec<Key> = (0..4).map(|_| fx.send(&mut req, "x".into()).unwrap()).collect();
    assert_eq!(fx.receive(&mut req, A, reply(keys[1], "")), Verdict::Accepted);
    fx.leave(&mut req, A);
    fx.sent();
    fx.join(&mut req, B, 1);
    assert_eq!(fx.sent(), [(B, request(keys[0], "x"))]);
    assert_eq!(fx.send(&mut req, "new".into()), Err("new".into()));
    req.cancel(keys[2], &mut fx);
    fx.make_room(&mut req, B, 2);
    assert_eq!(fx.send(&mut req, "new".into()), Ok(FIRST + 4));
    assert_eq!(fx.sent(), [(B, request(keys[3], "x")), (B, request(FIRST + 4, "new"))]);
}

#[test]
fn a_request_fails_with_its_pipe_when_resending_is_off() {
    let (mut req, mut fx) = req(None, None, 10);
    fx.join(&mut req, A, 10);
    fx.join(&mut req, B, 10);
    let keys = [(); 2].map(|()| fx.send(&mut req, "x".into()).unwrap());
    fx.leave(&mut req, A);
    assert_eq!(fx.finished(), [(keys[0], Ending::PeerLost)]);
    assert_eq!(fx.sent_to(), [A, B]);
    assert_eq!(fx.armed, None);
}

#[test]
fn a_request_unanswered_for_too_long_is_sent_again_with_the_same_id() {
    let (mut req, mut fx) = req(Some(60), None, 10);
    fx.join(&mut req, A, 10);
    fx.join(&mut req, B, 10);
    let key = fx.send(&mut req, "x".into()).unwrap();
    fx.pass(Duration::from_secs(59), &mut req);
    assert_eq!(fx.sent_to(), [A]);
    fx.pass(Duration::from_secs(1), &mut req);
    assert_eq!(fx.sent(), [(B, request(key, "x"))]);
    fx.pass(Duration::from_secs(60), &mut req);
    assert_eq!(fx.sent(), [(A, request(key, "x"))]);
    assert_eq!(fx.receive(&mut req, B, reply(key, "")), Verdict::Accepted);
    fx.pass(Duration::from_secs(60), &mut req);
    assert_eq!(fx.sent(), []);
    assert_eq!(fx.armed, None);
}

#[test]
fn a_request_ends_at_its_deadline_and_its_reply_is_then_a_stray() {
    let (mut req, mut fx) = req(Some(60), Some(3), 10);
    fx.join(&mut req, A, 10);
    let early = fx.send(&mut req, "x".into()).unwrap();
    fx.pass(Duration::from_secs(2), &mut req);
    let late = fx.send(&mut req, "x".into()).unwrap();
    fx.pass(Duration::from_secs(1), &mut req);
    assert_eq!(fx.finished(), [(early, Ending::Deadline)]);
    assert_eq!(fx.receive(&mut req, A, reply(early, "")), Verdict::Drop(Loss::Stray));
    fx.pass(Duration::from_secs(2), &mut req);
    assert_eq!(fx.finished(), [(late, Ending::Deadline)]);
}

#[test]
fn a_deadline_ends_a_request_that_waits_for_a_pipe_too() {
    let (mut req, mut fx) = req(Some(60), Some(3), 10);
    fx.join(&mut req, A, 10);
    let key = fx.send(&mut req, "x".into()).unwrap();
    fx.leave(&mut req, A);
    fx.pass(Duration::from_secs(3), &mut req);
    assert_eq!(fx.finished(), [(key, Ending::Deadline)]);
    fx.sent();
    fx.join(&mut req, B, 1);
    assert_eq!(fx.sent(), []);
}

#[test]
fn a_large_request_that_finds_no_memory_again_is_passed_by_small_ones_old_and_new() {
    let (mut req, mut fx) = req(Some(1), None, 10);
    fx.join(&mut req, A, 10);
    let large = fx.send(&mut req, "a large one".into()).unwrap();
    let small = fx.send(&mut req, "small".into()).unwrap();
    fx.sent();
    fx.largest = 10;
    fx.leave(&mut req, A);
    fx.join(&mut req, B, 10);
    let new = fx.send(&mut req, "new".into()).unwrap();
    let keys = |fx: &mut World<()>| -> Vec<Key> {
        fx.sent().into_iter().map(|(_, wire)| Key::from_be_bytes(wire[..4].try_into().unwrap())).collect()
    };
    assert_eq!(keys(&mut fx), [small, new]);
    fx.largest = 100;
    fx.make_room(&mut req, B, 10);
    assert_eq!(keys(&mut fx), [large]);
}

#[test]
fn request_and_reply_in_turn_neither_arm_the_timer_each_time_nor_pile_up() {
    let (mut req, mut fx) = req(Some(60), Some(60), 65_536);
    fx.join(&mut req, A, usize::MAX);
    fx.send(&mut req, "the one that stays".into()).unwrap();
    for _ in 0..10_000 {
        fx.now = fx.now.after(Duration::from_micros(10));
        let key = fx.send(&mut req, "x".into()).unwrap();
        assert_eq!(fx.receive(&mut req, A, reply(key, "")), Verdict::Accepted);
    }
    assert_eq!(fx.arms, 1);
    assert!(req.requests.entries() < 300);
}
