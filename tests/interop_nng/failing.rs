//! What happens when either side fails, comes back, or is not the right peer.

use super::*;

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

/// With a pair, since the PUSH of NNG 1.11 crashes now and then when it sends after its connection ended under a large message.
#[interop(meetings())]
fn an_nng_peer_over_our_limit_is_disconnected_and_may_come_back(meeting: &Meeting) {
    let (theirs, ours) = (Nng::start("Pair0"), open(Pair::builder().max_message(1000)));
    theirs.meet(&ours, meeting);
    theirs.send([b'x'; 1000]);
    same(ours.recv().expect("a message"), [b'x'; 1000]);
    theirs.send(vec![b'x'; MIB]);
    theirs.event("disconnected");
    theirs.event("connected");
    theirs.send("small");
    same(ours.recv().expect("a message"), "small");
    assert_eq!(ours.stats().violations.message_too_large, 1);
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
