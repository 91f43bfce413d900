use std::collections::BTreeMap;
use std::time::Duration;

use hubless_protocol::patterns::{Ending, Key, Question, Surveyor, Time};

use crate::dice::Dice;
use crate::journal::Journal;
use crate::law::Law;
use crate::node::User;
use crate::socket::Socket;
use crate::surroundings::Keyed;
use crate::users::give_up;

/// A survey that has not been seen to end.
#[derive(Debug)]
struct Held {
    serial: u32,
    deadline: Time,
}

/// Holds surveys, several at a time, and gives some of them up.
#[derive(Debug, Default)]
pub(crate) struct Interviewer {
    open: BTreeMap<Key, Held>,
    /// Surveys end when everybody has answered.
    early: bool,
}

impl Interviewer {
    pub(crate) fn new(early: bool) -> Self {
        Self { early, ..Self::default() }
    }

    fn ask(&mut self, socket: &mut Socket<Surveyor>, dice: &mut Dice, journal: &mut Journal) {
        let body = journal.make(socket.node, 0);
        let deadline = Duration::from_micros(dice.pick(&[10, 1_000, 20_000, 100_000]));
        let mut question = Question { body: body.encode(b"", dice.pick(&[0, 70])), deadline };
        let Ok(key) = socket.send(&mut question, body.serial, journal) else {
            return journal.claim(Law::Room, false, || "a survey waits for room".into());
        };
        self.open
            .insert(key, Held { serial: body.serial, deadline: socket.around.world.now.after(deadline) });
    }

    /// Takes the answers, and what has ended.
    fn collect(&mut self, socket: &mut Socket<Surveyor>, journal: &mut Journal) -> bool {
        let mut happened = false;
        for (key, keyed) in &mut socket.around.keyed {
            let Some(held) = self.open.get(key) else {
                journal.claim(Law::RightAnswer, false, || format!("{key:#x} was never asked"));
                return false;
            };
            for answer in keyed.answers.drain(..) {
                happened = true;
                held.judge(answer.at, &answer.body, journal);
            }
            if let Some((ending, at)) = keyed.ended {
                self.judge_end(held, ending, at, journal);
            }
        }
        if self.early {
            socket.around.keyed.iter().for_each(|(key, keyed)| judge_early_end(socket, *key, keyed, journal));
        }
        let has_ended = |(key, keyed): (&Key, &Keyed)| keyed.ended.is_some().then_some(*key);
        let ended: Vec<Key> = socket.around.keyed.iter().filter_map(has_ended).collect();
        for key in &ended {
            socket.around.close(*key);
            self.open.remove(key);
        }
        happened || !ended.is_empty()
    }

    fn judge_end(&self, held: &Held, ending: Ending, at: Time, journal: &mut Journal) {
        let in_time = if ending == Ending::Deadline {
            journal.is_on_time(held.deadline, at)
        } else {
            at < held.deadline
        };
        journal.claim(Law::Deadline, in_time && (self.early || ending == Ending::Deadline), || {
            format!("{held:?} ends at {at:?} as {ending:?}")
        });
    }
}

/// Looks whether a survey has ended as it must when everybody who was asked has answered or left.
fn judge_early_end(socket: &Socket<Surveyor>, key: Key, keyed: &Keyed, journal: &mut Journal) {
    let asked = socket.around.given.get(&key).into_iter().flatten();
    let mut missing = asked.filter(|pipe| !keyed.answered.contains(pipe)).peekable();
    let nobody = missing.peek().is_none();
    let all_left = missing.all(|pipe| !socket.around.is_alive(*pipe));
    let ending = keyed.ended.map(|(ending, _)| ending);
    let holds = match ending {
        Some(Ending::Complete) => nobody,
        Some(Ending::PeerLost) => !nobody && all_left,
        Some(Ending::Deadline) => !nobody,
        None => !nobody && !all_left,
    };
    journal.claim(Law::EarlyEnd, holds, || {
        format!("{key:#x}, ended as {ending:?}; everybody answered: {nobody}, the others left: {all_left}")
    });
}

impl Held {
    fn judge(&self, at: Time, answer: &[u8], journal: &mut Journal) {
        let Some(body) = journal.intact(answer) else { return };
        journal.delivered_once(body.serial);
        journal.claim(Law::RightAnswer, body.about == self.serial, || {
            format!("survey {} gets an answer to {}", self.serial, body.about)
        });
        journal.claim(Law::Deadline, at < self.deadline, || format!("{self:?} is answered at {at:?}"));
    }
}

impl User<Surveyor> for Interviewer {
    fn act(&mut self, socket: &mut Socket<Surveyor>, dice: &mut Dice, journal: &mut Journal) -> bool {
        let collected = (socket.settling || dice.one_in(2)) && self.collect(socket, journal);
        if !socket.settling {
            match dice.below(8) {
                0 => give_up(&mut self.open, socket, dice, journal),
                1..=4 => self.ask(socket, dice, journal),
                _ => {}
            }
        }
        collected
    }

    fn restarted(&mut self) {
        self.open.clear();
    }

    fn waits(&self, _socket: &Socket<Surveyor>) -> bool {
        false
    }

    fn rest(&mut self, socket: &mut Socket<Surveyor>, journal: &mut Journal) {
        let open = self.open.values().next();
        journal.claim(Law::Ends, open.is_none(), || format!("node {}: {open:?} does not end", socket.node));
    }
}
