//! Two of our devices in a chain, with NNG and nanomsg at both ends.
//!
//! `cargo test --workspace -- --ignored` runs these. They need what `interop_nng` and `interop_nanomsg` need.

use hubless::{Device, RunningDevice, raw};
use hubless_kit::Peers;
use hubless_kit::interop::{Meeting, Nanocat, Nng, bodies, interop, meetings, open, same};

const MANY: usize = 10_000;
/// Sends again and again.
const OFTEN: &str = "--interval=0.02";

/// Two devices in a chain: the front of the first, the back of the second, and both, running.
macro_rules! chain {
    ($meeting:expr, $kind:ident, $front:ty, $back:ty) => {{
        let (front, near_back) = (open(<$front>::builder()), open(<$back>::builder()));
        let (far_front, back) = (open(<$front>::builder()), open(<$back>::builder()));
        let between = far_front.listen(&$meeting.address()).expect("the address is free");
        near_back.dial(between.address()).expect("the address is good");
        near_back.peers(1);
        let devices = [(front.clone(), near_back), (far_front, back.clone())];
        (front, back, devices.map(|(front, back)| Device::$kind(front, back).spawn().expect("a thread")))
    }};
}

#[track_caller]
fn dropped_nothing(devices: [RunningDevice; 2]) {
    for device in devices {
        assert_eq!(device.stop().expect("it stops").dropped, 0);
    }
}

#[interop(meetings())]
fn an_nng_req_and_an_nng_rep_meet_through_two_queues(meeting: &Meeting) {
    let (front, back, devices) = chain!(meeting, queue, raw::Rep, raw::Req);
    let (req, rep) = (Nng::start("Req0"), Nng::start("Rep0"));
    req.meet(&front, meeting);
    rep.meet(&back, meeting);
    for body in bodies(12) {
        req.send(&body);
        same(rep.recv(), &body);
        rep.send(&body);
        same(req.recv(), &body);
    }
    rep.run("serve 4");
    req.run("ask 100");
    dropped_nothing(devices);
}

#[interop(meetings())]
fn a_nanocat_that_asks_and_one_that_answers_meet_through_two_queues(meeting: &Meeting) {
    let (front, back, _devices) = chain!(meeting, queue, raw::Rep, raw::Req);
    let rep = Nanocat::meet(&back, meeting, &["--rep", "--data=answer"]);
    let req = Nanocat::meet(&front, meeting, &["--req", "--data=question", OFTEN]);
    for _ in 0..3 {
        same(rep.recv(), "question");
        same(req.recv(), "answer");
    }
}

#[interop(meetings())]
fn an_nng_req_and_a_nanocat_that_answers_meet_through_two_queues(meeting: &Meeting) {
    let (front, back, _devices) = chain!(meeting, queue, raw::Rep, raw::Req);
    let rep = Nanocat::meet(&back, meeting, &["--rep", "--data=answer"]);
    let req = Nng::start("Req0");
    req.meet(&front, meeting);
    for body in bodies(12) {
        req.send(&body);
        same(rep.recv(), &body);
        same(req.recv(), "answer");
    }
}

#[interop(meetings())]
fn an_nng_surveyor_hears_nng_and_nanocat_respondents_through_two_devices(meeting: &Meeting) {
    let (front, back, devices) = chain!(meeting, survey, raw::Respondent, raw::Surveyor);
    let (surveyor, respondent) = (Nng::start("Surveyor0"), Nng::start("Respondent0"));
    surveyor.meet(&front, meeting);
    respondent.meet(&back, meeting);
    let nanocat = Nanocat::meet(&back, meeting, &["--respondent", "--data=nanomsg"]);
    surveyor.send("who?");
    same(respondent.recv(), "who?");
    same(nanocat.recv(), "who?");
    respondent.send("NNG");
    let mut answers = [surveyor.recv(), surveyor.recv()];
    answers.sort();
    assert_eq!(answers, [b"NNG".to_vec(), b"nanomsg".to_vec()]);
    dropped_nothing(devices);
}

#[interop(meetings())]
fn an_nng_push_fills_an_nng_pull_through_two_streamers(meeting: &Meeting) {
    let (front, back, devices) = chain!(meeting, streamer, raw::Pull, raw::Push);
    let (push, pull) = (Nng::start("Push0"), Nng::start("Pull0"));
    push.meet(&front, meeting);
    pull.meet(&back, meeting);
    for body in bodies(0) {
        push.send(&body);
        same(pull.recv(), body);
    }
    pull.begin(&format!("recv_numbers {MANY}"));
    push.run(&format!("send_numbers {MANY}"));
    pull.done();
    dropped_nothing(devices);
}

#[interop(meetings())]
fn an_nng_sub_and_a_nanocat_hear_an_nng_pub_through_two_forwarders(meeting: &Meeting) {
    let (front, back, devices) = chain!(meeting, forwarder, raw::Sub, raw::Pub);
    let (publisher, sub) = (Nng::start("Pub0"), Nng::start("Sub0"));
    sub.subscribe("wx.");
    publisher.meet(&front, meeting);
    sub.meet(&back, meeting);
    let nanocat = Nanocat::meet(&back, meeting, &["--sub", "--subscribe=px."]);
    publisher.send("wx.rain");
    publisher.send("px.gold");
    same(sub.recv(), "wx.rain");
    same(nanocat.recv(), "px.gold");
    dropped_nothing(devices);
}

#[interop(meetings())]
fn two_nng_pairs_of_version_1_talk_through_two_devices(meeting: &Meeting) {
    let (front, back, devices) = chain!(meeting, between, raw::PairV1, raw::PairV1);
    let (left, right) = (Nng::start("Pair1"), Nng::start("Pair1"));
    left.meet(&front, meeting);
    right.meet(&back, meeting);
    for body in bodies(4) {
        left.send(&body);
        same(right.recv(), &body);
        right.send(&body);
        same(left.recv(), &body);
    }
    dropped_nothing(devices);
}
