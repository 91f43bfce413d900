//! Against nanomsg itself, by its program nanocat: every pattern over tcp and ipc, whichever side listens, and what happens when
//! either side fails.
//!
//! `cargo test --workspace -- --ignored` runs these. They need nanocat on the path (Debian: nanomsg-utils). It cannot be led
//! once it runs: where it is to send after we have done something, it sends again and again.

use std::fs;
use std::thread;
use std::time::Duration;

use hubless::{
    Bus, DialerState, Pair, Pending, Pub, Pull, Push, Rep, Req, Respondent, Sub, SurveyEnd, Surveyor,
};
use hubless_kit::interop::{Host, MIB, Meeting, Nanocat, bodies, hosted_by, interop, meetings, open, same};
use hubless_kit::{LIMIT, Peers, eventually};
use tempfile::TempDir;

const MANY: usize = 20_000;
/// Sends again and again.
const OFTEN: &str = "--interval=0.02";
/// A PAIR that talks.
const PAIR: [&str; 3] = ["--pair", "--data=theirs", OFTEN];

#[interop(meetings())]
fn nanocat_pulls_from_our_push_over_tcp_and_ipc(meeting: &Meeting) {
    let push = open(Push::builder());
    let pull = Nanocat::meet(&push, meeting, &["--pull"]);
    for body in bodies(0) {
        push.send(&body[..]).expect("room");
        same(pull.recv(), body);
    }
    push.send_many((0..MANY).map(|number| number.to_string())).expect("room");
    for number in 0..MANY {
        same(pull.recv(), number.to_string());
    }
}

#[interop(meetings())]
fn nanocat_pushes_to_our_pull_over_tcp_and_ipc(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(0) {
        let pull = open(Pull::builder());
        let _push = Nanocat::meet(&pull, meeting, &["--push", OFTEN, &data.of(&body)]);
        for _ in 0..3 {
            same(pull.recv().expect("a message"), &body);
        }
    }
}

#[interop(meetings())]
fn a_nanocat_pair_and_ours_talk_both_ways(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(0) {
        let ours = open(Pair::builder());
        let theirs = Nanocat::meet(&ours, meeting, &["--pair", OFTEN, &data.of(&body)]);
        for _ in 0..3 {
            same(ours.recv().expect("a message"), &body);
            ours.send(&body[..]).expect("room");
            same(theirs.recv(), &body);
        }
    }
}

#[interop(meetings())]
fn nanocat_hears_what_it_wants_of_our_pub(meeting: &Meeting) {
    let publisher = open(Pub::builder());
    let all = Nanocat::meet(&publisher, meeting, &["--sub"]);
    let some = Nanocat::meet(&publisher, meeting, &["--sub", "--subscribe", "news"]);
    for body in bodies(0).iter().chain([&b"news 1".to_vec(), &b"new".to_vec(), &b"news 2".to_vec()]) {
        publisher.send(&body[..]).expect("publishing never waits");
        same(all.recv(), body);
    }
    same(some.recv(), "news 1");
    same(some.recv(), "news 2");
}

#[interop(meetings())]
fn our_sub_hears_what_it_wants_of_nanocat(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(0) {
        let (topic, wanted) = (&body[..body.len().min(4)], open(Sub::builder()));
        wanted.subscribe(topic).expect("an open socket");
        let _publisher = Nanocat::meet(&wanted, meeting, &["--pub", OFTEN, &data.of(&body)]);
        same(wanted.recv().expect("a message"), &body);
        let unwanted = open(Sub::builder());
        unwanted.subscribe([&body[..], b"more"].concat()).expect("an open socket");
        let _publisher = Nanocat::meet(&unwanted, meeting, &["--pub", OFTEN, &data.of(&body)]);
        eventually(|| unwanted.stats().drops.filtered > 1);
        assert_eq!(unwanted.stats().received, 0);
    }
}

