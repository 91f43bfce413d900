//! Those who look on: a lamp is lit when there is something, and put out by whoever finds nothing.

use shuttle::sync::{Arc, Condvar};
use shuttle::thread;

use crate::background;
use crate::check::check;
use crate::host::{Fault, Socket};
use crate::kernel::Transport;
use crate::sys::sync::Mutex;
use crate::wait::lamp::{Lamp, Show};

/// A lamp as it is seen by an event loop.
#[derive(Debug, Default)]
pub(crate) struct Sign {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    lit: bool,
    /// It was lit since the event loop looked last.
    edge: bool,
}

impl Sign {
    /// Waits as an edge-triggered event loop does, or a level-triggered one.
    pub(crate) fn wait(&self, for_edge: bool) {
        self.seen.wait_until(&self.changed, |seen| seen.lit && (std::mem::take(&mut seen.edge) || !for_edge));
    }
}

impl Show for Arc<Sign> {
    fn show(&self, lit: bool) {
        let mut seen = self.seen.lock();
        assert_ne!(seen.lit, lit, "it is lit and put out in turn");
        *seen = Seen { lit, edge: lit };
        self.changed.notify_all();
    }
}

/// One waits for the lamp and drains the socket, while another looks in now and then; what that one gets it gives back.
fn one_drains_and_waits(for_edge: bool, transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let sign = Arc::new(Sign::default());
    socket.mount(Box::new(Arc::clone(&sign)));
    let visitor = Arc::clone(&socket);
    let visitor = thread::spawn(move || {
        if let Some(message) = visitor.try_recv() {
            visitor.peer_sends(message);
        }
    });
    let peer = Arc::clone(&socket);
    let peer = thread::spawn(move || (0..2).for_each(|message| peer.peer_sends(message)));
    let mut got = 0;
    while got < 2 {
        sign.wait(for_edge);
        while socket.try_recv().is_some() {
            got += 1;
        }
    }
    visitor.join().expect("the visitor ends");
    peer.join().expect("the peer ends");
    background::stop(&socket, background);
}

/// Decisions made in turn under a lock, and shown after unlocking by several threads.
fn decisions_are_shown(shows_its_own: bool) {
    let sign = Arc::new(Sign::default());
    let lamp = Arc::new(Lamp::new(Box::new(Arc::clone(&sign))));
    let state = Arc::new(Mutex::new(false));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (sign, lamp, state) = (Arc::clone(&sign), Arc::clone(&lamp), Arc::clone(&state));
            thread::spawn(move || {
                let mut lit = state.lock();
                *lit = !*lit;
                let decided = *lit;
                lamp.decide(decided);
                drop(lit);
                if shows_its_own {
                    *sign.seen.lock() = Seen { lit: decided, edge: decided };
                } else {
                    lamp.settle();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("it ends");
    }
    assert_eq!(sign.seen.lock().lit, *state.lock(), "what is shown is not what was decided last");
}

#[test]
fn one_who_drains_and_waits_misses_nothing() {
    for for_edge in [false, true] {
        check(move || one_drains_and_waits(for_edge, Transport::Stream, Fault::None));
        check(move || one_drains_and_waits(for_edge, Transport::Messages, Fault::None));
    }
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_lamp_that_is_put_out_too_late_is_found() {
    check(|| one_drains_and_waits(false, Transport::Stream, Fault::PutOutTooLate));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_watched_socket_that_nobody_serves_is_found() {
    check(|| one_drains_and_waits(false, Transport::Messages, Fault::ServedInSecret));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_background_thread_that_is_not_asked_again_is_found() {
    check(|| one_drains_and_waits(false, Transport::Messages, Fault::ComesInSecret));
}

#[test]
fn what_was_decided_last_is_shown() {
    check(|| decisions_are_shown(false));
}

#[test]
#[should_panic(expected = "decided last")]
fn one_who_shows_what_it_decided_itself_is_found() {
    check(|| decisions_are_shown(true));
}
