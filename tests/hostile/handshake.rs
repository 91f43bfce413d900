//! Greetings that are wrong, late, cut short or never come.

use std::time::Duration;

use hubless::{Bus, Pair, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor};
use hubless_kit::peer::{
    BUS, Host, PAIR0, PAIR1, PUB, PULL, PUSH, Peer, REP, REQ, RESPONDENT, SUB, SURVEYOR, greeting,
};
use hubless_kit::{LIMIT, Peers, SOON, Site, Socket, WIRES, body, counts, now, over, passes, pause, within};

use crate::served::Served;

#[over(WIRES)]
fn the_first_wrong_byte_ends_the_handshake(site: &Site) {
    let served = Served::new(site);
    let wrong: [&[u8]; 8] = [
        b"G",
        b"GET / HTTP/1.1\r\n\r\n",
        &[0xff],
        &[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f],
        &[0x16, 0x03, 0x01],
        &[0, b'X'],
        &[0, b'S', b'Q'],
        &[1, b'S', b'P', 0, 0, 0x50, 0, 0],
    ];
    for (nth, bytes) in (1..).zip(wrong) {
        let peer = Peer::connect(served.at.address());
        // Our own greeting comes even to those who will be refused.
        assert_eq!(peer.read_greeting(), PULL);
        peer.write(bytes);
        served.refuses(&peer, |stats| stats.refused.unknown_protocol == nth);
    }
}

#[over(WIRES)]
fn an_unknown_version_ends_the_handshake(site: &Site) {
    let served = Served::new(site);
    for (nth, version) in (1..).zip([1, 2, 255]) {
        let peer = Peer::connect(served.at.address());
        peer.write(&[0, b'S', b'P', version]);
        served.refuses(&peer, |stats| stats.refused.unknown_version == nth);
    }
}

#[over(WIRES)]
fn reserved_bytes_must_be_zero(site: &Site) {
    let served = Served::new(site);
    for (nth, reserved) in (1..).zip([[1, 0], [0, 1], [255, 255]]) {
        let mut bytes = greeting(PUSH);
        bytes[6..].copy_from_slice(&reserved);
        let peer = Peer::connect(served.at.address());
        peer.write(&bytes);
        served.refuses(&peer, |stats| stats.refused.unknown_protocol == nth);
    }
}

const NUMBERS: [u16; 11] = [PAIR0, PAIR1, PUB, SUB, REQ, REP, PUSH, PULL, SURVEYOR, RESPONDENT, BUS];
/// Of nobody, of a survey protocol before its release, of an experiment, and nonsense.
const STRANGE: [u16; 6] = [0x00, 0x60, 0x61, 0x640, 0x5000, 0xffff];

#[over(WIRES)]
fn every_pattern_takes_its_own_peer_and_no_other(site: &Site) {
    fn takes_only<S: Socket>(site: &Site, socket: &S, own: u16, partner: u16) {
        let at = socket.listen(site.address()).expect("an address");
        let strangers = NUMBERS.into_iter().chain(STRANGE).filter(|number| *number != partner);
        let count = strangers.clone().count() as u64;
        for number in strangers {
            let peer = Peer::connect(at.address());
            assert_eq!(peer.greet(number), own);
            peer.wait_for_end();
        }
        counts(socket, |stats| stats.refused.wrong_pattern == count && stats.connected == 0);
        let _partner = Peer::greeted(at.address(), partner);
        socket.peers(1);
    }
    takes_only(site, &Pair::new().unwrap(), PAIR0, PAIR0);
    takes_only(site, &Pair::builder().version_1().build().unwrap(), PAIR1, PAIR1);
    takes_only(site, &Pub::new().unwrap(), PUB, SUB);
    takes_only(site, &Sub::new().unwrap(), SUB, PUB);
    takes_only(site, &Req::new().unwrap(), REQ, REP);
    takes_only(site, &Rep::new().unwrap(), REP, REQ);
    takes_only(site, &Push::new().unwrap(), PUSH, PULL);
    takes_only(site, &Pull::new().unwrap(), PULL, PUSH);
    takes_only(site, &Surveyor::new().unwrap(), SURVEYOR, RESPONDENT);
    takes_only(site, &Respondent::new().unwrap(), RESPONDENT, SURVEYOR);
    takes_only(site, &Bus::new().unwrap(), BUS, BUS);
    takes_only(site, &hubless::raw::Rep::new().unwrap(), REP, REQ);
    takes_only(site, &hubless::raw::PairV1::new().unwrap(), PAIR1, PAIR1);
}

