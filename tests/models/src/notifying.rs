//! A transport without descriptors tells of messages by notices.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::background;
use crate::check::check;
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

/// Notices come while receivers drive, wait, are about to sleep, or have gone.
fn notices_come(fault: Fault) {
    let socket = Socket::new(Transport::Messages, 0, fault);
    let background = background::start(&socket);
    let receivers: Vec<_> = (0..2)
        .map(|_| {
            let socket = Arc::clone(&socket);
            thread::spawn(move || assert!(matches!(socket.recv(&Looks::FOREVER), Outcome::Done(_))))
        })
        .collect();
    for message in 0..3 {
        socket.peer_sends(message);
    }
    for receiver in receivers {
        receiver.join().expect("a receiver ends");
    }
    assert!(matches!(socket.recv(&Looks::FOREVER), Outcome::Done(_)));
    background::stop(&socket, background);
}

#[test]
fn what_is_noted_is_always_served() {
    check(|| notices_come(Fault::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_note_that_nobody_hears_of_is_found() {
    check(|| notices_come(Fault::NotedInSecret));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_driver_that_sleeps_without_a_look_at_the_notes_is_found() {
    check(|| notices_come(Fault::SleepsUnlooked));
}
