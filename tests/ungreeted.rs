//! A peer that has connected and has not greeted has no pipe: it gets nothing, it is seen by nobody, and it holds up nobody.

use std::sync::mpsc::sync_channel;

use hubless::{Builder, Endpoint, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor};
use hubless_kit::peer::{PUB, PULL, PUSH, Peer, REQ, SURVEYOR};
use hubless_kit::{Peers, SOON, Site, Socket, WIRES, counts, over, passes};

/// So many connect and say nothing.
const SILENT: usize = 100;

/// A socket at which nobody's time to greet is over before the test is.
fn patient<S: Socket>(builder: Builder<S>) -> S {
    builder.handshake_timeout(2 * SOON).build().expect("a socket")
}

/// Listens with `socket`, whose number on the wire is `number`, and lets the silent ones in.
fn crowd(site: &Site, socket: &impl Socket, number: u16) -> (String, Vec<Peer>) {
    let at = socket.listen(site.address()).expect("an address");
    let mut silent: Vec<Peer> = (0..SILENT).map(|_| Peer::connect(at.address())).collect();
    for peer in &mut silent {
        assert_eq!(peer.read_greeting(), number);
    }
    (at.address().to_owned(), silent)
}

/// Nobody knows of the silent ones, and they have got nothing.
#[track_caller]
fn are_outside(socket: &impl Socket, silent: &mut [Peer], insiders: usize) {
    let stats = socket.stats();
    assert_eq!((stats.pipes, stats.connected), (insiders, insiders as u64));
    assert_eq!(socket.pipes().len(), insiders);
    for peer in silent.iter_mut().step_by(SILENT / 2) {
        assert!(peer.is_left_alone(), "somebody who has not greeted was sent something");
    }
}

#[over(WIRES)]
fn a_peer_that_has_not_greeted_gets_no_work(site: &Site) {
    let (push, pull) = (patient(Push::builder()), Pull::new().unwrap());
    let (address, mut silent) = crowd(site, &push, PUSH);
    pull.dial(&address).unwrap();
    for number in 0..1000 {
        push.send(number.to_string()).unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), number.to_string());
    }
    are_outside(&push, &mut silent, 1);
}

#[over(WIRES)]
fn a_peer_that_has_not_greeted_gets_no_news(site: &Site) {
    let (publisher, sub) = (patient(Pub::builder()), Sub::new().unwrap());
    let (address, mut silent) = crowd(site, &publisher, PUB);
    sub.subscribe("").unwrap();
    sub.dial(&address).unwrap();
    publisher.peers(1);
    passes(&publisher, &sub, "news");
    assert_eq!(publisher.stats().sent, 1);
    are_outside(&publisher, &mut silent, 1);
}

#[over(WIRES)]
fn a_peer_that_has_not_greeted_is_asked_nothing(site: &Site) {
    let (req, rep) = (patient(Req::builder()), Rep::new().unwrap());
    let (address, mut silent) = crowd(site, &req, REQ);
    rep.dial(&address).unwrap();
    let pending = req.send("q").unwrap();
    rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(pending.recv_timeout(SOON).unwrap(), "a");
    are_outside(&req, &mut silent, 1);

    let (surveyor, respondent) = (patient(Surveyor::builder().end_early()), Respondent::new().unwrap());
    let (address, mut silent) = crowd(site, &surveyor, SURVEYOR);
    respondent.dial(&address).unwrap();
    surveyor.peers(1);
    let mut survey = surveyor.survey("q", SOON).unwrap();
    respondent.recv_timeout(SOON).unwrap().reply("a").unwrap();
    assert_eq!(survey.recv().unwrap().expect("an answer").into_message(), "a");
    assert!(survey.recv().unwrap().is_none(), "it waits for nobody who has not greeted");
    are_outside(&surveyor, &mut silent, 1);
}

#[over(WIRES)]
fn as_many_silent_peers_as_may_connect_keep_nobody_out(site: &Site) {
    let pull = Pull::builder().handshake_timeout(2 * SOON).build().unwrap();
    let at = pull.listen(Endpoint::new(site.address()).max_connections(3)).unwrap();
    let silent: Vec<Peer> = (0..10).map(|_| Peer::connect(at.address())).collect();
    // The oldest had to make room.
    counts(&pull, |stats| stats.refused.too_many == 7);
    silent[6].read_greeting();
    silent[6].wait_for_end();
    assert_eq!(silent[7].greet(PUSH), PULL);
    silent[7].send(b"it only took its time");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "it only took its time");
    for number in 2..=3 {
        let push = Push::new().unwrap();
        push.dial(at.address()).unwrap();
        passes(&push, &pull, "honest");
        assert_eq!(at.status().pipes, number);
        std::mem::forget(push);
    }
    // Pipes make no room.
    Peer::connect(at.address()).wait_for_end();
    let stats = counts(&pull, |stats| stats.refused.too_many == 10);
    assert_eq!((stats.pipes, stats.disconnected), (3, 0));
}

#[over(WIRES)]
fn who_has_greeted_and_waits_to_be_let_in_makes_no_room(site: &Site) {
    let pull = Pull::builder().handshake_timeout(2 * SOON).build().unwrap();
    let (give, tickets) = sync_channel(1);
    let put_off = Endpoint::new(site.address()).max_connections(1).admit(move |applicant| {
        let (ticket, verdict) = applicant.later();
        give.try_send(ticket).expect("one applicant");
        verdict
    });
    let at = pull.listen(put_off).unwrap();
    let push = Push::new().unwrap();
    push.dial(at.address()).unwrap();
    let ticket = tickets.recv_timeout(SOON).unwrap();
    for _ in 0..3 {
        Peer::connect(at.address()).wait_for_end();
    }
    ticket.accept();
    passes(&push, &pull, "honest");
    let stats = pull.stats();
    assert_eq!((stats.refused.too_many, stats.refused.total()), (3, 3));
}
