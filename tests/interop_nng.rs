//! Against NNG itself: every pattern over tcp and ipc, whoever listens, and what happens when either side fails.
//!
//! `cargo test --workspace -- --ignored` runs these. They need python3 with venv and pip, and the network once: pynng is put
//! into a virtual environment below the target directory.

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

#[interop(hosted_by(Host::They))]
fn our_dialer_comes_back_to_a_killed_nng_listener(meeting: &Meeting) {
    let (ours, theirs) = (open(Pair::builder()), Nng::start("Pair0"));
    let address = theirs.listen(&meeting.address());
    let dialer = ours.dial(&address).expect("the address is good");
    talk(&ours, &theirs, b"before");
    drop(theirs);
    eventually(|| ours.stats().pipes == 0 && dialer.status().last_error.is_some());
    let theirs = Nng::start("Pair0");
    assert_eq!(theirs.listen(&address), address);
    talk(&ours, &theirs, b"after");
    eventually(|| {
        let status = dialer.status();
        (status.state, status.connected) == (DialerState::Connected, 2)
    });
}

#[interop(hosted_by(Host::We))]
fn our_listener_takes_an_nng_dialer_again_after_it_was_killed(meeting: &Meeting) {
    let ours = open(Pair::builder());
    let listener = ours.listen(meeting.address()).expect("the address is free");
    for life in 1..=3 {
        let theirs = Nng::start("Pair0");
        theirs.dial(listener.address());
        talk(&ours, &theirs, format!("life {life}").as_bytes());
        drop(theirs);
        eventually(|| ours.stats().pipes == 0);
        assert_eq!((listener.status().accepted, listener.status().refused), (life, 0));
    }
}

#[interop(hosted_by(Host::We))]
fn an_nng_dialer_comes_back_to_our_listener(meeting: &Meeting) {
    let (ours, theirs) = (open(Pair::builder()), Nng::start("Pair0"));
    let listener = ours.listen(meeting.address()).expect("the address is free");
    theirs.dial(listener.address());
    theirs.event("connected");
    talk(&ours, &theirs, b"before");
    ours.close(LIMIT).expect("an open socket");
    theirs.event("disconnected");
    let ours = open(Pair::builder());
    ours.listen(listener.address()).expect("the address is free");
    talk(&ours, &theirs, b"after");
}

#[interop(hosted_by(Host::They))]
fn an_nng_listener_takes_our_dialer_again(meeting: &Meeting) {
    let theirs = Nng::start("Pair0");
    let address = theirs.listen(&meeting.address());
    for life in 1..=3 {
        let ours = open(Pair::builder());
        ours.dial(&address).expect("the address is good");
        theirs.event("connected");
        talk(&ours, &theirs, format!("life {life}").as_bytes());
        ours.close(LIMIT).expect("an open socket");
        theirs.event("disconnected");
    }
}

#[interop(hosted_by(Host::They))]
fn our_request_goes_to_the_next_nng_rep_when_the_first_is_killed(meeting: &Meeting) {
    let (req, rep) = (open(Req::builder()), Nng::start("Rep0"));
    let address = rep.listen(&meeting.address());
    req.dial(&address).expect("the address is good");
    let pending = req.send("work").expect("room");
    same(rep.recv(), "work");
    drop(rep);
    let rep = Nng::start("Rep0");
    rep.listen(&address);
    same(rep.recv(), "work");
    rep.send("done");
    same(pending.recv().expect("an answer"), "done");
}

#[interop(hosted_by(Host::We))]
fn our_pair_refuses_a_second_nng_pair_until_the_first_has_left(meeting: &Meeting) {
    for (kind, builder) in [("Pair0", Pair::builder()), ("Pair1", Pair::builder().version_1())] {
        let (ours, first, second) = (open(builder), Nng::start(kind), Nng::start(kind));
        let listener = ours.listen(meeting.address()).expect("the address is free");
        first.dial(listener.address());
        talk(&ours, &first, b"first");
        second.dial(listener.address());
        eventually(|| ours.stats().refused.already_paired > 0);
        let reason = listener.status().last_error.unwrap_or_default();
        assert!(reason.contains("has its peer already"), "{reason}");
        talk(&ours, &first, b"undisturbed");
        assert_eq!((ours.stats().connected, ours.stats().disconnected), (1, 0));
        drop(first);
        eventually(|| ours.stats().connected == 2);
        talk(&ours, &second, b"second");
    }
}

