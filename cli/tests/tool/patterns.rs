//! Every pattern works over every transport, whichever end listens.

use crate::program::{Finished, places, start, words};

/// Runs both roles against each other, once with each of them as the listener, over each transport.
fn both_ways(one: &str, other: &str, check: impl Fn(Finished, Finished)) {
    for (first_listens, transport) in [(true, 0), (true, 1), (false, 0), (false, 1)] {
        let (_folder, places) = places();
        let (listening, dialing) = if first_listens { (one, other) } else { (other, one) };
        let mut listener = start(&[words(listening), vec!["--listen", &places[transport]]].concat());
        let address = listener.address();
        let dialer = start(&[words(dialing), vec!["--dial", &address]].concat());
        let (listener, dialer) = (listener.finish(), dialer.finish());
        if first_listens { check(listener, dialer) } else { check(dialer, listener) }
    }
}

#[test]
fn push_reaches_pull() {
    both_ways("push -d job", "pull -n 1", |push, pull| {
        push.printed("");
        pull.printed("job\n");
    });
}

#[test]
fn pub_reaches_sub() {
    both_ways("pub -d news", "sub -n 1", |publisher, sub| {
        publisher.printed("");
        sub.printed("news\n");
    });
}

#[test]
fn rep_answers_req() {
    both_ways("req -d ping", "rep -d pong -n 1", |req, rep| {
        req.printed("pong\n");
        rep.printed("ping\n");
    });
}

#[test]
fn rep_without_an_answer_echoes() {
    both_ways("req -d ping -n 3", "rep -n 3", |req, rep| {
        req.printed("ping\nping\nping\n");
        rep.printed("ping\nping\nping\n");
    });
}

#[test]
fn respondent_answers_surveyor() {
    both_ways("surveyor -d who? --deadline 60", "respondent -d me -n 1", |surveyor, respondent| {
        surveyor.printed("me\n");
        respondent.printed("who?\n");
    });
}

#[test]
fn respondent_without_an_answer_echoes() {
    both_ways("surveyor -d who? -n 1 --deadline 60", "respondent -n 1", |surveyor, respondent| {
        surveyor.printed("who?\n");
        respondent.printed("who?\n");
    });
}

#[test]
fn the_ends_of_a_pair_send_and_receive() {
    both_ways("pair -d left -n 1", "pair -d right -n 1", |left, right| {
        left.printed("right\n");
        right.printed("left\n");
    });
}

#[test]
fn the_ends_of_a_pair_of_version_1_send_and_receive() {
    both_ways("pair --pair-v1 --ttl 2 -d left -n 1", "pair --pair-v1 -d right -n 1", |left, right| {
        left.printed("right\n");
        right.printed("left\n");
    });
}

#[test]
fn buses_hear_each_other() {
    both_ways("bus -d left -n 1", "bus -d right -n 1", |left, right| {
        left.printed("right\n");
        right.printed("left\n");
    });
}
