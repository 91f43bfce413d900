//! Threads that bind, dial and close at random, for real.
#![expect(clippy::unwrap_used, reason = "a failure to unwrap is a failure of the test")]

use std::collections::VecDeque;
use std::io;
use std::thread;

use hubless_inproc::InprocTransport;
use hubless_transport::{Connection, Message, Messages, Offer, Packet, Transport};

/// Comings and goings, of all threads together; `INPROC_RACES` has more.
const VISITS: u32 = 80_000;
const THREADS: u32 = 4;
const NAMES: [&str; 3] = ["a", "b", "c"];

/// A few unpredictable choices.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) % sides
    }
}

fn use_a_little(end: &dyn Messages, dice: &mut Dice) {
    for _ in 0..dice.roll(6) {
        let mut packets: VecDeque<_> =
            (0..dice.roll(400)).map(|_| Packet::from(Message::from("x"))).collect();
        let sent = end.send(&mut packets);
        let received = end.recv(&mut VecDeque::new(), 100);
        for kind in [sent.err(), received.err()].into_iter().flatten().map(|error| error.kind()) {
            assert!(matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::BrokenPipe), "{kind}");
        }
    }
}

fn visit(inproc: &InprocTransport, dice: &mut Dice) {
    let name = NAMES[dice.roll(3) as usize];
    let mut connections = Vec::new();
    if dice.roll(2) == 0 {
        let mut listener = inproc.listener(name).unwrap();
        if let Err(error) = listener.bind() {
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
            return;
        }
        while let Ok(connection) = listener.accept(&Offer::new("pair", ["pair"])) {
            connections.push(connection);
        }
    } else {
        for _ in 0..dice.roll(4) {
            connections.push(inproc.dialer(name).unwrap().dial(None, &Offer::new("pair", ["pair"])).unwrap());
        }
    }
    for connection in connections {
        match connection {
            Connection::Messages(end) => {
                // Some are turned away.
                if dice.roll(4) > 0 {
                    end.admit();
                }
                use_a_little(end.as_ref(), dice);
            }
            other => panic!("inproc has messages, not {other:?}"),
        }
    }
}

#[test]
fn nothing_breaks_and_nothing_stays_when_everything_comes_and_goes() {
    let inproc = InprocTransport::new();
    let visits = std::env::var("INPROC_RACES").map_or(VISITS, |text| text.parse().expect("a number"));
    thread::scope(|scope| {
        for seed in 1..=THREADS {
            let inproc = &inproc;
            scope.spawn(move || {
                let mut dice = Dice(seed);
                for _ in 0..visits / THREADS {
                    visit(inproc, &mut dice);
                }
            });
        }
    });
    assert_eq!(
        format!("{inproc:?}"),
        format!("{:?}", InprocTransport::new()),
        "every name is free, and nobody waits"
    );
}