#[interop(meetings())]
fn nanocat_answers_our_req_also_many_requests_in_flight(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(4) {
        let req = open(Req::builder());
        let rep = Nanocat::meet(&req, meeting, &["--rep", &data.of(&body)]);
        same(req.request(&body[..]).expect("an answer"), &body);
        same(rep.recv(), &body);
    }
    // nanomsg drops an answer that the requester's connection has no room for, and over ipc some 340 small ones fill it:
    // those requests must be sent again.
    let req = open(Req::builder().resend(Duration::from_millis(200)));
    let rep = Nanocat::meet(&req, meeting, &["--rep", "--data=answer"]);
    let pending: Vec<Pending> = (0..500).map(|number| req.send(number.to_string()).expect("room")).collect();
    for (number, pending) in pending.iter().enumerate() {
        same(pending.recv().expect("an answer"), "answer");
        rep.recv_this(number.to_string().as_bytes());
    }
}

#[interop(meetings())]
fn our_rep_answers_nanocat(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(4) {
        let rep = open(Rep::builder());
        let req = Nanocat::meet(&rep, meeting, &["--req", &data.of(&body)]);
        let request = rep.recv().expect("a request");
        same(&request[..], &body);
        request.reply(&body[..]).expect("an open socket");
        same(req.recv(), &body);
    }
}

#[interop(meetings())]
fn our_surveyor_hears_all_nanocats(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(4) {
        let surveyor = open(Surveyor::builder().end_early());
        let answers = [data.of(&body), "--data=second".into(), "--data=third".into()];
        let respondents = answers.map(|answer| Nanocat::meet(&surveyor, meeting, &["--respondent", &answer]));
        let mut survey = surveyor.survey(&body[..], LIMIT).expect("an open socket");
        let mut answers: Vec<Vec<u8>> = survey.by_ref().map(|answer| answer.to_vec()).collect();
        let mut wanted = vec![body.clone(), b"second".to_vec(), b"third".to_vec()];
        answers.sort();
        wanted.sort();
        assert!(answers == wanted, "{} answers", answers.len());
        assert_eq!(survey.end(), Some(SurveyEnd::Complete));
        for respondent in &respondents {
            same(respondent.recv(), &body);
        }
    }
}

#[interop(meetings())]
fn a_nanocat_surveyor_hears_all_our_respondents(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(4) {
        let respondents = ["one", "two"].map(|_| open(Respondent::builder()));
        let question = ["--surveyor", "--interval=0.2", &data.of(&body)];
        let surveyor = match meeting.host {
            Host::We => {
                let at = respondents
                    .each_ref()
                    .map(|respondent| respondent.listen(meeting.address()).expect("the address is free"));
                Nanocat::dialing(&[at[0].address(), at[1].address()], &question)
            }
            Host::They => {
                let (surveyor, address) = Nanocat::listening(&respondents[0], meeting, &question);
                respondents[1].dial(&address).expect("the address is good");
                surveyor
            }
        };
        // It begins another survey each 0.2 s and drops what answers the last one, so each question is answered.
        let names = ["one", "two"];
        let answer = |name: &str| [name.as_bytes(), &body[4.min(body.len())..]].concat();
        let respond = |(respondent, name): (&Respondent, &str)| {
            let (respondent, body, answer) = (respondent.clone(), body.clone(), answer(name));
            thread::spawn(move || {
                respondent.iter().for_each(|question| {
                    same(&question[..], &body);
                    // It fails when the socket was closed meanwhile, and the questions end.
                    let _ = question.reply(answer.clone());
                });
            })
        };
        let responding: Vec<_> = respondents.iter().zip(names).map(respond).collect();
        for name in names {
            surveyor.recv_this(&answer(name));
        }
        for (respondent, responding) in respondents.iter().zip(responding) {
            respondent.close(Duration::ZERO).expect("an open socket");
            responding.join().expect("each question is the one that was asked");
        }
    }
}

