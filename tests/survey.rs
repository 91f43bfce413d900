//! SURVEYOR and RESPONDENT: everybody is asked, and a survey is a value that ends.

use std::time::Duration;

use hubless::raw;
use hubless::{Error, Respondent, SurveyEnd, Surveyor};
use hubless_kit::peer::{Host, Peer, RESPONDENT, SURVEYOR};
use hubless_kit::{ALL, LIMIT, Peers, SOON, Site, WHILE, WIRES, counts, eventually, now, over, within};

/// A surveyor and some whom it asks.
fn linked<const N: usize>(site: &Site, surveyor: Surveyor) -> (Surveyor, [Respondent; N]) {
    let at = surveyor.listen(site.address()).expect("an address");
    let respondents = std::array::from_fn(|_| {
        let respondent = Respondent::new().expect("a socket");
        respondent.dial(at.address()).expect("an address");
        respondent
    });
    surveyor.peers(N);
    (surveyor, respondents)
}

#[over(ALL)]
fn everybody_is_asked_and_every_answer_comes_with_its_peer(site: &Site) {
    let (surveyor, respondents) = linked::<3>(site, Surveyor::builder().end_early().build().unwrap());
    let survey = surveyor.survey("who?", SOON).unwrap();
    for (number, respondent) in respondents.iter().enumerate() {
        let question = respondent.recv_timeout(SOON).unwrap();
        assert_eq!(question, "who?");
        question.reply(number.to_string()).unwrap();
    }
    let mut answers: Vec<_> =
        survey.map(|answer| (answer.as_str().unwrap().to_owned(), answer.pipe())).collect();
    answers.sort();
    assert_eq!(answers.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), ["0", "1", "2"]);
    let pipes: std::collections::HashSet<u32> = answers.iter().map(|(_, pipe)| *pipe).collect();
    assert_eq!(pipes, surveyor.pipes().iter().map(|pipe| pipe.id).collect());
}

#[over(ALL)]
fn an_answer_knows_its_peer_though_that_has_left(site: &Site) {
    let (surveyor, [respondent]) = linked(site, Surveyor::new().unwrap());
    let mut survey = surveyor.survey("who?", SOON).unwrap();
    let pipe = surveyor.pipes().remove(0);
    respondent.recv_timeout(SOON).unwrap().reply("me").unwrap();
    eventually(|| surveyor.stats().received == 1);
    respondent.close(SOON).unwrap();
    eventually(|| surveyor.pipes().is_empty());
    let answer = survey.recv().unwrap().unwrap();
    assert_eq!((answer.peer(), answer.pipe()), (&pipe.peer, pipe.id));
}

#[over(ALL)]
fn a_survey_ends_at_its_deadline_with_the_answers_there_are(site: &Site) {
    let (surveyor, [quick, _silent]) = linked(site, Surveyor::new().unwrap());
    let begin = now();
    let mut survey = surveyor.survey("q", Duration::from_secs(2)).unwrap();
    quick.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(survey.recv().unwrap().unwrap(), "a");
    assert_eq!(survey.end(), None);
    assert!(survey.recv().unwrap().is_none());
    assert!(begin.elapsed() >= Duration::from_secs(2));
    assert_eq!(survey.end(), Some(SurveyEnd::Deadline));
}

#[over(ALL)]
fn answers_that_came_in_time_are_there_after_the_deadline(site: &Site) {
    let (surveyor, respondents) = linked::<3>(site, Surveyor::new().unwrap());
    let survey = surveyor.survey("q", Duration::from_secs(2)).unwrap();
    for respondent in &respondents {
        respondent.recv_timeout(SOON).unwrap().reply("a").unwrap();
    }
    counts(&surveyor, |stats| stats.received == 3);
    let late = surveyor.survey("is it over?", Duration::from_millis(2100)).unwrap();
    assert_eq!(late.count(), 0);
    assert_eq!(survey.count(), 3);
}

#[over(ALL)]
fn several_surveys_are_open_at_once_and_get_their_own_answers(site: &Site) {
    let (surveyor, [one, two]) = linked(site, Surveyor::builder().end_early().build().unwrap());
    let surveys: Vec<_> = (0..5).map(|number| surveyor.survey(number.to_string(), SOON).unwrap()).collect();
    for respondent in [&one, &two] {
        let mut questions: Vec<_> = respondent.iter().take(5).collect();
        questions.reverse();
        for question in questions {
            let echo = question.message().clone();
            question.reply(echo).unwrap();
        }
    }
    for (number, survey) in surveys.into_iter().enumerate() {
        let answers: Vec<_> = survey.collect();
        assert_eq!(answers.len(), 2);
        assert!(answers.iter().all(|answer| *answer == number.to_string()));
    }
}

