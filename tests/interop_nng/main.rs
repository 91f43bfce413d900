//! Against NNG itself: every pattern over tcp and ipc, whichever side listens, and what happens when either side fails.
//!
//! `cargo test --workspace -- --ignored` runs these. They need python3 with venv and pip, and the network once: pynng is put
//! into a virtual environment below the target directory.

mod failing;

use hubless::transport::{Header, Packet};
use hubless::{
    Bus, DialerState, Pair, Pending, Pub, Pull, Push, Rep, Req, Request, Respondent, Socket, Sub, SurveyEnd,
    Surveyor, raw,
};
use hubless_kit::interop::{Host, MIB, Meeting, Nng, bodies, hosted_by, interop, meetings, open, same};
use hubless_kit::{LIMIT, eventually};

const MANY: usize = 100_000;

#[interop(meetings())]
fn an_nng_push_fills_our_pull_over_tcp_and_ipc(meeting: &Meeting) {
    let (push, pull) = (Nng::start("Push0"), open(Pull::builder()));
    push.meet(&pull, meeting);
    for body in bodies(0) {
        push.send(&body);
        same(pull.recv().expect("a message"), body);
    }
    push.begin(&format!("send_numbers {MANY}"));
    for number in 0..MANY {
        same(pull.recv().expect("a message"), number.to_string());
    }
    push.done();
}

#[interop(meetings())]
fn our_push_fills_an_nng_pull_over_tcp_and_ipc(meeting: &Meeting) {
    let (push, pull) = (open(Push::builder()), Nng::start("Pull0"));
    pull.meet(&push, meeting);
    for body in bodies(0) {
        push.send(&body[..]).expect("room");
        same(pull.recv(), body);
    }
    pull.begin(&format!("recv_numbers {MANY}"));
    push.send_many((0..MANY).map(|number| number.to_string())).expect("room");
    pull.done();
}

#[interop(meetings())]
fn our_push_shares_its_work_among_nng_pulls(meeting: &Meeting) {
    let (push, pulls) = (open(Push::builder()), ["one", "two", "three"].map(|_| Nng::start("Pull0")));
    for pull in &pulls {
        pull.meet(&push, meeting);
    }
    push.send_many(["work"; 9]).expect("room");
    for pull in pulls.iter().cycle().take(9) {
        same(pull.recv(), "work");
    }
}

#[interop(meetings())]
fn an_nng_pair_and_ours_talk_both_ways_in_both_versions(meeting: &Meeting) {
    for (kind, header, builder) in [("Pair0", 0, Pair::builder()), ("Pair1", 4, Pair::builder().version_1())]
    {
        let (theirs, ours) = (Nng::start(kind), open(builder));
        theirs.meet(&ours, meeting);
        for body in bodies(header) {
            talk(&ours, &theirs, &body);
        }
    }
}

#[interop(meetings())]
fn hops_are_counted_alike_in_an_nng_pair1_and_in_ours(meeting: &Meeting) {
    let (theirs, ours) = (Nng::start("Pair1"), open(raw::PairV1::builder()));
    theirs.meet(&ours, meeting);
    theirs.send("from an origin");
    let packet = ours.recv().expect("a message");
    same(packet.header.as_slice(), [0, 0, 0, 1]);
    same(&packet.body, "from an origin");
    // One more is counted when it is sent, so these arrive with 8, the most that NNG takes, with 9, and with 1.
    for (hops, body) in [(7, "from afar"), (8, "from too far"), (0, "from here")] {
        ours.send(Packet::new(Header::from(&[0, 0, 0, hops][..]), body.into())).expect("room");
    }
    same(theirs.recv(), "from afar");
    same(theirs.recv(), "from here");
}

#[interop(meetings())]
fn a_polyamorous_nng_pair1_hears_several_of_ours(meeting: &Meeting) {
    let theirs = Nng::start("Pair1Poly");
    let ours = ["one", "two"].map(|name| (name, open(Pair::builder().version_1())));
    for (name, pair) in &ours {
        theirs.meet(pair, meeting);
        pair.send(*name).expect("room");
        same(theirs.recv(), name);
    }
}

#[interop(meetings())]
fn an_nng_sub_hears_what_it_wants_of_our_pub(meeting: &Meeting) {
    let (sub, publisher) = (Nng::start("Sub0"), open(Pub::builder()));
    sub.meet(&publisher, meeting);
    sub.subscribe("news");
    for body in ["sport 1", "new", "", "news 1"] {
        publisher.send(body).expect("publishing never waits");
    }
    same(sub.recv(), "news 1");
    sub.subscribe("");
    for body in bodies(0) {
        publisher.send(&body[..]).expect("publishing never waits");
        same(sub.recv(), body);
    }
}

#[interop(meetings())]
fn our_sub_hears_what_it_wants_of_an_nng_pub(meeting: &Meeting) {
    let (sub, publisher) = (open(Sub::builder()), Nng::start("Pub0"));
    publisher.meet(&sub, meeting);
    sub.subscribe("news").expect("an open socket");
    for body in ["sport 1", "new", "", "news 1"] {
        publisher.send(body);
    }
    same(sub.recv().expect("a message"), "news 1");
    assert_eq!(sub.stats().drops.filtered, 3);
    sub.subscribe("").expect("an open socket");
    for body in bodies(0) {
        publisher.send(&body);
        same(sub.recv().expect("a message"), body);
    }
}