#[interop(meetings())]
fn on_a_bus_with_nanocats_all_neighbours_hear_us_and_we_forward_and_echo_nothing(meeting: &Meeting) {
    let data = Data::new();
    for body in bodies(0) {
        let ours = open(Bus::builder());
        let theirs = [data.of(&body), "--data=second".into()]
            .map(|data| Nanocat::meet(&ours, meeting, &["--bus", OFTEN, &data]));
        // They go on sending, and are no neighbours of each other: all that either hears is from us.
        for round in 0..3 {
            for wanted in [&body[..], b"second"] {
                let mut arrived = ours.iter();
                assert!(arrived.any(|message| message == wanted));
            }
            let reply = [b"from us: ", &body[10.min(body.len())..], &[round]].concat();
            ours.send(&reply[..]).expect("sending never waits");
            for bus in &theirs {
                same(bus.recv(), &reply);
            }
        }
    }
}

#[interop(hosted_by(Host::They))]
fn our_dialer_comes_back_to_a_killed_nanocat(meeting: &Meeting) {
    let ours = open(Pair::builder());
    let (theirs, address) = Nanocat::listening(&ours, meeting, &PAIR);
    talk(&ours, &theirs, "before");
    drop(theirs);
    eventually(|| ours.stats().pipes == 0);
    let theirs = Nanocat::start(&[&PAIR[..], &["--bind", &address]].concat());
    talk(&ours, &theirs, "after");
    assert_eq!((ours.stats().connected, ours.stats().disconnected), (2, 1));
}

#[interop(hosted_by(Host::We))]
fn our_listener_takes_nanocat_again_after_it_was_killed(meeting: &Meeting) {
    let ours = open(Pair::builder());
    let listener = ours.listen(meeting.address()).expect("the address is free");
    for life in 1..=3 {
        let theirs = Nanocat::dialing(&[listener.address()], &PAIR);
        talk(&ours, &theirs, &format!("life {life}"));
        drop(theirs);
        eventually(|| ours.stats().pipes == 0);
        assert_eq!((listener.status().accepted, listener.status().refused), (life, 0));
    }
}

#[interop(meetings())]
fn nanocat_comes_back_to_our_listener_and_takes_our_dialer_again(meeting: &Meeting) {
    let ours = open(Pair::builder());
    let (theirs, address) = match meeting.host {
        Host::We => {
            let listener = ours.listen(meeting.address()).expect("the address is free");
            (Nanocat::dialing(&[listener.address()], &PAIR), listener.address().to_owned())
        }
        Host::They => Nanocat::listening(&ours, meeting, &PAIR),
    };
    talk(&ours, &theirs, "before");
    ours.close(LIMIT).expect("an open socket");
    let ours = open(Pair::builder());
    match meeting.host {
        Host::We => drop(ours.listen(&address).expect("the address is free")),
        Host::They => drop(ours.dial(&address).expect("the address is good")),
    }
    talk(&ours, &theirs, "after");
}

#[interop(hosted_by(Host::We))]
fn our_pair_refuses_a_second_nanocat_until_the_first_has_left(meeting: &Meeting) {
    let ours = open(Pair::builder());
    let listener = ours.listen(meeting.address()).expect("the address is free");
    let first = Nanocat::dialing(&[listener.address()], &PAIR);
    talk(&ours, &first, "first");
    let second = Nanocat::dialing(&[listener.address()], &PAIR);
    eventually(|| ours.stats().refused.already_paired > 0);
    let reason = listener.status().last_error.unwrap_or_default();
    assert!(reason.contains("has its peer already"), "{reason}");
    talk(&ours, &first, "undisturbed");
    assert_eq!((ours.stats().connected, ours.stats().disconnected), (1, 0));
    assert!(second.is_silent());
    drop((first, second));
    eventually(|| ours.stats().pipes == 0);
    // Another: over ipc, nanomsg 1.1.5 may give up for ever when it is closed right after the greetings.
    let third = Nanocat::dialing(&[listener.address()], &PAIR);
    eventually(|| ours.stats().connected == 2);
    talk(&ours, &third, "third");
}

