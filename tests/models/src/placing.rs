//! The one place of a socket: peers come to the background thread, and a reader finds the ends of pipes. Each peer gets in,
//! one at a time, and none finishes its handshake without getting in.

use std::collections::VecDeque;

use shuttle::sync::{Arc, Condvar};
use shuttle::thread;

use crate::check::{check, join_all, mutants, pause};
use crate::connect::places::Places;
use crate::sys::sync::Mutex;

/// The socket.
const SOCKET: usize = 7;
const PEERS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The end of a pipe is told before the pattern has forgotten it.
    ToldTooEarly,
    /// The place is looked at when a peer is greeted, and not kept until it is a pipe.
    NotKept,
}

#[derive(Debug)]
enum Event {
    /// A peer has said who it is.
    Heard(usize),
    /// Our greeting to it has left.
    Greeted(usize),
    Gone,
}

#[derive(Debug, Default)]
struct World {
    /// What the pattern knows.
    peer: Mutex<Option<usize>>,
    came: Condvar,
    events: Mutex<VecDeque<Event>>,
    told: Condvar,
}

impl World {
    fn tell(&self, event: Event) {
        self.events.lock().push_back(event);
        self.told.notify_all();
    }

    /// The background thread, until everybody was in.
    fn attend(&self, fault: Fault) {
        let (mut places, mut admitted) = (Places::default(), 0);
        while admitted < PEERS {
            self.events.wait_until(&self.told, |events| !events.is_empty());
            let Some(event) = self.events.lock().pop_front() else { continue };
            match event {
                Event::Heard(peer) => self.seek(&mut places, peer, fault),
                Event::Greeted(peer) => {
                    places.forget_handshake(SOCKET, peer);
                    let former = self.peer.lock().replace(peer);
                    assert_eq!(former, None, "peer {peer} believes that it is in");
                    self.came.notify_all();
                    admitted += 1;
                }
                Event::Gone => {
                    if places.keeper(SOCKET).is_none()
                        && self.peer.lock().is_none()
                        && let Some(peer) = places.take_held(SOCKET)
                    {
                        self.seek(&mut places, peer, fault);
                    }
                }
            }
        }
    }

    fn seek(&self, places: &mut Places, peer: usize, fault: Fault) {
        if places.keeper(SOCKET).is_some() || self.peer.lock().is_some() {
            return places.hold(SOCKET, peer);
        }
        if fault != Fault::NotKept {
            places.keep(SOCKET, peer);
        }
        self.tell(Event::Greeted(peer));
    }

    /// A reader: each pipe ends after a while.
    fn read(&self, fault: Fault) {
        for _ in 0..PEERS {
            self.peer.wait_until(&self.came, |peer| peer.is_some());
            pause();
            if fault == Fault::ToldTooEarly {
                self.tell(Event::Gone);
            }
            *self.peer.lock() = None;
            if fault != Fault::ToldTooEarly {
                self.tell(Event::Gone);
            }
        }
    }
}

fn peers_come_and_leave(fault: Fault) {
    let world = Arc::new(World::default());
    let [background, reader, peers] = [(); 3].map(|()| Arc::clone(&world));
    let threads = [
        thread::spawn(move || background.attend(fault)),
        thread::spawn(move || reader.read(fault)),
        thread::spawn(move || (0..PEERS).for_each(|peer| peers.tell(Event::Heard(peer)))),
    ];
    join_all(threads);
}

#[test]
fn every_peer_has_the_place_in_turn_and_none_is_greeted_in_vain() {
    check(|| peers_come_and_leave(Fault::None));
}

mutants! {
    an_end_that_is_told_before_it_has_come_is_found: "deadlock" => peers_come_and_leave(Fault::ToldTooEarly),
    a_place_that_is_not_kept_for_who_was_greeted_is_found:
        "believes that it is in" => peers_come_and_leave(Fault::NotKept),
}