#[over(ALL)]
fn an_early_end_needs_everybody_to_have_answered_or_left_and_says_which(site: &Site) {
    let (surveyor, [stays, leaves]) = linked(site, Surveyor::builder().end_early().build().unwrap());
    let mut survey = surveyor.survey("all answer", SOON).unwrap();
    for respondent in [&stays, &leaves] {
        respondent.recv_timeout(SOON).unwrap().reply("a").unwrap();
        assert_eq!(survey.end(), None);
        assert_eq!(survey.recv().unwrap().unwrap(), "a");
    }
    assert!(survey.recv().unwrap().is_none());
    assert_eq!(survey.end(), Some(SurveyEnd::Complete));

    let mut survey = surveyor.survey("one leaves", SOON).unwrap();
    stays.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(survey.recv().unwrap().unwrap(), "a");
    assert!(matches!(survey.recv_timeout(WHILE), Err(Error::Timeout { .. })));
    drop(leaves.recv_timeout(SOON).unwrap());
    leaves.close(Duration::ZERO).unwrap();
    assert!(survey.recv().unwrap().is_none());
    assert_eq!(survey.end(), Some(SurveyEnd::PeersLeft));
}

#[over(ALL)]
fn answers_that_came_before_a_peer_left_are_taken_before_the_end(site: &Site) {
    let (surveyor, [answers, leaves]) = linked(site, Surveyor::builder().end_early().build().unwrap());
    let mut survey = surveyor.survey("q", SOON).unwrap();
    answers.recv_timeout(SOON).unwrap().reply("a").unwrap();
    counts(&surveyor, |stats| stats.received == 1);
    leaves.close(Duration::ZERO).unwrap();
    counts(&surveyor, |stats| stats.pipes == 1);
    assert_eq!(survey.recv().unwrap().unwrap(), "a");
    assert!(survey.recv().unwrap().is_none());
    assert_eq!(survey.end(), Some(SurveyEnd::PeersLeft));
}

#[test]
fn a_survey_of_nobody_ends_at_once_with_the_early_end_and_else_at_its_deadline() {
    within(LIMIT, || {
        let mut survey = Surveyor::builder().end_early().build().unwrap().survey("anybody?", SOON).unwrap();
        assert!(survey.recv().unwrap().is_none());
        assert_eq!(survey.end(), Some(SurveyEnd::Complete));
        let begin = now();
        let mut survey = Surveyor::new().unwrap().survey("anybody?", WHILE).unwrap();
        assert!(survey.recv().unwrap().is_none());
        assert!(begin.elapsed() >= WHILE);
        assert_eq!(survey.end(), Some(SurveyEnd::Deadline));
    });
}

#[over(ALL)]
fn late_answers_and_those_to_a_dropped_survey_are_counted(site: &Site) {
    let (surveyor, [respondent]) = linked(site, Surveyor::new().unwrap());
    let survey = surveyor.survey("short", Duration::from_millis(20)).unwrap();
    let late = respondent.recv_timeout(SOON).unwrap();
    assert_eq!(survey.count(), 0);
    late.reply("late").unwrap();
    counts(&surveyor, |stats| stats.drops.stray == 1);
    drop(surveyor.survey("dropped", SOON).unwrap());
    respondent.recv_timeout(SOON).unwrap().reply("to nobody").unwrap();
    counts(&surveyor, |stats| stats.drops.stray == 2);
}

#[over(ALL)]
fn answers_nobody_takes_are_bounded_and_the_others_go_on(site: &Site) {
    let surveyor = Surveyor::builder().max_kept_answers(2).build().unwrap();
    let (surveyor, respondents) = linked::<5>(site, surveyor);
    let mut uncollected = surveyor.survey("q", SOON).unwrap();
    // Each that was asked has one place, though there are to be two; one that comes later has none.
    let late = raw::Respondent::new().unwrap();
    surveyor.dial(late.listen(site.address()).unwrap().address()).unwrap();
    for respondent in &respondents {
        respondent.recv_timeout(SOON).unwrap().reply("a").unwrap();
    }
    counts(&surveyor, |stats| stats.recv_queue == 5 && stats.pipes == 6);
    let mut next = surveyor.survey("next", SOON).unwrap();
    let mut question = late.recv_timeout(SOON).unwrap();
    late.send(question.clone()).unwrap();
    assert_eq!(next.recv().unwrap().unwrap(), "next");
    respondents[4].recv_timeout(SOON).unwrap().reply("b").unwrap();
    assert_eq!(next.recv().unwrap().unwrap(), "b");
    // The survey before has the number before.
    let words = question.header.as_slice();
    let id = u32::from_be_bytes(words[4..].try_into().unwrap()).wrapping_sub(1) | 1 << 31;
    question.header = [&words[..4], &id.to_be_bytes()].concat().as_slice().into();
    late.send(question).unwrap();
    counts(&surveyor, |stats| stats.drops.inbox_full == 1);
    for _ in 0..5 {
        assert_eq!(uncollected.recv().unwrap().unwrap(), "a");
    }
    assert!(matches!(uncollected.try_recv(), Err(Error::Empty)));
}

