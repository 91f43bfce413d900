use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use hubless::{Respondent, SurveyEnd, Surveyor};

use super::flow::Flow;
use super::{Network, Plan, Report};
use crate::Trial;
use hubless_kit::{Stamp, eventually, now};

/// Who is asked.
const RESPONDENTS: u32 = 3;

/// A SURVEYOR asks three RESPONDENTs, and the network is cut meanwhile. Then it goes on until all have answered.
pub fn surveys(trial: &Trial, plan: &Plan) -> Report {
    let network = Network::new(trial, plan.conditions);
    let surveyor = Surveyor::builder().context(&network.there.context()).build().expect("a socket");
    network.there.enter(|| surveyor.listen(plan.endpoint(&network.there)).expect("a port"));
    let context = network.here.context();
    let respondents: Vec<_> = (1..=RESPONDENTS)
        .map(|number| {
            let respondent = Respondent::builder().context(&context).build().expect("a socket");
            respondent.dial(plan.endpoint(&network.there)).expect("an address");
            answer(respondent.clone(), Flow::new(trial, number, plan));
            respondent
        })
        .collect();
    surveyor.wait_for_peers(respondents.len(), plan.patience()).expect("all of them");

    let (begin, cut_at) = (now(), plan.cut_at(trial));
    let asking = Flow::new(trial, 0, plan);
    let (mut asked, mut taken, mut complete) = (0, 0, false);
    while asked < plan.messages || !complete {
        let late = begin.elapsed() > plan.patience() + 4 * time_of(plan);
        assert!(!late, "only {taken} answers to {asked} surveys");
        if asked == cut_at {
            network.cut_for(plan.partition);
        }
        let answers = ask(&surveyor, &asking, asked);
        (asked, taken, complete) = (asked + 1, taken + answers, answers == u64::from(RESPONDENTS));
    }

    let sent = || respondents.iter().map(|respondent| respondent.stats().sent).sum::<u64>();
    let ended =
        || surveyor.stats().disconnected + respondents.iter().map(|it| it.stats().disconnected).sum::<u64>();
    eventually(|| {
        ended() > 0 || (sent() == taken + surveyor.stats().drops.total() && surveyor.stats().send_queue == 0)
    });
    let report = Report {
        what: "surveys",
        plan: *plan,
        sent: sent(),
        received: taken,
        lost: sent().saturating_sub(taken),
        counted: surveyor.stats().drops.total(),
        disconnected: ended(),
        time: begin.elapsed(),
    };
    // Who answers has a handle, too, and would go on for ever.
    for respondent in respondents {
        respondent.close(Duration::ZERO).expect("a live background");
    }
    report
}

/// How long a survey goes on: long enough for all answers, and too short for one of which a packet is lost.
pub(super) fn deadline(plan: &Plan) -> Duration {
    Duration::from_millis(100) + 5 * plan.conditions.delay
}

/// How long all surveys take.
fn time_of(plan: &Plan) -> Duration {
    deadline(plan) * u32::try_from(plan.messages).expect("not so many surveys")
}

/// Asks, and takes the answers until the end. How many there were.
fn ask(surveyor: &Surveyor, asking: &Flow, seq: u64) -> u64 {
    let (begin, deadline) = (now(), deadline(&asking.plan));
    let mut survey = surveyor.survey(asking.message(seq, 0), deadline).expect("a live socket");
    let mut answered = HashSet::new();
    while let Some(answer) = survey.recv().expect("no time limit") {
        let stamp = Stamp::decode(answer.message()).expect("an answer as it was sent");
        assert_eq!((stamp.run, stamp.about), (asking.run, seq), "an answer to another survey: {stamp:?}");
        assert!(answered.insert(stamp.sender), "a second answer: {stamp:?}");
    }
    assert_eq!(survey.end(), Some(SurveyEnd::Deadline));
    assert!(begin.elapsed() >= deadline, "a survey ended early");
    answered.len() as u64
}

/// Answers as long as the socket is open.
fn answer(respondent: Respondent, answers: Flow) {
    thread::spawn(move || {
        for (seq, question) in (0..).zip(respondent.iter()) {
            let asked = Stamp::decode(question.message()).expect("a question as it was sent");
            if question.reply(answers.message(seq, asked.seq)).is_err() {
                // It was closed meanwhile.
                break;
            }
        }
    });
}
