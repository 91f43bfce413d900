//! What a developer sees who prints a value.

use std::fmt::Debug;

use hubless::{
    Bus, Context, Error, Message, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor, raw,
};
use hubless_kit::{SOON, Site, eventually, eventually_sees, link};

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
    assert_eq!(
        format!("{refused:?}"),
        "no peer has room for the message now\n  help: `send` waits for a peer with room"
    );
    assert_eq!(
        (format!("{refused}"), format!("{refused:#?}")),
        ("no peer has room for the message now".into(), "Full".into())
    );
    assert_eq!(
        (format!("{:?}", Error::Closed), format!("{:#?}", Error::Closed)),
        ("the socket is closed".into(), "Closed".into())
    );
}

#[test]
fn everything_around_a_socket_is_printed_in_one_line_without_zeros() {
    let site = Site::new("inproc");
    let (rep, req) = (Rep::new().unwrap(), Req::new().unwrap());
    let (listener, dialer) = link(&site, &rep, &req);
    let address = listener.address();
    assert_eq!((listener.to_string(), dialer.to_string()), (address.to_owned(), address.to_owned()));
    // The sockets have each other a little before the background thread says so.
    eventually_sees(|| dialer.status().to_string(), |shown| shown == "connected");
    assert_eq!(listener.status().to_string(), "listening, 1 peer");
    assert_eq!(
        (dialer.stats().to_string(), listener.stats().to_string()),
        ("peers 1".into(), "peers 1".into())
    );
    let pending = req.send("question").unwrap();
    rep.recv_timeout(SOON).unwrap().reply("yes").unwrap();
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "yes");
    let stats = req.stats();
    assert_eq!(stats.to_string(), "peers 1; sent 1 (12 bytes); received 1 (3 bytes)");
    assert_eq!(format!("{stats:#}"), "peers     1\nsent      1  12 bytes\nreceived  1  3 bytes");
    assert_eq!(listener.stats().to_string(), "peers 1; sent 1 (7 bytes); received 1 (8 bytes)");
    let pipe = rep.pipes()[0].to_string();
    assert!(pipe.starts_with(&format!("{address} through the listener at {address} for ")), "{pipe}");
    assert!(pipe.ends_with(": sent 1 (7 bytes); received 1 (8 bytes)"), "{pipe}");
    let monitor = rep.monitor();
    drop(req.send("dropped").unwrap());
    drop(rep.recv_timeout(SOON).unwrap());
    assert_eq!(rep.close(SOON).unwrap().to_string(), "nothing was queued");
    let events: Vec<String> = monitor.iter().map(|event| event.kind.to_string()).collect();
    assert!(events.contains(&"messages dropped: 1 unanswered".into()), "{events:?}");
    assert!(events.contains(&format!("the listener at {address} is closed")), "{events:?}");
    assert_eq!(rep.stats().drops.to_string(), "1 unanswered");
    eventually(|| listener.status().to_string() == "closed, 0 peers (1 accepted)");
}
