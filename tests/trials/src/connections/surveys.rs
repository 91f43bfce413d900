use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use hubless::{Respondent, SurveyEnd, Surveyor};

use super::place::Place;
use super::source::Source;
use super::together::{PATIENCE, Tied, outcome, settled};
use super::{Plan, Report};
use crate::Trial;
use hubless_kit::{Ledger, Stamp};

/// How many are asked.
const RESPONDENTS: u64 = 3;
/// One survey in so many has a deadline that nobody keeps.
const ONE_LATE_IN: u64 = 8;

/// Surveys over connections that live: each one gets its own answers, one of each respondent; to a survey whose deadline is over
/// come answers, too, and none of them is delivered, all are counted.
pub fn surveys(trial: &Trial, plan: &Plan) -> Report {
    let mut place = Place::new(trial, plan);
    let surveyor = Surveyor::builder().end_early().build().expect("a socket");
    let listener = surveyor.listen(place.address()).expect("an address");
    let open = |_| Respondent::builder().recv_timeout(PATIENCE).build().expect("a socket");
    let respondents: Vec<Respondent> = (0..RESPONDENTS).map(open).collect();
    for respondent in &respondents {
        respondent.dial(place.way_to(listener.address())).expect("an address");
    }
    surveyor.wait_for_peers(respondents.len(), PATIENCE).expect("the respondents come");
    thread::scope(|scope| {
        let running: Vec<_> = (2..)
            .zip(&respondents)
            .map(|(sender, respondent)| {
                let (over, known) = sync_channel(1);
                let source = Source::new(trial, plan, sender);
                let tied = (&surveyor, respondent);
                (over, scope.spawn(move || answer(tied, &source, &known, (trial, plan))))
            })
            .collect();
        let _tied =
            Tied(respondents.iter().map(|respondent| respondent as _).chain([&surveyor as _]).collect());
        let (over, answering): (Vec<_>, Vec<_>) = running.into_iter().unzip();
        ask(&surveyor, &Source::new(trial, plan, 1), &over, plan);
        answering.into_iter().for_each(outcome);
    });
    let meant = RESPONDENTS * plan.messages;
    let late = RESPONDENTS * plan.messages.div_ceil(ONE_LATE_IN);
    let stats = settled(&surveyor, |stats| stats.received + stats.drops.stray == meant);
    assert_eq!((stats.drops.stray, stats.drops.total()), (late, late), "{stats:?}");
    Report::new("SURVEYOR", &place).delivered(meant - late, meant).lost(late, 0)
}

fn is_late(seq: u64) -> bool {
    seq.is_multiple_of(ONE_LATE_IN)
}

fn ask(surveyor: &Surveyor, source: &Source, over: &[SyncSender<()>], plan: &Plan) {
    for seq in 0..plan.messages {
        let deadline = if is_late(seq) { Duration::from_millis(1) } else { plan.patience };
        let mut survey = surveyor.survey(source.message(seq, 0), deadline).expect("an open socket");
        let mut answers = 0;
        while let Some(answer) = survey.recv().expect("an open socket") {
            let answer = Stamp::decode(answer.message()).expect("an answer as it was sent");
            assert_eq!(answer.about, seq, "an answer to another survey");
            answers += 1;
        }
        if is_late(seq) {
            assert_eq!(
                (survey.end(), answers),
                (Some(SurveyEnd::Deadline), 0),
                "an answer after the deadline"
            );
            for over in over {
                over.send(()).expect("a respondent");
            }
        } else {
            assert_eq!(
                (survey.end(), answers),
                (Some(SurveyEnd::Complete), RESPONDENTS),
                "an answer was lost"
            );
        }
    }
}

/// Answers each question: one that has a short deadline, once that is known to be over.
fn answer(
    (surveyor, respondent): (&Surveyor, &Respondent),
    source: &Source,
    over: &Receiver<()>,
    (trial, plan): (&Trial, &Plan),
) {
    let _tied = Tied(vec![respondent, surveyor]);
    let mut asked = Ledger::new(trial.seed());
    while asked.received < plan.messages {
        let question = respondent.recv().expect("another question");
        let stamp = asked.enter(question.message()).unwrap_or_else(|breach| panic!("{breach}"));
        assert_eq!(asked.missing, 0, "a question was lost");
        if is_late(stamp.seq) {
            over.recv().expect("the end of the survey");
        }
        question.reply(source.message(stamp.seq, stamp.seq)).expect("an open socket");
    }
}
