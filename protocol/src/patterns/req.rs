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
mod tests;
