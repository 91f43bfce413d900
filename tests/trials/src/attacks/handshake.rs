//! Attacks by those who connect, and do not get as far as a message.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::attack::{Attack, FULL, GUESTS, QUIET, Terms};
use super::attacker::{Field, Made};
use hubless_kit::peer::{BUS, PAIR0, PUB, PULL, PUSH, Peer, REP, REQ, SUB, greeting};

const MILLISECOND: Duration = Duration::from_millis(1);
/// Those who stay and say little or nothing.
const CROWD: usize = 100;
/// A limit that is soon reached.
const FEW: usize = 20;
/// Handshakes that may be under way at a listener.
const HANDSHAKES: usize = 256;

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "silence",
        terms: Terms { handshake: Duration::from_secs(1), ..Terms::DEFAULT },
        act: silence,
        connections: CROWD + GUESTS,
        cpu: QUIET,
        counted: |tally, made| made > 0 && tally.count("handshake_too_slow") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "dripping greetings",
        terms: Terms { handshake: Duration::from_secs(1), ..Terms::DEFAULT },
        act: drip,
        connections: CROWD + GUESTS,
        cpu: QUIET,
        counted: |tally, made| made > 0 && tally.count("handshake_too_slow") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "half-open connections",
        act: half_open,
        connections: HANDSHAKES + GUESTS,
        counted: |tally, made| made > 0 && tally.count("too_many") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "silence up to the limit",
        terms: Terms { connections: FEW, handshake: Duration::from_secs(3600), ..Terms::DEFAULT },
        act: half_open_slowly,
        connections: FEW + GUESTS,
        counted: |tally, made| made > 0 && tally.count("too_many") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "more connections than allowed",
        terms: Terms { connections: FEW, ..Terms::DEFAULT },
        act: fill,
        connections: FEW + GUESTS,
        newcomers: false,
        counted: |tally, made| {
            made > 0 && tally.count("too_many") >= made && tally.count("pipes") <= FEW as u64
        },
        ..Attack::PLAIN
    },
    Attack {
        name: "more connections than one address may have",
        transports: &["tcp"],
        terms: Terms { max_connections_per_address: Some(FEW), ..Terms::DEFAULT },
        act: fill_from_one_address,
        connections: FEW + GUESTS,
        counted: |tally, made| made > 0 && tally.count("too_many") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "connecting as fast as can be",
        act: connect_and_go,
        connections: HANDSHAKES + GUESTS,
        cpu: FULL,
        counted: |tally, made| made > 0 && tally.count("handshake_broken") + tally.count("too_many") >= made,
        ..Attack::PLAIN
    },
    Attack {
        name: "strangers",
        act: strangers,
        counted: |tally, made| {
            made > 0 && tally.count("unknown_protocol") + tally.count("unknown_version") == made
        },
        ..Attack::PLAIN
    },
    Attack {
        name: "the wrong pattern",
        act: wrong_pattern,
        counted: |tally, made| made > 0 && tally.count("wrong_pattern") == made,
        ..Attack::PLAIN
    },
];

/// Many connect and say nothing. One that is shut out comes again.
fn silence(field: &Field) -> Made {
    let mut peers: Vec<Peer> = (0..CROWD).map(|_| field.silent()).collect();
    field.begin();
    let mut count = 0;
    while field.after(10 * MILLISECOND) {
        for peer in peers.iter_mut().filter(|peer| peer.has_ended()) {
            *peer = field.silent();
            count += 1;
        }
    }
    Made { count, held: peers }
}

/// Many greet, a byte a second, which would take eight.
fn drip(field: &Field) -> Made {
    let mut peers: Vec<(Peer, usize)> = (0..CROWD).map(|_| (field.silent(), 0)).collect();
    field.begin();
    let mut count = 0;
    while field.goes_on() {
        for (peer, said) in &mut peers {
            if peer.has_ended() {
                (*peer, *said) = (field.silent(), 0);
                count += 1;
            }
            if let Some(byte) = greeting(REQ).get(*said) {
                let _ = peer.try_offer(&[*byte]);
                *said += 1;
            }
        }
        field.after(Duration::from_secs(1));
    }
    Made { count, held: peers.into_iter().map(|(peer, _)| peer).collect() }
}

fn half_open(field: &Field) -> Made {
    open_silently(field, 2 * MILLISECOND)
}

fn half_open_slowly(field: &Field) -> Made {
    open_silently(field, 20 * MILLISECOND)
}

/// One connects after the other, says nothing, and stays.
fn open_silently(field: &Field, pause: Duration) -> Made {
    let mut peers: VecDeque<Peer> = (0..CROWD).map(|_| field.silent()).collect();
    field.begin();
    let mut count = 0;
    while field.after(pause) {
        peers.push_back(field.silent());
        while peers.front().is_some_and(Peer::has_ended) {
            peers.pop_front();
            count += 1;
        }
    }
    Made { count, held: peers.into() }
}

fn fill(field: &Field) -> Made {
    fill_by(field, || field.silent())
}

fn fill_from_one_address(field: &Field) -> Made {
    let local = Ipv4Addr::new(127, 0, 0, 9);
    fill_by(field, || Peer::connect_from(local, &field.target).expect("somebody listens"))
}

/// More and more connect and greet, and those that get in stay.
fn fill_by(field: &Field, connect: impl Fn() -> Peer) -> Made {
    let mut peers: Vec<Peer> = Vec::new();
    let mut count = 0;
    let mut come = || {
        let peer = connect();
        peer.say(&greeting(REQ));
        peers.push(peer);
        let before = peers.len();
        peers.retain(|peer| !peer.has_ended());
        count += (before - peers.len()) as u64;
    };
    (0..CROWD).for_each(|_| come());
    field.begin();
    while field.after(5 * MILLISECOND) {
        come();
    }
    Made { count, held: peers }
}

/// Somebody connects and is gone again, without a pause.
fn connect_and_go(field: &Field) -> Made {
    field.begin();
    let mut count = 0;
    while field.goes_on() {
        field.silent().reset();
        count += 1;
    }
    Made { count, held: Vec::new() }
}

/// Those come who speak something else.
fn strangers(field: &Field) -> Made {
    const SAYINGS: [&[u8]; 7] = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"SSH-2.0-OpenSSH_10.0\r\n",
        // The beginnings of TLS and of ZMTP.
        &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01],
        &[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3],
        // Nearly SP: another version, and reserved bytes.
        &[0, b'S', b'P', 1, 0, 0x30, 0, 0],
        &[0, b'S', b'P', 0, 0, 0x30, 0, 1],
        &[0xff; 64],
    ];
    let mut chance = field.chance();
    knock(field, |peer| {
        let _ = peer.say(SAYINGS[chance.usize(..SAYINGS.len())]);
    })
}

fn wrong_pattern(field: &Field) -> Made {
    const NUMBERS: [u16; 9] = [PAIR0, PUB, SUB, REP, PUSH, PULL, BUS, 0, 0xffff];
    let mut numbers = NUMBERS.into_iter().cycle();
    knock(field, |peer| {
        peer.say(&greeting(numbers.next().unwrap_or_default()));
    })
}

/// One connects after the other, says something and is shut out.
fn knock(field: &Field, mut speak: impl FnMut(&Peer)) -> Made {
    field.begin();
    let mut count = 0;
    while field.after(MILLISECOND) {
        let peer = field.silent();
        speak(&peer);
        peer.wait_for_end();
        count += 1;
    }
    Made { count, held: Vec::new() }
}
