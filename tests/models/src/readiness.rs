//! Readiness signals: one is set when there is something, and cleared by a caller that finds nothing.

use shuttle::sync::{Arc, Condvar};
use shuttle::thread;

use crate::background;
use crate::check::{check, join_all, mutants, spawn};
use crate::host::{Fault, Socket};
use crate::kernel::Transport;
use crate::sys::sync::Mutex;
use crate::wait::readiness::{ReadinessObserver, ReadinessSignal};

/// A signal as an event loop observes it.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    ready: bool,
    /// It was set since the event loop looked last.
    edge: bool,
}

impl Observer {
    /// Waits as an edge-triggered event loop does, or a level-triggered one.
    pub(crate) fn wait(&self, for_edge: bool) {
        self.seen
            .wait_until(&self.changed, |seen| seen.ready && (std::mem::take(&mut seen.edge) || !for_edge));
    }
}

impl ReadinessObserver for Arc<Observer> {
    fn changed(&self, ready: bool) {
        let mut seen = self.seen.lock();
        assert_ne!(seen.ready, ready, "it is set and cleared by turns");
        *seen = Seen { ready, edge: ready };
        self.changed.notify_all();
    }
}

/// One waits for the signal and drains the socket, while another looks in now and then; what that one gets it gives back.
fn one_drains_and_waits(for_edge: bool, transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let observer = Arc::new(Observer::default());
    socket.subscribe(Box::new(Arc::clone(&observer)));
    let visitor = spawn(&socket, move |socket| {
        if let Some(message) = socket.try_recv() {
            socket.peer_sends(message);
        }
    });
    let peer = spawn(&socket, move |socket| (0..2).for_each(|message| socket.peer_sends(message)));
    let mut got = 0;
    while got < 2 {
        observer.wait(for_edge);
        while socket.try_recv().is_some() {
            got += 1;
        }
    }
    visitor.join().expect("the visitor ends");
    peer.join().expect("the peer ends");
    background::stop(&socket, background);
}

/// Changes made one after the other under a lock, and reported after unlocking by several threads.
fn changes_are_reported(reports_its_own: bool) {
    let observer = Arc::new(Observer::default());
    let signal = Arc::new(ReadinessSignal::new(Box::new(Arc::clone(&observer))));
    let state = Arc::new(Mutex::new(false));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (observer, signal, state) = (Arc::clone(&observer), Arc::clone(&signal), Arc::clone(&state));
            thread::spawn(move || {
                let mut ready = state.lock();
                *ready = !*ready;
                let latest = *ready;
                signal.change(latest);
                drop(ready);
                if reports_its_own {
                    *observer.seen.lock() = Seen { ready: latest, edge: latest };
                } else {
                    signal.report();
                }
            })
        })
        .collect();
    join_all(threads);
    assert_eq!(observer.seen.lock().ready, *state.lock(), "what is reported is not the latest state");
}

#[test]
fn one_who_drains_and_waits_misses_nothing() {
    for for_edge in [false, true] {
        check(move || one_drains_and_waits(for_edge, Transport::Stream, Fault::None));
        check(move || one_drains_and_waits(for_edge, Transport::Messages, Fault::None));
    }
}

#[test]
fn the_latest_state_is_reported() {
    check(|| changes_are_reported(false));
}

mutants! {
    a_signal_that_is_cleared_too_late_is_found:
        "deadlock" => one_drains_and_waits(false, Transport::Stream, Fault::ClearedTooLate),
    an_observed_socket_that_nobody_serves_is_found:
        "deadlock" => one_drains_and_waits(false, Transport::Messages, Fault::ServedInSecret),
    a_background_thread_that_is_not_asked_again_is_found:
        "deadlock" => one_drains_and_waits(false, Transport::Messages, Fault::ComesInSecret),
    a_thread_that_reports_its_own_change_is_found: "latest state" => changes_are_reported(true),
}