#[interop(meetings())]
fn an_nng_rep_answers_our_req(meeting: &Meeting) {
    let (req, rep) = (open(Req::builder()), Nng::start("Rep0"));
    rep.meet(&req, meeting);
    for body in bodies(4) {
        let pending = req.send(&body[..]).expect("room");
        same(rep.recv(), &body);
        rep.send(&body);
        same(pending.recv().expect("an answer"), &body);
    }
}

#[interop(meetings())]
fn our_rep_answers_an_nng_req(meeting: &Meeting) {
    let (req, rep) = (Nng::start("Req0"), open(Rep::builder()));
    req.meet(&rep, meeting);
    for body in bodies(4) {
        req.send(&body);
        let request = rep.recv().expect("a request");
        same(&request[..], &body);
        request.reply(&body[..]).expect("an open socket");
        same(req.recv(), &body);
    }
}

#[interop(meetings())]
fn an_nng_rep_answers_many_requests_in_flight_one_by_one_or_on_contexts(meeting: &Meeting) {
    for how in ["answer 500", "serve 8"] {
        let (req, rep) = (open(Req::builder()), Nng::start("Rep0"));
        rep.meet(&req, meeting);
        rep.begin(how);
        let pending: Vec<Pending> =
            (0..500).map(|number| req.send(number.to_string()).expect("room")).collect();
        for (number, pending) in pending.iter().enumerate().rev() {
            same(pending.recv().expect("an answer"), format!("re: {number}"));
        }
        rep.done();
    }
}

#[interop(meetings())]
fn our_rep_answers_many_requests_of_nng_contexts_in_any_order(meeting: &Meeting) {
    let (req, rep) = (Nng::start("Req0"), open(Rep::builder()));
    req.meet(&rep, meeting);
    req.begin("ask 100");
    let mut requests: Vec<Request> = rep.iter().take(100).collect();
    while let Some(request) = requests.pop() {
        let answer = [b"re: ", &request[..]].concat();
        request.reply(answer).expect("an open socket");
    }
    req.done();
}

#[interop(meetings())]
fn our_surveyor_hears_all_nng_respondents(meeting: &Meeting) {
    let surveyor = open(Surveyor::builder().end_early());
    let respondents = ["one", "two", "three"].map(|name| (name, Nng::start("Respondent0")));
    for (_, respondent) in &respondents {
        respondent.meet(&surveyor, meeting);
    }
    for body in bodies(4) {
        let mut survey = surveyor.survey(&body[..], LIMIT).expect("an open socket");
        for (name, respondent) in &respondents {
            same(respondent.recv(), &body);
            // An empty answer to the empty question, a large one to the large.
            respondent.send(if name.len() == 3 { &body[..] } else { name.as_bytes() });
        }
        let mut answers: Vec<Vec<u8>> = survey.by_ref().map(|answer| answer.to_vec()).collect();
        let mut wanted = vec![body.clone(), body, b"three".to_vec()];
        answers.sort();
        wanted.sort();
        assert!(answers == wanted, "{} answers", answers.len());
        assert_eq!(survey.end(), Some(SurveyEnd::Complete));
    }
}

#[interop(meetings())]
fn an_nng_surveyor_hears_all_our_respondents(meeting: &Meeting) {
    let surveyor = Nng::start("Surveyor0");
    let respondents = ["one", "two", "three"].map(|_| open(Respondent::builder()));
    for respondent in &respondents {
        surveyor.meet(respondent, meeting);
    }
    for body in bodies(4) {
        surveyor.send(&body);
        for respondent in &respondents {
            let question = respondent.recv().expect("a question");
            same(&question[..], &body);
            question.reply(&body[..]).expect("an open socket");
        }
        for _ in &respondents {
            same(surveyor.recv(), &body);
        }
    }
}

#[interop(meetings())]
fn on_a_bus_with_nng_all_neighbours_hear_us_and_we_forward_and_echo_nothing(meeting: &Meeting) {
    let (ours, theirs) = (open(Bus::builder()), [Nng::start("Bus0"), Nng::start("Bus0")]);
    for bus in &theirs {
        bus.meet(&ours, meeting);
    }
    for body in bodies(0) {
        for bus in &theirs {
            bus.send(&body);
            same(ours.recv().expect("a message"), &body);
        }
        // They are no neighbours of each other, so the next that each hears is from us.
        let reply = [b"from us: ", &body[..]].concat();
        ours.send(&reply[..]).expect("sending never waits");
        for bus in &theirs {
            same(bus.recv(), &reply);
        }
    }
}

/// There and back.
fn talk(ours: &Pair, theirs: &Nng, body: &[u8]) {
    ours.send(body).expect("room");
    same(theirs.recv(), body);
    theirs.send(body);
    same(ours.recv().expect("a message"), body);
}