#[interop(hosted_by(Host::They))]
fn a_nanocat_pair_refuses_our_second_pair_and_its_dialer_says_so(meeting: &Meeting) {
    let (first, second) = (open(Pair::builder()), open(Pair::builder()));
    let (theirs, address) = Nanocat::listening(&first, meeting, &PAIR);
    talk(&first, &theirs, "first");
    let dialer = second.dial(&address).expect("the address is good");
    eventually(|| dialer.status().last_error.is_some());
    let reason = dialer.status().last_error.unwrap_or_default();
    assert!(reason.contains("closed the connection"), "{reason}");
    talk(&first, &theirs, "undisturbed");
    assert_eq!((first.stats().connected, first.stats().disconnected), (1, 0));
}

#[interop(hosted_by(Host::They))]
fn our_dialer_says_that_nanocat_has_the_wrong_pattern(meeting: &Meeting) {
    // Its address is learned from the right pattern, and the wrong one put in its place.
    let (right, wrong) = (open(Push::builder()), open(Req::builder()));
    let (theirs, address) = Nanocat::listening(&right, meeting, &["--pull"]);
    let dialer = wrong.dial(&address).expect("the address is good");
    eventually(|| dialer.status().failed > 1);
    let status = dialer.status();
    assert_eq!(status.last_error.as_deref(), Some("the peer is a PULL, and a REQ talks to a REP"));
    assert_eq!(status.connected, 0);
    assert_ne!(status.state, DialerState::Connected);
    assert!(wrong.stats().refused.wrong_pattern > 1, "{:?}", wrong.stats());
    right.send("undisturbed").expect("room");
    same(theirs.recv(), "undisturbed");
}

#[interop(hosted_by(Host::We))]
fn our_listener_refuses_a_nanocat_of_the_wrong_pattern_and_takes_the_next(meeting: &Meeting) {
    let pull = open(Pull::builder());
    let listener = pull.listen(meeting.address()).expect("the address is free");
    let _wrong = Nanocat::dialing(&[listener.address()], &["--pub", "--data=wrong", OFTEN]);
    eventually(|| listener.status().refused > 0);
    let reason = listener.status().last_error;
    assert_eq!(reason.as_deref(), Some("the peer is a PUB, and a PULL talks to a PUSH"));
    let _right = Nanocat::dialing(&[listener.address()], &["--push", "--data=right", OFTEN]);
    same(pull.recv().expect("a message"), "right");
    assert!(pull.stats().refused.wrong_pattern > 0, "{:?}", pull.stats());
}

#[interop(hosted_by(Host::We))]
fn nanocat_disconnects_us_over_its_limit_and_we_serve_the_next(meeting: &Meeting) {
    let publisher = open(Pub::builder());
    let listener = publisher.listen(meeting.address()).expect("the address is free");
    let sub = Nanocat::dialing(&[listener.address()], &["--sub"]);
    publisher.peers(1);
    publisher.send(vec![b'x'; MIB + 1]).expect("publishing never waits");
    eventually(|| publisher.stats().disconnected > 0);
    // nanomsg 1.1.5 comes back, but from now on closes every connection right after its greeting.
    drop(sub);
    eventually(|| publisher.stats().pipes == 0);
    let sub = Nanocat::dialing(&[listener.address()], &["--sub"]);
    publisher.peers(1);
    publisher.send("small").expect("publishing never waits");
    same(sub.recv(), "small");
}

/// There and back, with a peer that goes on sending.
fn talk(ours: &Pair, theirs: &Nanocat, body: &str) {
    ours.send(body).expect("room");
    theirs.recv_this(body.as_bytes());
    same(ours.recv().expect("a message"), "theirs");
}

/// What nanocat is to send: an argument for it, and the file behind that.
struct Data(TempDir);

impl Data {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory for the bodies"))
    }

    fn of(&self, body: &[u8]) -> String {
        if body.is_empty() {
            return "--data=".into();
        }
        let path = self.0.path().join(body.len().to_string());
        fs::write(&path, body).expect("a file can be written");
        format!("--file={}", path.display())
    }
}
