use std::collections::BTreeSet;
use std::time::Duration;

use hubless_transport::Message;

use crate::PeerInfo;
use crate::patterns::backtrace::take_id;
use crate::patterns::ids::{IdMap, Ids};
use crate::patterns::pipes::Pipes;
use crate::patterns::timer::Timer;
use crate::patterns::{
    Effects, Ending, Full, Incoming, Key, Loss, Outgoing, Pattern, PipeId, Refusal, Role, Share, Time,
    Verdict,
};

/// A survey to be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The user's bytes.
    pub body: Message,
    /// How long answers are taken.
    pub deadline: Duration,
}

impl Outgoing for Question {
    fn size(&self) -> usize {
        self.body.len()
    }
}

/// SURVEYOR: each question to every peer that has room, and all answers until a deadline (sp.md section 8.2). Several
/// surveys may be open.
#[derive(Debug)]
pub struct Surveyor {
    ids: Ids,
    /// How many answers are kept per survey.
    kept: usize,
    pipes: Pipes,
    surveys: IdMap<Survey>,
    deadlines: BTreeSet<(Time, Key)>,
    timer: Timer,
    early: bool,
}

/// A survey that is open.
#[derive(Debug)]
struct Survey {
    deadline: Time,
    /// Who was asked, by slot.
    asked: Vec<PipeId>,
    /// Who was asked and has neither answered nor left, where the survey ends early.
    missing: BTreeSet<PipeId>,
    /// Somebody who was asked has left without an answer.
    deserted: bool,
}

impl Surveyor {
    /// Without peers; the first id follows from the seed.
    pub fn new(seed: u32, kept: usize) -> Self {
        Self {
            ids: Ids::new(seed),
            kept,
            pipes: Pipes::default(),
            surveys: IdMap::default(),
            deadlines: BTreeSet::new(),
            timer: Timer::default(),
            early: false,
        }
    }

    /// The same, but a survey also ends when everybody who was asked has answered or left; at once where there is nobody.
    #[must_use]
    pub fn ending_early(self) -> Self {
        Self { early: true, ..self }
    }

    /// Asks every peer that has room. Returns whom, by slot.
    fn ask(&self, key: Key, body: &Message, fx: &mut impl Effects<PipeId>) -> Vec<PipeId> {
        let mut asked = Vec::new();
        self.pipes.broadcast(&key.to_be_bytes(), body, None, fx, |pipe| asked.push(pipe));
        asked
    }

    /// How many answers of this peer to that survey may wait; nothing where there is no such survey. Those that were asked
    /// have equal shares, so however often one answers, there is a place for the answers of the others.
    fn share(&self, key: Key, pipe: PipeId) -> Option<Share> {
        let asked = &self.surveys.get(&key)?.asked;
        let most = (self.kept / asked.len().max(1)).max(1);
        Some(Share { asked: asked.binary_search(&pipe).is_ok(), most })
    }

    /// Removes a survey.
    fn forget(&mut self, key: Key) {
        if let Some(survey) = self.surveys.remove(&key) {
            self.deadlines.remove(&(survey.deadline, key));
        }
    }

    /// Nobody waits for this peer's answer any more: it has given one, or has left.
    fn settle(&mut self, key: Key, pipe: PipeId, left: bool, fx: &mut impl Effects<PipeId>) {
        let Some(survey) = self.surveys.get_mut(&key) else { return };
        if !survey.missing.remove(&pipe) {
            return;
        }
        survey.deserted |= left;
        if survey.missing.is_empty() {
            let ending = if survey.deserted { Ending::PeerLost } else { Ending::Complete };
            self.forget(key);
            fx.finish(key, ending);
        }
    }
}

impl Pattern for Surveyor {
    type Outgoing = Question;
    type Ticket = Key;
    type Origin = PipeId;

    fn role(&self) -> Role {
        Role::Surveyor
    }

    fn pipe_added(
        &mut self,
        pipe: PipeId,
        _peer: &PeerInfo,
        _fx: &mut impl Effects<PipeId>,
    ) -> Result<(), Refusal> {
        self.pipes.insert(pipe);
        Ok(())
    }

    fn pipe_removed(&mut self, pipe: PipeId, fx: &mut impl Effects<PipeId>) {
        self.pipes.remove(pipe);
        if self.early {
            let open: Vec<Key> = self.surveys.keys().copied().collect();
            for key in open {
                self.settle(key, pipe, true, fx);
            }
        }
    }

    fn pipe_writable(&mut self, _pipe: PipeId, _fx: &mut impl Effects<PipeId>) {}

    fn message(
        &mut self,
        pipe: PipeId,
        mut incoming: Incoming<'_>,
        fx: &mut impl Effects<PipeId>,
    ) -> Verdict {
        match take_id(&mut incoming) {
            Ok(key) => {
                let Some(share) = self.share(key, pipe) else { return Verdict::Drop(Loss::Stray) };
                fx.deliver_answer(key, pipe, pipe, incoming.into_body(), share);
                self.settle(key, pipe, false, fx);
                Verdict::Accepted
            }
            Err(verdict) => verdict,
        }
    }

