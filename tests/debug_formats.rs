//! What a developer sees who prints a value.

use std::fmt::Debug;

use hubless::{
    Bus, Context, Error, Message, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor, raw,
};
use hubless_kit::{SOON, Site, link};

/// Says what it is, and is no flood.
#[track_caller]
fn shows(value: &impl Debug, name: &str) {
    let shown = format!("{value:?}");
    assert!(shown.starts_with(name), "{shown}");
    assert!(shown.len() < 2000, "{shown}");
    assert!(format!("{value:#?}").starts_with(name));
}

#[test]
fn sockets_say_what_they_are() {
    shows(&Push::new().unwrap(), "Push {");
    shows(&Pull::new().unwrap(), "Pull {");
    shows(&Pub::new().unwrap(), "Pub {");
    shows(&Sub::new().unwrap(), "Sub {");
    shows(&Req::new().unwrap(), "Req {");
    shows(&Rep::new().unwrap(), "Rep {");
    shows(&Surveyor::new().unwrap(), "Surveyor {");
    shows(&Respondent::new().unwrap(), "Respondent {");
    shows(&Pair::new().unwrap(), "Pair {");
    shows(&Bus::new().unwrap(), "Bus {");
    shows(&raw::Req::new().unwrap(), "raw::Req {");
    shows(&raw::Bus::new().unwrap(), "raw::Bus {");
}

#[test]
fn everything_around_a_socket_says_what_it_is() {
    let site = Site::new("inproc");
    let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
    let (listener, dialer) = link(&site, &rep, &req);
    shows(&listener, "Listener {");
    shows(&dialer, "Dialer {");
    shows(&dialer.status(), "DialerStatus {");
    shows(&listener.status(), "ListenerStatus {");
    shows(&rep.stats(), "Stats {");
    shows(&rep.pipes()[0], "PipeStats {");
    shows(&dialer.stats(), "DialerStats {");
    shows(&listener.stats(), "ListenerStats {");
    shows(&rep.monitor(), "Monitor {");
    shows(&Push::builder(), "Builder {");
    shows(&Context::new().unwrap(), "Context {");
    let pending = req.send("question").unwrap();
    shows(&pending, "Pending(");
    let request = rep.recv_timeout(SOON).unwrap();
    shows(&request, "Request {");
    assert!(format!("{request:?}").contains("question"));
    shows(&rep.close(SOON).unwrap(), "CloseReport {");
    shows(&Surveyor::new().unwrap().survey("?", SOON).unwrap(), "Survey {");
    shows(&rep, "Rep {");
}

#[test]
fn a_message_shows_its_length_and_beginning_only() {
    assert_eq!(format!("{:?}", Message::from("hi\n")), "Message(3 bytes, \"hi\\n\")");
    let shown = format!("{:?}", Message::from(vec![b'x'; 1_000_000]));
    assert!(shown.starts_with("Message(1000000 bytes") && shown.len() < 100, "{shown}");
}

#[test]
fn a_refused_message_is_not_printed_with_its_error() {
    let refused = Push::new().unwrap().try_send(vec![7; 100_000]).unwrap_err();
    shows(&refused, "there is no room for the message now");
    shows(&Error::Closed, "the socket is closed");
}
