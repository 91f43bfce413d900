use std::collections::VecDeque;
use std::time::Duration;

use hubless_transport::Message;

use crate::PeerInfo;
use crate::patterns::backtrace::take_id;
use crate::patterns::effects::MAX_INTERRUPTIONS;
use crate::patterns::ids::Ids;
use crate::patterns::requests::Requests;
use crate::patterns::rotation::Rotation;
use crate::patterns::timer::Timer;
use crate::patterns::{
    Effects, Ending, Full, Inbox, Incoming, Key, Loss, Pattern, PipeId, Refusal, ReqOptions, Role, Time,
    UnsentMessage, Verdict,
};

/// The shortest time between two attempts: with less, a timer would never be done.
const SHORTEST_RESEND: Duration = Duration::from_millis(1);

/// How many requests that find no memory are passed by others at a time. Each costs a look.
const MOST_PASSED: usize = 16;

/// REQ: each request to one peer, in turn; the reply is known by its id, whichever pipe it comes by
/// (sp.md section 8.1). Many requests may be open.
#[derive(Debug)]
pub struct Req {
    options: ReqOptions,
    ids: Ids,
    requests: Requests,
    rotation: Rotation,
    /// To be sent again when a pipe has room and memory, before anything new. Some may have ended meanwhile.
    waiting: VecDeque<Key>,
    timer: Timer,
}

impl Req {
    /// Without peers; the first id follows from the seed.
    pub fn new(seed: u32, options: ReqOptions) -> Self {
        Self {
            options,
            ids: Ids::new(seed),
            requests: Requests::default(),
            rotation: Rotation::default(),
            waiting: VecDeque::new(),
            timer: Timer::default(),
        }
    }

    /// When something sent at this time is sent again.
    #[inline]
    fn resend_time(&self, now: Time) -> Option<Time> {
        self.options.resend.map(|resend| now.after(resend.max(SHORTEST_RESEND)))
    }

    /// Has a request wait to be sent again.
    fn suspend(&mut self, key: Key) {
        self.requests.suspend(key);
        self.waiting.push_back(key);
    }

    /// Sends what waits, oldest first. Requests have no order among one another, so one that finds no memory, because it is
    /// large, is passed by others that do, new ones among them. Where no pipe has room, nothing passes.
    fn resume(&mut self, fx: &mut impl Effects<()>) {
        let mut passed = 0;
        while passed < MOST_PASSED
            && let Some(&key) = self.waiting.get(passed)
        {
            if let Some(body) = self.requests.waiting(key) {
                let load = |_: &_, pipe| self.requests.given_to(pipe);
                let (balance, id) = (self.options.balance, key.to_be_bytes());
                fx.resends(key);
                let given = self.rotation.push_by(balance, &id, &mut body.clone(), fx, load);
                fx.resent(given.is_ok());
                let Ok(pipe) = given else {
                    passed += 1;
                    continue;
                };
                let resend = self.resend_time(fx.now());
                self.requests.assign(key, pipe, resend);
                self.timer.arm_by(resend, fx);
            }
            self.waiting.remove(passed);
        }
    }
}

impl Pattern for Req {
    type Outgoing = Message;
    type Ticket = Key;
    type Origin = ();

    fn role(&self) -> Role {
        Role::Req
    }

    fn pipe_added(
        &mut self,
        pipe: PipeId,
        _peer: &PeerInfo,
        fx: &mut impl Effects<()>,
    ) -> Result<(), Refusal> {
        self.rotation.insert(pipe);
        self.resume(fx);
        Ok(())
    }

    fn pipe_removed(&mut self, pipe: PipeId, fx: &mut impl Effects<()>) {
        self.rotation.remove(pipe);
        for key in self.requests.take_given(pipe) {
            if self.options.resend.is_some() {
                self.suspend(key);
            } else {
                self.requests.remove(key);
                fx.finish(key, Ending::PeerLost);
            }
        }
        self.resume(fx);
    }

    fn pipe_writable(&mut self, pipe: PipeId, fx: &mut impl Effects<()>) {
        self.rotation.insert(pipe);
        self.resume(fx);
    }

    /// The request itself is still here, and was sent again or ended when the pipe went; now it ends if it was interrupted too
    /// often. It is counted there, because each time it is sent that is another message.
    fn on_unsent(&mut self, mut unsent: UnsentMessage, fx: &mut impl Effects<()>) {
        if unsent.interruptions > 0
            && let Some(key) = unsent.packet.take_word()
            && self.requests.cut(key) > MAX_INTERRUPTIONS
        {
            self.requests.remove(key);
            fx.count(Loss::PipeLost);
            fx.finish(key, Ending::PeerLost);
        }
    }

    /// Nothing is sent again for an answer that nobody takes.
    fn closing(&mut self) {
        self.requests = Requests::default();
        self.waiting.clear();
    }

    #[inline]
    fn message(&mut self, pipe: PipeId, mut incoming: Incoming<'_>, fx: &mut impl Effects<()>) -> Verdict {
        let key = match take_id(&mut incoming) {
            Ok(key) => key,
            Err(verdict) => return verdict,
        };
        if !self.requests.remove(key) {
            return Verdict::Drop(Loss::Stray);
        }
        fx.deliver(Inbox::Keyed(key), pipe, (), incoming.into_body());
        fx.finish(key, Ending::Complete);
        Verdict::Accepted
    }

    #[inline]
    fn send(&mut self, body: &mut Message, fx: &mut impl Effects<()>) -> Result<Key, Full> {
        if self.requests.len() >= self.options.open {
            return Err(Full);
        }
        self.resume(fx);
        let key = self.ids.peek(|key| fx.is_open(key));
        let kept = if self.options.resend.is_some() { body.clone() } else { Message::new() };
        let load = |_: &_, pipe| self.requests.given_to(pipe);
        let pipe = self.rotation.push_by(self.options.balance, &key.to_be_bytes(), body, fx, load)?;
        self.ids.advance();
        let now = fx.now();
        let resend = self.resend_time(now);
        let deadline = self.options.deadline.map(|deadline| now.after(deadline));
        fx.open(key, 1, kept.len());
        self.requests.insert(key, kept, deadline);
        self.requests.assign(key, pipe, resend);
        self.timer.arm_by(resend, fx);
        self.timer.arm_by(deadline, fx);
        Ok(key)
    }

    /// It may still be on its way; its reply will be a stray.
    fn cancel(&mut self, key: Key, _fx: &mut impl Effects<()>) {
        self.requests.remove(key);
    }

    fn timer(&mut self, fx: &mut impl Effects<()>) {
        let now = fx.now();
        self.timer.rang();
        while let Some((at, key)) = self.requests.next_deadline()
            && at <= now
        {
            self.requests.remove(key);
            fx.finish(key, Ending::Deadline);
        }
        while let Some((at, key)) = self.requests.next_resend()
            && at <= now
        {
            self.suspend(key);
        }
        self.resume(fx);
        let next = [self.requests.next_deadline(), self.requests.next_resend()];
        self.timer.arm_by(next.into_iter().flatten().map(|(at, _)| at).min(), fx);
    }
}

#[cfg(test)]
mod tests {
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
}