    fn send(&mut self, question: &mut Question, fx: &mut impl Effects<PipeId>) -> Result<Key, Full> {
        let key = self.ids.peek(|key| fx.is_open(key));
        self.ids.advance();
        let asked = self.ask(key, &question.body, fx);
        fx.open(key, self.kept.max(asked.len()), 0);
        if self.early && asked.is_empty() {
            fx.finish(key, Ending::Complete);
            return Ok(key);
        }
        let deadline = fx.now().after(question.deadline);
        let missing = if self.early { asked.iter().copied().collect() } else { BTreeSet::new() };
        self.surveys.insert(key, Survey { deadline, asked, missing, deserted: false });
        self.deadlines.insert((deadline, key));
        self.timer.arm_by(Some(deadline), fx);
        Ok(key)
    }

    fn cancel(&mut self, key: Key, _fx: &mut impl Effects<PipeId>) {
        self.forget(key);
    }

    fn timer(&mut self, fx: &mut impl Effects<PipeId>) {
        let now = fx.now();
        self.timer.rang();
        while let Some(&(at, key)) = self.deadlines.first() {
            if at > now {
                self.timer.arm_by(Some(at), fx);
                return;
            }
            self.forget(key);
            fx.finish(key, Ending::Deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use hubless_transport::Packet;

    use super::*;
    use crate::patterns::{Inbox, ProtocolViolation};
    use crate::testing::{Deed, World, pipe};

    const A: PipeId = pipe(0);
    const B: PipeId = pipe(1);
    const FIRST: Key = 0x8000_0007;

    /// A SURVEYOR with two peers.
    fn surveyor(rooms: [usize; 2]) -> (Surveyor, World<PipeId>) {
        let (mut surveyor, mut fx) = (Surveyor::new(7, 1000), World::new());
        fx.join(&mut surveyor, A, rooms[0]);
        fx.join(&mut surveyor, B, rooms[1]);
        (surveyor, fx)
    }

    fn question(body: &str, milliseconds: u64) -> Question {
        Question { body: body.into(), deadline: Duration::from_millis(milliseconds) }
    }

    fn answer(key: Key, body: &str) -> Packet {
        Message::from([&key.to_be_bytes(), body.as_bytes()].concat()).into()
    }

    #[test]
    fn a_survey_asks_everybody_and_delivers_all_answers_even_several_of_one_peer() {
        let (mut surveyor, mut fx) = surveyor([9, 9]);
        let key = fx.send(&mut surveyor, question("who?", 1000)).unwrap();
        assert_eq!((key, &fx.opened()[..]), (FIRST, &[(FIRST, 1000)][..]));
        let asked = answer(FIRST, "who?").body.into_vec();
        assert_eq!(fx.sent(), [(A, asked.clone()), (B, asked)]);
        for pipe in [A, B, A] {
            assert_eq!(fx.receive(&mut surveyor, pipe, answer(key, "me")), Verdict::Accepted);
        }
        let inbox = Inbox::Keyed(key);
        assert_eq!(fx.delivered(), [A, B, A].map(|pipe| (inbox, pipe, pipe, "me".into())));
        assert_eq!(fx.finished(), []);
    }

    #[test]
    fn those_who_were_asked_have_equal_shares_of_the_answers_and_the_others_one_together() {
        for (kept, most) in [(1000, 500), (3, 1), (1, 1)] {
            let (mut surveyor, mut fx) = (Surveyor::new(7, kept), World::new());
            for pipe in [A, B] {
                fx.join(&mut surveyor, pipe, 9);
            }
            let key = fx.send(&mut surveyor, question("who?", 1000)).unwrap();
            assert_eq!(fx.opened(), [(key, kept.max(2))]);
            let late = pipe(2);
            fx.join(&mut surveyor, late, 9);
            for pipe in [A, B, late] {
                assert_eq!(fx.receive(&mut surveyor, pipe, answer(key, "me")), Verdict::Accepted);
            }
            let answered =
                |(pipe, asked)| Deed::Answered(key, pipe, pipe, "me".into(), Share { asked, most });
            assert_eq!(fx.deeds()[2..], [(A, true), (B, true), (late, false)].map(answered));
        }
    }

    #[test]
    fn an_id_that_comes_round_passes_over_surveys_that_somebody_holds() {
        let (mut surveyor, mut fx) = surveyor([9, 9]);
        surveyor.ids = Ids::new(u32::MAX);
        let keys = [(); 2].map(|()| fx.send(&mut surveyor, question("a", 100)).unwrap());
        assert_eq!(keys, [0xffff_ffff, 0x8000_0000]);
        fx.pass(Duration::from_millis(100), &mut surveyor);
        surveyor.ids = Ids::new(u32::MAX);
        assert_eq!(fx.send(&mut surveyor, question("a", 100)), Ok(0x8000_0001));
    }

    #[test]
    fn a_peer_without_room_is_not_asked_and_the_loss_is_counted() {
        let (mut surveyor, mut fx) = surveyor([0, 9]);
        fx.send(&mut surveyor, question("who?", 1000)).unwrap();
        assert_eq!(fx.sent_to(), [B]);
        assert_eq!(fx.lost(), [Loss::PeerFull]);
    }

    #[test]
    fn each_of_several_surveys_ends_at_its_own_deadline_and_later_answers_are_strays() {
        let (mut surveyor, mut fx) = surveyor([9, 9]);
        let long = fx.send(&mut surveyor, question("a", 300)).unwrap();
        let short = fx.send(&mut surveyor, question("b", 100)).unwrap();
        fx.pass(Duration::from_millis(100), &mut surveyor);
        assert_eq!(fx.finished(), [(short, Ending::Deadline)]);
        assert_eq!(fx.receive(&mut surveyor, A, answer(short, "")), Verdict::Drop(Loss::Stray));
        assert_eq!(fx.receive(&mut surveyor, A, answer(long, "")), Verdict::Accepted);
        fx.pass(Duration::from_millis(200), &mut surveyor);
        assert_eq!(fx.finished(), [(long, Ending::Deadline)]);
    }

    #[test]
    fn a_cancelled_survey_takes_no_answers_and_does_not_end_again() {
        let (mut surveyor, mut fx) = surveyor([9, 9]);
        let key = fx.send(&mut surveyor, question("a", 100)).unwrap();
        surveyor.cancel(key, &mut fx);
        assert_eq!(fx.receive(&mut surveyor, A, answer(key, "")), Verdict::Drop(Loss::Stray));
        fx.pass(Duration::from_millis(100), &mut surveyor);
        assert_eq!(fx.finished(), []);
    }

    #[test]
    fn answers_without_an_id_close_the_pipe_and_those_for_others_are_strays() {
        let (mut surveyor, mut fx) = surveyor([9, 9]);
        fx.send(&mut surveyor, question("a", 100)).unwrap();
        let malformed = fx.receive(&mut surveyor, A, Message::from("abc").into());
        assert_eq!(malformed, Verdict::Close(ProtocolViolation::MalformedHeader));
        assert_eq!(fx.receive(&mut surveyor, A, answer(7, "")), Verdict::Drop(Loss::Stray));
    }

    #[test]
    fn a_survey_with_nobody_to_ask_lasts_until_its_deadline() {
        let (mut surveyor, mut fx) = (Surveyor::new(7, 1000), World::new());
        let key = fx.send(&mut surveyor, question("a", 100)).unwrap();
        fx.pass(Duration::from_millis(99), &mut surveyor);
        assert_eq!(fx.finished(), []);
        fx.pass(Duration::from_millis(1), &mut surveyor);
        assert_eq!(fx.finished(), [(key, Ending::Deadline)]);
    }

    #[test]
    fn on_request_a_survey_ends_when_everybody_asked_has_answered() {
        let (surveyor, mut fx) = surveyor([9, 9]);
        let mut surveyor = surveyor.ending_early();
        let keys = [(); 2].map(|()| fx.send(&mut surveyor, question("a", 100)).unwrap());
        for (key, pipe) in [(keys[0], A), (keys[1], A), (keys[1], B)] {
            assert_eq!(fx.receive(&mut surveyor, pipe, answer(key, "")), Verdict::Accepted);
        }
        assert_eq!(fx.finished(), [(keys[1], Ending::Complete)]);
        assert_eq!(fx.receive(&mut surveyor, B, answer(keys[1], "")), Verdict::Drop(Loss::Stray));
        fx.leave(&mut surveyor, A);
        assert_eq!(fx.receive(&mut surveyor, B, answer(keys[0], "")), Verdict::Accepted);
        assert_eq!(fx.finished(), [(keys[0], Ending::Complete)]);
        fx.pass(Duration::from_millis(100), &mut surveyor);
        assert_eq!(fx.finished(), []);
    }

    #[test]
    fn a_survey_that_ends_early_tells_that_somebody_left_without_an_answer() {
        let (surveyor, mut fx) = surveyor([9, 9]);
        let mut surveyor = surveyor.ending_early();
        let key = fx.send(&mut surveyor, question("a", 100)).unwrap();
        for _ in 0..2 {
            assert_eq!(fx.receive(&mut surveyor, A, answer(key, "")), Verdict::Accepted);
        }
        assert_eq!(fx.finished(), []);
        fx.leave(&mut surveyor, B);
        assert_eq!(fx.finished(), [(key, Ending::PeerLost)]);
        fx.join(&mut surveyor, B, 9);
        let key = fx.send(&mut surveyor, question("a", 100)).unwrap();
        fx.leave(&mut surveyor, B);
        assert_eq!(fx.receive(&mut surveyor, A, answer(key, "")), Verdict::Accepted);
        assert_eq!(fx.finished(), [(key, Ending::PeerLost)]);
        fx.leave(&mut surveyor, A);
        let key = fx.send(&mut surveyor, question("a", 100)).unwrap();
        assert_eq!(fx.finished(), [(key, Ending::Complete)]);
    }
}
