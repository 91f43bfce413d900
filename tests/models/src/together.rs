//! All kinds of those who wait, at one socket: threads, futures, and an event loop that observes.

use std::sync::Arc as Plain;
use std::task::Wake;

use shuttle::sync::Arc;
use shuttle::thread::{self, Thread};

use crate::background;
use crate::check::check;
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;
use crate::readiness::Observer;
use crate::wait::poll_wait::WaitSlot;

/// Wakes the thread that polls.
struct Executor(Thread);

impl Wake for Executor {
    fn wake(self: Plain<Self>) {
        self.0.unpark();
    }
}

/// Each gets one message, and what comes to the event loop beyond that it gives back.
fn everybody_waits(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let observer = Arc::new(Observer::default());
    socket.subscribe(Box::new(Arc::clone(&observer)));
    let blocking = Arc::clone(&socket);
    let blocked = thread::spawn(move || assert!(matches!(blocking.recv(&Looks::FOREVER), Outcome::Done(_))));
    let polling = Arc::clone(&socket);
    let future = thread::spawn(move || {
        let (mut slot, waker) = (WaitSlot::default(), Plain::new(Executor(thread::current())).into());
        while polling.poll_recv(&mut slot, &waker).is_none() {
            thread::park();
        }
    });
    let dropped = Arc::clone(&socket);
    let dropped = thread::spawn(move || {
        let (mut slot, waker) = (WaitSlot::default(), Plain::new(Executor(thread::current())).into());
        let got = dropped.poll_recv(&mut slot, &waker);
        dropped.leave(&mut slot);
        if let Some(Outcome::Done(message)) = got {
            dropped.peer_sends(message);
        }
    });
    let looking = Arc::clone(&socket);
    let event_loop = thread::spawn(move || {
        loop {
            observer.wait(false);
            if looking.try_recv().is_some() {
                return;
            }
        }
    });
    (0..3).for_each(|message| socket.peer_sends(message));
    for thread in [blocked, future, dropped, event_loop] {
        thread.join().expect("it ends");
    }
    background::stop(&socket, background);
}

#[test]
fn threads_futures_and_event_loops_at_one_socket_each_get_theirs() {
    check(|| everybody_waits(Transport::Stream, Fault::None));
    check(|| everybody_waits(Transport::Messages, Fault::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_future_among_others_that_is_dropped_with_its_signal_is_found() {
    check(|| everybody_waits(Transport::Stream, Fault::DropPassesNothingOn));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_signal_among_others_that_is_cleared_too_late_is_found() {
    check(|| everybody_waits(Transport::Stream, Fault::ClearedTooLate));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_background_thread_that_is_not_told_of_observers_is_found() {
    check(|| everybody_waits(Transport::Messages, Fault::ServedInSecret));
}
