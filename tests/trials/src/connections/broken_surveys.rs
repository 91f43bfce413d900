use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hubless::{Error, Respondent, SurveyEnd, Surveyor};

use super::draining::TURN;
use super::place::Place;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::Stamp;

/// How many are asked, each through connections of its own.
const RESPONDENTS: u32 = 2;

/// Surveys over connections that break off: each gets its own answers, one of each respondent at most, and ends early, since
/// one that did not answer has left.
pub fn broken_surveys(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let surveyor = Surveyor::builder().end_early().build().expect("a socket");
    let listener = surveyor.listen(place.address()).expect("an address");
    let open =
        |_| Respondent::builder().reconnect(Duration::from_millis(1)..=TURN).build().expect("a socket");
    let respondents: Vec<Respondent> = (0..RESPONDENTS).map(open).collect();
    for respondent in &respondents {
        respondent.dial(place.way_to(listener.address())).expect("an address");
    }
    let over = AtomicBool::new(false);
    let answers = thread::scope(|scope| {
        let sockets =
            || respondents.iter().map(|respondent| respondent as _).chain([&surveyor as _]).collect();
        let _tied = Tied(sockets());
        let answering: Vec<_> = (2..)
            .zip(&respondents)
            .map(|(sender, respondent)| {
                let (source, over) = (Source::new(trial, plan, sender), &over);
                scope.spawn(move || answer(respondent, &source, trial.seed(), over))
            })
            .collect();
        let answers =
            (0..plan.messages).map(|seq| ask(&surveyor, &Source::new(trial, plan, 1), seq, plan)).sum();
        over.store(true, Ordering::SeqCst);
        answering.into_iter().for_each(outcome);
        answers
    });
    assert!(answers > 0, "nobody ever answered");
    let meant = plan.messages * u64::from(RESPONDENTS);
    Report::new("SURVEYOR, broken off", &place).delivered(answers, meant)
}

/// Holds one survey: how many answered.
fn ask(surveyor: &Surveyor, source: &Source, seq: u64, plan: &Plan) -> u64 {
    surveyor.wait_for_peers(1, PATIENCE).expect("somebody comes back");
    let mut survey = surveyor.survey(source.message(seq, 0), plan.patience).expect("an open socket");
    let mut answered = Vec::new();
    while let Some(answer) = survey.recv().expect("an open socket") {
        let answer = Stamp::decode(answer.message()).expect("an answer as it was sent");
        assert_eq!(answer.about, seq, "an answer to another survey");
        assert!(!answered.contains(&answer.sender), "one respondent has answered twice");
        answered.push(answer.sender);
    }
    assert_ne!(survey.end(), Some(SurveyEnd::Deadline), "waited for somebody who had left");
    answered.len() as u64
}

fn answer(respondent: &Respondent, source: &Source, run: u64, over: &AtomicBool) {
    while !over.load(Ordering::SeqCst) {
        match respondent.recv_timeout(TURN) {
            Ok(question) => {
                let stamp = Stamp::decode(question.message()).expect("a question as it was sent");
                assert_eq!(stamp.run, run, "a question of another trial");
                question.reply(source.message(stamp.seq, stamp.seq)).expect("an open socket");
            }
            Err(Error::Timeout { .. }) => {}
            // The surveyor has failed, and says how.
            Err(Error::Closed) => return,
            Err(error) => panic!("{error}"),
        }
    }
}
