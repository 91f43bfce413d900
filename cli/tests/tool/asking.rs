//! Requests and surveys.

use std::time::Duration;

use hubless::Rep;
use hubless_kit::LIMIT;

use crate::program::{dialer, listener, numbers, run};

#[test]
fn several_requests_are_under_way_at_once_and_their_answers_keep_the_order() {
    let rep = Rep::new().unwrap();
    let address = rep.listen("tcp://127.0.0.1:0").unwrap().address().to_owned();
    let mut req = dialer("req", &address);
    req.write(b"a\nb\nc\n");
    req.close_input();
    let requests: Vec<_> = (0..3).map(|_| rep.recv_timeout(LIMIT).unwrap()).collect();
    for request in requests.into_iter().rev() {
        let answer = format!("answer to {}", request.as_str().unwrap());
        request.reply(answer).unwrap();
    }
    req.finish().printed("answer to a\nanswer to b\nanswer to c\n");
}

#[test]
fn an_answer_is_printed_while_standard_input_is_open() {
    let (_rep, address) = listener("rep");
    let mut req = dialer("req", &address);
    req.write(b"a\n");
    assert_eq!(req.line(), "a\n");
    req.write(b"b\n");
    assert_eq!(req.line(), "b\n");
    req.close_input();
    req.finish().printed("");
}

#[test]
fn many_requests_are_all_answered() {
    let (_rep, address) = listener("rep");
    let lines: String = numbers(5000);
    run(&["req", "--dial", &address], lines.as_bytes()).printed(lines);
}

#[test]
fn a_count_of_answers_ends_a_req() {
    let (_rep, address) = listener("rep");
    let mut req = dialer("req -n 2", &address);
    req.write(b"a\nb\nc\n");
    req.finish().printed("a\nb\n");
    dialer("req -n 3 -d x -i 0.01", &address).finish().printed("x\nx\nx\n");
}

#[test]
fn a_count_of_answers_ends_a_rep() {
    let (rep, address) = listener("rep -n 2");
    dialer("req -n 2 -d x", &address).finish().printed("x\nx\n");
    rep.finish().printed("x\nx\n");
}

#[test]
fn a_request_is_sent_again_when_its_peer_is_gone() {
    let (mut first, address) = listener("rep -d first");
    let mut req = dialer("req", &address);
    first.told("1 new peer");
    first.stop();
    req.write(b"x\n");
    drop(first);
    let second = crate::program::start(&["rep", "-d", "second", "--listen", &address]);
    assert_eq!(req.line(), "second\n");
    drop(second);
}

#[test]
fn a_lost_peer_is_an_error_where_requests_are_not_sent_again() {
    let rep = Rep::new().unwrap();
    let address = rep.listen("tcp://127.0.0.1:0").unwrap().address().to_owned();
    let req = dialer("req --resend 0 -d x", &address);
    let _request = rep.recv_timeout(LIMIT).unwrap();
    rep.close(Duration::ZERO).unwrap();
    let req = req.finish();
    req.said("the peer that had the request is gone");
    req.ended(1);
}

#[test]
fn a_survey_collects_the_answers_of_all() {
    let (surveyor, address) = listener("surveyor --wait-peers 3 --deadline 60 -d who?");
    let respondents: Vec<_> =
        ["ada", "bob", "eve"].iter().map(|name| dialer(&format!("respondent -d {name}"), &address)).collect();
    let surveyor = surveyor.finish();
    let mut names: Vec<_> = surveyor.output.split_inclusive(|byte| *byte == b'\n').collect();
    names.sort_unstable();
    assert_eq!(names, [b"ada\n", b"bob\n", b"eve\n"]);
    assert_eq!(surveyor.status, Some(0));
    drop(respondents);
}

#[test]
fn each_line_is_a_survey_and_each_is_waited_for() {
    let (_respondent, address) = listener("respondent");
    run(&["surveyor", "--dial", &address, "--deadline", "60"], b"a\nb\n").printed("a\nb\n");
}

#[test]
fn a_survey_ends_at_its_deadline_though_nobody_answers() {
    let (mut respondent, address) = listener("respondent");
    let mut surveyor = dialer("surveyor --deadline 0.2 --linger 0", &address);
    respondent.told("1 new peer");
    respondent.stop();
    surveyor.write(b"x\n");
    surveyor.close_input();
    surveyor.finish().printed("");
}

#[test]
fn a_survey_with_too_few_answers_ends_with_status_3() {
    let (_respondent, address) = listener("respondent -d me");
    let surveyor = dialer("surveyor -n 2 --deadline 60 -d who?", &address).finish();
    assert_eq!((surveyor.output.as_slice(), surveyor.status), (&b"me\n"[..], Some(3)));
    surveyor.said("1 of 2 answers came");
}

#[test]
fn a_survey_is_repeated_until_there_are_answers_enough() {
    let (_respondent, address) = listener("respondent -d me");
    dialer("surveyor -n 3 -i 0.01 -d who?", &address).finish().printed("me\nme\nme\n");
}