#[interop(hosted_by(Host::They))]
fn an_nng_pair_refuses_our_second_pair_and_its_dialer_says_so(meeting: &Meeting) {
    for (kind, version_1) in [("Pair0", false), ("Pair1", true)] {
        let pair = || if version_1 { Pair::builder().version_1() } else { Pair::builder() };
        let (theirs, first, second) = (Nng::start(kind), open(pair()), open(pair()));
        let address = theirs.listen(&meeting.address());
        first.dial(&address).expect("the address is good");
        talk(&first, &theirs, b"first");
        let dialer = second.dial(&address).expect("the address is good");
        eventually(|| dialer.status().last_error.is_some());
        let reason = dialer.status().last_error.unwrap_or_default();
        assert!(reason.contains("closed the connection"), "{reason}");
        talk(&first, &theirs, b"undisturbed");
        assert_eq!((first.stats().connected, first.stats().disconnected), (1, 0));
    }
}

#[interop(hosted_by(Host::They))]
fn our_dialer_says_that_an_nng_listener_has_the_wrong_pattern(meeting: &Meeting) {
    fn is_refused(meeting: &Meeting, socket: &impl Socket, kind: &str, expected: &str) {
        let theirs = Nng::start(kind);
        let dialer = socket.dial(theirs.listen(&meeting.address())).expect("the address is good");
        eventually(|| dialer.status().failed > 1);
        assert_eq!(dialer.status().last_error.as_deref(), Some(expected));
        assert_eq!(dialer.status().connected, 0);
        assert!(socket.stats().refused.wrong_pattern > 0, "{:?}", socket.stats());
        assert!(!theirs.had_event("connected"));
    }

    is_refused(meeting, &open(Pull::builder()), "Pull0", "the peer is a PULL, and a PULL talks to a PUSH");
    is_refused(
        meeting,
        &open(Req::builder()),
        "Respondent0",
        "the peer is a RESPONDENT, and a REQ talks to a REP",
    );
    is_refused(
        meeting,
        &open(Pair::builder()),
        "Pair1",
        "the peer is a PAIR v1, and a PAIR v0 talks to a PAIR v0",
    );
    is_refused(
        meeting,
        &open(Pair::builder().version_1()),
        "Pair0",
        "the peer is a PAIR v0, and a PAIR v1 talks to a PAIR v1",
    );
}

#[interop(hosted_by(Host::We))]
fn our_listener_refuses_an_nng_dialer_of_the_wrong_pattern_and_takes_the_next(meeting: &Meeting) {
    let (pull, wrong, right) = (open(Pull::builder()), Nng::start("Pub0"), Nng::start("Push0"));
    let listener = pull.listen(meeting.address()).expect("the address is free");
    wrong.dial(listener.address());
    eventually(|| listener.status().refused > 1);
    let reason = listener.status().last_error;
    assert_eq!(reason.as_deref(), Some("the peer is a PUB, and a PULL talks to a PUSH"));
    right.dial(listener.address());
    right.send("welcome");
    same(pull.recv().expect("a message"), "welcome");
    assert!(pull.stats().refused.wrong_pattern > 1, "{:?}", pull.stats());
    assert!(!wrong.had_event("connected"));
}

#[interop(meetings())]
fn an_nng_peer_over_our_limit_is_disconnected_and_may_come_back(meeting: &Meeting) {
    let (push, pull) = (Nng::start("Push0"), open(Pull::builder().max_message(1000)));
    push.meet(&pull, meeting);
    push.send([b'x'; 1000]);
    same(pull.recv().expect("a message"), [b'x'; 1000]);
    push.send(vec![b'x'; MIB]);
    push.event("disconnected");
    push.event("connected");
    push.send("small");
    same(pull.recv().expect("a message"), "small");
    assert_eq!(pull.stats().violations.message_too_large, 1);
}

#[interop(meetings())]
fn what_our_push_still_has_when_it_closes_reaches_an_nng_pull(meeting: &Meeting) {
    let (push, pull) = (open(Push::builder()), Nng::start("Pull0"));
    pull.meet(&push, meeting);
    pull.begin(&format!("recv_numbers {MANY}"));
    push.send_many((0..MANY).map(|number| number.to_string())).expect("room");
    assert_eq!(push.close(LIMIT).expect("an open socket").dropped, 0);
    pull.done();
}

/// There and back.
fn talk(ours: &Pair, theirs: &Nng, body: &[u8]) {
    ours.send(body).expect("room");
    same(theirs.recv(), body);
    theirs.send(body);
    same(ours.recv().expect("a message"), body);
}
