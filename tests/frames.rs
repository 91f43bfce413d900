//! Messages of several frames: SP joins them over every transport, and packed frames keep their borders.

use hubless::{FramesError, Message, Pub, Pull, Push, Rep, Req, Sub, raw};
use hubless_kit::{ALL, SOON, Site, link, linked, over};

/// Frames that are kept in place, frames that are shared, and frames that are read into memory of their own.
fn messages() -> [Message; 4] {
    let of = |length| Message::from_frames([vec![1; length], vec![2; length]]);
    [Message::from_frames(["two", "frames"]), of(100), of(40_000), Message::from_frames(["", "", ""])]
}

fn pushing(site: &Site) -> (Push, Pull) {
    let (pull, push) = linked::<Pull, Push>(site);
    (push, pull)
}

#[over(ALL)]
fn a_message_of_two_frames_arrives_as_one_over_every_transport(site: &Site) {
    let (push, pull) = pushing(site);
    for message in messages() {
        push.send(&message).unwrap();
        let arrived = pull.recv_timeout(SOON).unwrap();
        assert_eq!(arrived, message[..]);
        assert_eq!(arrived.frame_count(), 1, "over {}", site.transport);
    }
}

#[over(ALL)]
fn packed_frames_keep_their_borders_over_every_transport(site: &Site) {
    let (push, pull) = pushing(site);
    for message in messages() {
        push.send(message.pack().unwrap()).unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap().unpack(), Ok(message));
    }
}

#[over(ALL)]
fn a_question_and_its_answer_are_joined(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    for message in messages() {
        let pending = req.send(&message).unwrap();
        let request = rep.recv_timeout(SOON).unwrap();
        assert_eq!((request.frame_count(), &request[..]), (1, &message[..]));
        request.reply(&message).unwrap();
        let answer = pending.recv_timeout(SOON).unwrap();
        assert_eq!((answer.frame_count(), &answer[..]), (1, &message[..]));
    }
}

#[over(ALL)]
fn a_subscription_looks_across_the_borders(site: &Site) {
    let (publisher, sub) = (Pub::new().unwrap(), Sub::new().unwrap());
    sub.subscribe("wx.rain").unwrap();
    link(site, &publisher, &sub);
    publisher.send(Message::from_frames(["wx.", "snow"])).unwrap();
    publisher.send(Message::from_frames(["wx.", "rain", "12 mm"])).unwrap();
    let arrived = sub.recv_timeout(SOON).unwrap();
    assert_eq!(arrived, Message::from("wx.rain12 mm"));
}

#[over(ALL)]
fn raw_sockets_join_them_too(site: &Site) {
    let (pull, push) = (raw::Pull::new().unwrap(), Push::new().unwrap());
    link(site, &pull, &push);
    push.send(Message::from_frames(["two", "frames"])).unwrap();
    assert_eq!(pull.recv_timeout(SOON).unwrap().body, Message::from("twoframes"));
}

#[test]
fn a_message_that_is_refused_comes_back_with_its_frames() {
    let push = Push::new().unwrap();
    for message in messages() {
        assert_eq!(push.try_send(&message).unwrap_err().message, message);
    }
}

#[test]
fn what_is_no_packed_message_is_refused_and_says_why() {
    let refused = Message::from("seven bytes").unpack().unwrap_err();
    assert_eq!(refused, FramesError::Truncated);
    assert_eq!(refused.to_string(), "the packed message ends within a frame");
}
