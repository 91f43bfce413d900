//! All kinds of those who wait, at one socket: threads, futures, and an event loop that observes.

use shuttle::sync::Arc;

use crate::background;
use crate::check::{check, join_all, mutants, spawn};
use crate::executor::{give_up, receive};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;
use crate::readiness::Observer;

/// Each gets one message, and what comes to the event loop beyond that it gives back.
fn everybody_waits(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let observer = Arc::new(Observer::default());
    socket.subscribe(Box::new(Arc::clone(&observer)));
    let blocked =
        spawn(&socket, move |socket| assert!(matches!(socket.recv(&Looks::FOREVER), Outcome::Done(_))));
    let (future, dropped) = (receive(&socket), give_up(&socket));
    let event_loop = spawn(&socket, move |socket| {
        loop {
            observer.wait(false);
            if socket.try_recv().is_some() {
                return;
            }
        }
    });
    (0..3).for_each(|message| socket.peer_sends(message));
    join_all([blocked, dropped, event_loop]);
    join_all([future]);
    background::stop(&socket, background);
}

#[test]
fn threads_futures_and_event_loops_at_one_socket_each_get_theirs() {
    check(|| everybody_waits(Transport::Stream, Fault::None));
    check(|| everybody_waits(Transport::Messages, Fault::None));
}

mutants! {
    a_future_among_others_that_is_dropped_with_its_signal_is_found:
        "deadlock" => everybody_waits(Transport::Stream, Fault::DropPassesNothingOn),
    a_signal_among_others_that_is_cleared_too_late_is_found:
        "deadlock" => everybody_waits(Transport::Stream, Fault::ClearedTooLate),
    a_background_thread_that_is_not_told_of_observers_is_found:
        "deadlock" => everybody_waits(Transport::Messages, Fault::ServedInSecret),
}
