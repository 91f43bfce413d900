use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use hubless::{Error, Message, Pending, Req, SurveyEnd, Surveyor};

use super::{Plan, Report, Stage};
use crate::Trial;
use hubless_kit::Stamp;

/// Requests that are open at a time.
const OPEN: usize = 8;
/// Time enough for everything.
const LONG: Duration = Duration::from_secs(60);

/// Servers are killed in the middle of requests. Each request has one answer, the right one; where it is not `resent`, it may
/// fail instead because its peer was lost.
pub fn requests(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str, resent: bool) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "rep");
    // What is asked again is so because its server has gone, and never because time has passed.
    let builder = if resent { Req::builder().resend(60 * LONG) } else { Req::builder().no_resend() };
    let req = builder.build().expect("a socket");
    stage.admit(&req);
    let mut asked = Asked { seq: 0, answered: 0, failed: 0, open: VecDeque::new() };
    for _ in 0..plan.kills {
        let (victim, life) = (stage.start(), stage.life() as u64);
        let before = asked.answered;
        while asked.answered - before < life {
            asked.ask(&stage, &req);
            while asked.open.len() >= OPEN {
                asked.end_first(stage.run, resent);
            }
        }
        while asked.open.len() < OPEN {
            asked.ask(&stage, &req);
        }
        victim.kill();
    }
    let _heir = stage.start();
    while !asked.open.is_empty() {
        asked.end_first(stage.run, resent);
    }
    assert_eq!(asked.seq, asked.answered + asked.failed, "each request ends once");
    stage.report(asked.seq, asked.answered, asked.failed)
}

/// Requests of one client.
struct Asked {
    seq: u64,
    answered: u64,
    failed: u64,
    open: VecDeque<(u64, Pending)>,
}

impl Asked {
    fn ask(&mut self, stage: &Stage<'_>, req: &Req) {
        let question = stage.stamp(self.seq).encode(stage.plan.length);
        self.open.push_back((self.seq, req.send_timeout(question, LONG).expect("room")));
        self.seq += 1;
    }

    /// Waits for the end of the request that was made first.
    fn end_first(&mut self, run: u64, resent: bool) {
        let Some((seq, pending)) = self.open.pop_front() else { return };
        match pending.recv_timeout(LONG) {
            Ok(answer) => {
                assert_about(&answer, run, seq);
                self.answered += 1;
                let second = pending.try_recv();
                assert!(matches!(second, Err(Error::Answered)), "a second answer: {second:?}");
            }
            Err(Error::PeerLost) if !resent => self.failed += 1,
            Err(error) => panic!("request {seq}: {error}"),
        }
    }
}

/// RESPONDENTs are killed. Each survey ends as soon as the one who was asked has answered or left, and has answers to itself alone.
pub fn surveys(trial: &Trial, plan: Plan, actor: &Path, transport: &'static str) -> Report {
    let mut stage = Stage::new((trial, actor), plan, transport, "respondent");
    let surveyor = Surveyor::builder().end_early().build().expect("a socket");
    stage.admit(&surveyor);
    let (mut asked, mut answered) = (0, 0);
    for _ in 0..plan.kills {
        let (victim, life) = (stage.start(), stage.life());
        for _ in 0..life {
            surveyor.wait_for_peers(1, LONG).expect("a peer");
            answered += survey(&stage, &surveyor, asked, || ());
            asked += 1;
        }
        surveyor.wait_for_peers(1, LONG).expect("a peer");
        answered += survey(&stage, &surveyor, asked, || victim.kill());
        asked += 1;
        hubless_kit::eventually(|| surveyor.stats().pipes == 0);
    }
    stage.report(asked, answered, 0)
}

/// Asks, has something happen, and takes the answers; how many.
fn survey(stage: &Stage<'_>, surveyor: &Surveyor, seq: u64, meanwhile: impl FnOnce()) -> u64 {
    let question = stage.stamp(seq).encode(stage.plan.length);
    let mut survey = surveyor.survey(question, LONG).expect("an open socket");
    meanwhile();
    let mut answers = 0;
    while let Some(answer) = survey.recv().expect("an open socket") {
        assert_about(answer.message(), stage.run, seq);
        answers += 1;
    }
    let end = survey.end();
    assert!(answers <= 1, "one peer gave {answers} answers");
    assert!(matches!(end, Some(SurveyEnd::Complete | SurveyEnd::PeersLeft)), "survey {seq} ended by {end:?}");
    assert!(answers == 1 || end == Some(SurveyEnd::PeersLeft), "survey {seq} is complete without an answer");
    answers
}

fn assert_about(answer: &Message, run: u64, seq: u64) {
    let stamp = Stamp::decode(answer).expect("an answer as it was sent");
    assert_eq!((stamp.run, stamp.about), (run, seq), "the answer to something else");
}
