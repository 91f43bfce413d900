//! A transport without descriptors tells of messages by notices.

use crate::background;
use crate::check::{check, join_all, mutants, spawn};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

/// Notices come while receivers drive, wait, are about to sleep, or have gone.
fn notices_come(fault: Fault) {
    let socket = Socket::new(Transport::Messages, 0, fault);
    let background = background::start(&socket);
    let receivers: Vec<_> = (0..2)
        .map(|_| {
            spawn(&socket, move |socket| assert!(matches!(socket.recv(&Looks::FOREVER), Outcome::Done(_))))
        })
        .collect();
    for message in 0..3 {
        socket.peer_sends(message);
    }
    join_all(receivers);
    assert!(matches!(socket.recv(&Looks::FOREVER), Outcome::Done(_)));
    background::stop(&socket, background);
}

#[test]
fn what_is_noted_is_always_served() {
    check(|| notices_come(Fault::None));
}

mutants! {
    a_note_that_nobody_hears_of_is_found: "deadlock" => notices_come(Fault::NotedInSecret),
    a_driver_that_sleeps_without_a_look_at_the_notes_is_found:
        "deadlock" => notices_come(Fault::SleepsUnlooked),
}