#[over(ALL)]
fn a_respondent_need_not_answer(site: &Site) {
    let (surveyor, [respondent]) = linked(site, Surveyor::new().unwrap());
    let survey = surveyor.survey("q", WHILE).unwrap();
    drop(respondent.recv_timeout(SOON).unwrap());
    assert_eq!(respondent.stats().drops.unanswered, 1);
    assert_eq!(survey.count(), 0);
}

#[over(WIRES)]
fn a_respondent_that_never_reads_is_not_asked_and_the_others_are(site: &Site) {
    let surveyor = Surveyor::builder().send_buffer(5).build().unwrap();
    let at = surveyor.listen(site.address()).unwrap();
    let _deaf = Peer::greeted(at.address(), RESPONDENT);
    let honest = Respondent::new().unwrap();
    honest.dial(at.address()).unwrap();
    surveyor.peers(2);
    for _ in 0..50 {
        let mut survey = surveyor.survey(vec![0; 300_000], SOON).unwrap();
        honest.recv_timeout(SOON).unwrap().reply("here").unwrap();
        assert_eq!(survey.recv().unwrap().unwrap(), "here");
    }
    assert!(surveyor.stats().drops.peer_full > 0);
}

#[over(ALL)]
fn a_survey_keeps_its_socket_open(site: &Site) {
    let (surveyor, [respondent]) = linked(site, Surveyor::new().unwrap());
    let mut survey = surveyor.survey("q", SOON).unwrap();
    drop(surveyor);
    respondent.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(survey.recv().unwrap().unwrap(), "a");
    drop(survey);
    eventually(|| respondent.stats().pipes == 0);
}

#[over(WIRES)]
fn one_peer_may_answer_several_times_and_its_words_come_back_as_they_were(site: &Site) {
    let host = Host::new(site);
    let surveyor = Surveyor::new().unwrap();
    surveyor.dial(host.address()).unwrap();
    let peer = host.greeted(RESPONDENT);
    surveyor.peers(1);
    let mut survey = surveyor.survey("who?", SOON).unwrap();
    let asked = peer.recv();
    assert_eq!(asked[4..], *b"who?");
    assert!(asked[0] & 0x80 != 0);
    peer.send(&[&asked[..4], b"one"].concat());
    peer.send(&[&asked[..4], b"two"].concat());
    assert_eq!(survey.recv().unwrap().unwrap(), "one");
    assert_eq!(survey.recv().unwrap().unwrap(), "two");

    let answering = Respondent::new().unwrap();
    let device = Peer::greeted(answering.listen(site.address()).unwrap().address(), SURVEYOR);
    let trace = [0x66, 0x53, 0x63, 0xa1, 0xd6, 0xd5, 0x3e, 0xfc];
    device.send(&[trace.as_slice(), b"who?"].concat());
    answering.recv_timeout(SOON).unwrap().reply("me").unwrap();
    assert_eq!(device.recv(), [trace.as_slice(), b"me"].concat());
}

#[over(WIRES)]
fn one_respondent_that_answers_without_end_takes_no_place_of_the_others(site: &Site) {
    let surveyor = Surveyor::builder().max_kept_answers(10).build().unwrap();
    let at = surveyor.listen(site.address()).unwrap();
    let chatty = Peer::greeted(at.address(), RESPONDENT);
    let honest = Peer::greeted(at.address(), RESPONDENT);
    surveyor.wait_for_peers(2, SOON).unwrap();
    let mut survey = surveyor.survey("who?", SOON).unwrap();
    let id = chatty.recv()[..4].to_vec();
    for _ in 0..1000 {
        chatty.send(&[&id[..], b"me"].concat());
    }
    counts(&surveyor, |stats| stats.drops.inbox_full == 995);
    honest.recv();
    for _ in 0..6 {
        honest.send(&[&id[..], b"I"].concat());
    }
    counts(&surveyor, |stats| stats.drops.inbox_full == 996);
    // As answers are taken, there are places again.
    for expected in ["me", "me", "me", "me", "me", "I"] {
        assert_eq!(survey.recv().unwrap().unwrap(), expected);
    }
    chatty.send(&[&id[..], b"me again"].concat());
    for expected in ["I", "I", "I", "I", "me again"] {
        assert_eq!(survey.recv().unwrap().unwrap(), expected);
    }
    assert_eq!(surveyor.stats().drops.inbox_full, 996);
}