#[over(WIRES)]
fn a_silent_peer_is_shut_out_at_the_deadline_of_the_handshake(site: &Site) {
    let served = Served::with(site, Pull::builder().handshake_timeout(Duration::from_millis(100)));
    let begin = now();
    let peer = Peer::connect(served.at.address());
    served.refuses(&peer, |stats| stats.refused.too_slow == 1);
    assert!(begin.elapsed() >= Duration::from_millis(100));
}

#[over(WIRES)]
fn a_silent_listener_is_left_at_the_deadline_of_the_handshake(site: &Site) {
    let host = Host::new(site);
    let push = Push::builder().handshake_timeout(Duration::from_millis(50)).build().unwrap();
    let dialer = push.dial(host.address()).unwrap();
    host.accept().wait_for_end();
    counts(&push, |stats| stats.refused.too_slow >= 1);
    assert!(dialer.status().last_error.is_some());
    let _proper = host.greeted(PULL);
    push.peers(1);
}

#[over(WIRES)]
fn bytes_now_and_then_do_not_extend_the_deadline_of_the_handshake(site: &Site) {
    let served = Served::with(site, Pull::builder().handshake_timeout(Duration::from_millis(200)));
    let peer = Peer::connect(served.at.address());
    for byte in &greeting(PUSH)[..7] {
        if peer.try_write(&[*byte]).is_err() {
            break;
        }
        pause(Duration::from_millis(60));
    }
    served.refuses(&peer, |stats| stats.refused.too_slow == 1);
}

#[over(WIRES)]
fn a_greeting_may_come_byte_by_byte_and_so_may_a_message(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let peer = Peer::connect(at.address());
    for byte in greeting(PUSH) {
        peer.write(&[byte]);
    }
    for byte in [peer.frame(b"one"), peer.frame(b""), peer.frame(&body(3, 500))].concat() {
        peer.write(&[byte]);
    }
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "one");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), body(3, 500));
}

#[over(WIRES)]
fn an_end_within_the_greeting_is_counted(site: &Site) {
    let served = Served::new(site);
    for length in 0..8 {
        let peer = Peer::connect(served.at.address());
        peer.write(&greeting(PUSH)[..length]);
        drop(peer);
        counts(&served.pull, |stats| stats.refused.broken == length as u64 + 1);
    }
    served.honest();
    assert_eq!(served.pull.stats().connected, 1);
}

#[over(WIRES)]
fn a_peer_that_only_ends_its_writing_within_the_greeting_is_shut_out(site: &Site) {
    let served = Served::new(site);
    let peer = Peer::connect(served.at.address());
    peer.write(&greeting(PUSH)[..5]);
    peer.end_writing();
    served.refuses(&peer, |stats| stats.refused.broken == 1);
}

#[test]
fn a_reset_connection_is_counted_and_forgotten() {
    within(LIMIT, || {
        let served = Served::new(&Site::new("tcp"));
        for when in 0..2 {
            let peer = Peer::connect(served.at.address());
            if when == 1 {
                peer.greet(PUSH);
                served.pull.peers(2);
            }
            peer.reset();
        }
        counts(&served.pull, |stats| stats.refused.broken == 1 && stats.disconnected == 1);
        served.honest();
    });
}

#[over(WIRES)]
fn many_half_open_connections_keep_nobody_out(site: &Site) {
    let served = Served::new(site);
    let crowd: Vec<Peer> = (0..300).map(|_| Peer::connect(served.at.address())).collect();
    counts(&served.pull, |stats| stats.refused.too_many == 300 - 256);
    // The oldest had to go.
    crowd[0].read_greeting();
    crowd[0].wait_for_end();
    let newcomer = Push::new().unwrap();
    newcomer.dial(served.at.address()).unwrap();
    passes(&newcomer, &served.pull, "late, but honest");
    served.honest();
    assert_eq!(crowd[299].greet(PUSH), PULL);
    crowd[299].send(b"at last");
    assert_eq!(served.pull.recv_timeout(SOON).unwrap(), "at last");
}
