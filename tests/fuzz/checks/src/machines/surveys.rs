use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use arbitrary::Unstructured;
use hubless_protocol::patterns::{
    Ending, Key, Loss, PipeId, ProtocolViolation, Question, Refusal, Share, Surveyor, Time, Verdict,
};
use hubless_transport::Message;

use super::{Deed, Happened, Laws, Play};

/// SURVEYOR, whatever happens: each peer with room is asked, the others are counted; answers are delivered as long as their
/// survey is open and are strays afterwards; it ends once, at its deadline, or, where that is asked for, when everybody who
/// was asked has answered or left, and says which. The timer is never armed too late.
///
/// The first byte chooses the options; then come events, as `tests/fuzz/README.md` has them. The first byte of a question is its
/// time in milliseconds.
pub fn surveys(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(choice) = input.arbitrary::<u8>() else { return };
    let surveyor = Surveyor::new(0xffff_fffe, KEPT);
    let early = choice & 1 == 1;
    let surveyor = if early { surveyor.ending_early() } else { surveyor };
    let mut laws = Surveys {
        early,
        open: BTreeMap::new(),
        question: Question { body: Message::new(), deadline: Duration::ZERO },
    };
    Play::run(surveyor, &mut laws, false, &mut input);
}

/// How many answers to a survey are kept.
const KEPT: usize = 3;

#[derive(Debug)]
struct Surveys {
    early: bool,
    open: BTreeMap<Key, Survey>,
    question: Question,
}

#[derive(Debug)]
struct Survey {
    deadline: Time,
    asked: BTreeSet<PipeId>,
    missing: BTreeSet<PipeId>,
    deserted: bool,
}

impl Laws<Surveyor> for Surveys {
    fn outgoing(&mut self, bytes: &[u8]) -> Question {
        let time = bytes.first().copied().unwrap_or_default();
        self.question = Question { body: bytes.into(), deadline: Duration::from_millis(time.into()) };
        self.question.clone()
    }

    fn judge(&mut self, happened: Happened<Key>, deeds: Vec<Deed<PipeId>>, play: &Play<Surveyor>) {
        let expected = match happened {
            Happened::Joined(welcome) => {
                assert_eq!(welcome, Ok::<(), Refusal>(()));
                Vec::new()
            }
            Happened::Sent(sent) => self.asked(sent.expect("it waits for nobody"), play),
            Happened::Arrived(pipe, bytes, verdict) => self.arrived(pipe, &bytes, verdict),
            Happened::Left(pipe) => self.left(pipe),
            Happened::Cancelled(key) => {
                self.open.remove(&key);
                Vec::new()
            }
            Happened::Passed => self.passed(play.world.now),
            Happened::Returned(..) => vec![Deed::Lost(Loss::PipeLost)],
            Happened::Drained => Vec::new(),
        };
        assert_eq!(in_order(deeds), in_order(expected));
        if let Some(due) = self.open.values().map(|survey| survey.deadline).min() {
            let armed = play.world.armed;
            assert!(armed.is_some_and(|armed| armed <= due), "due at {due:?}, armed for {armed:?}");
        }
    }
}

impl Surveys {
    fn asked(&mut self, key: Key, play: &Play<Surveyor>) -> Vec<Deed<PipeId>> {
        assert!(key & 0x8000_0000 != 0, "{key:x} is no id");
        let wire = [&key.to_be_bytes()[..], &self.question.body].concat();
        let mut expected = Vec::new();
        let mut missing = BTreeSet::new();
        for (&pipe, &took) in &play.took {
            if took {
                expected.push(Deed::Pushed(pipe, wire.clone()));
                missing.insert(pipe);
            } else {
                expected.push(Deed::LostAt(pipe, Loss::PeerFull));
            }
        }
        expected.push(Deed::Opened(key, KEPT.max(missing.len())));
        if self.early && missing.is_empty() {
            expected.push(Deed::Finished(key, Ending::Complete));
            return expected;
        }
        let deadline = play.world.now.after(self.question.deadline);
        let before =
            self.open.insert(key, Survey { deadline, asked: missing.clone(), missing, deserted: false });
        assert!(before.is_none(), "{key:x} is open already");
        expected
    }

    fn arrived(&mut self, pipe: PipeId, bytes: &[u8], verdict: Verdict) -> Vec<Deed<PipeId>> {
        let Some((key, body)) = bytes.split_first_chunk() else {
            assert_eq!(verdict, Verdict::Close(ProtocolViolation::MalformedHeader));
            return Vec::new();
        };
        let key = u32::from_be_bytes(*key);
        let Some(Survey { asked, .. }) = self.open.get(&key) else {
            assert_eq!(verdict, Verdict::Drop(Loss::Stray));
            return Vec::new();
        };
        assert_eq!(verdict, Verdict::Accepted);
        let share = Share { asked: asked.contains(&pipe), most: (KEPT / asked.len().max(1)).max(1) };
        let mut expected = vec![Deed::Answered(key, pipe, pipe, body.into(), share)];
        expected.extend(self.settled(key, pipe, false));
        expected
    }

    fn left(&mut self, pipe: PipeId) -> Vec<Deed<PipeId>> {
        let open: Vec<Key> = self.open.keys().copied().collect();
        open.into_iter().filter_map(|key| self.settled(key, pipe, true)).collect()
    }

    /// Nobody waits for this peer any more; the survey may end by that.
    fn settled(&mut self, key: Key, pipe: PipeId, left: bool) -> Option<Deed<PipeId>> {
        let survey = self.open.get_mut(&key).filter(|_| self.early)?;
        if !survey.missing.remove(&pipe) {
            return None;
        }
        survey.deserted |= left;
        let ending = if survey.deserted { Ending::PeerLost } else { Ending::Complete };
        survey.missing.is_empty().then(|| self.open.remove(&key)).map(|_| Deed::Finished(key, ending))
    }

    fn passed(&mut self, now: Time) -> Vec<Deed<PipeId>> {
        let due: Vec<Key> =
            self.open.iter().filter(|(_, survey)| survey.deadline <= now).map(|(key, _)| *key).collect();
        self.open.retain(|key, _| !due.contains(key));
        due.into_iter().map(|key| Deed::Finished(key, Ending::Deadline)).collect()
    }
}

/// Those that end in one step end in no order.
fn in_order(deeds: Vec<Deed<PipeId>>) -> Vec<Deed<PipeId>> {
    let is_end = |deed: &Deed<PipeId>| matches!(deed, Deed::Finished(..));
    let (mut ends, mut rest): (Vec<_>, Vec<_>) = deeds.into_iter().partition(is_end);
    ends.sort_by_key(|deed| match deed {
        Deed::Finished(key, _) => *key,
        _ => 0,
    });
    rest.append(&mut ends);
    rest
}
