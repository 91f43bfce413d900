//! Several receivers, one seat.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, join_all, mutants, spawn};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

fn receivers_wait_for_ever(fault: Fault) {
    let socket = Socket::new(Transport::Stream, 0, fault);
    let receivers: Vec<_> =
        (0..3).map(|_| spawn(&socket, move |socket| socket.recv(&Looks::FOREVER))).collect();
    for message in 0..3 {
        socket.peer_sends(message);
    }
    let mut got: Vec<_> = receivers
        .into_iter()
        .map(|receiver| match receiver.join().expect("a receiver ends") {
            Outcome::Done(message) => message,
            other => panic!("{other:?} for one who waits for ever"),
        })
        .collect();
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2], "each message is received once");
}

/// Two that wait for ever among one that gives up and one that only looks; what these get they give back.
fn some_give_up(fault: Fault) {
    let socket = Socket::new(Transport::Stream, 0, fault);
    let mut threads: Vec<_> = (0..2)
        .map(|_| {
            spawn(&socket, move |socket| assert!(matches!(socket.recv(&Looks::FOREVER), Outcome::Done(_))))
        })
        .collect();
    let impatient = Arc::clone(&socket);
    threads.push(thread::spawn(move || {
        if let Outcome::Done(message) = impatient.recv(&Looks::some()) {
            impatient.peer_sends(message);
        }
    }));
    let looking = Arc::clone(&socket);
    threads.push(thread::spawn(move || {
        if let Some(message) = looking.try_recv() {
            looking.peer_sends(message);
        }
    }));
    socket.peer_sends(0);
    socket.peer_sends(1);
    join_all(threads);
}

#[test]
fn every_receiver_gets_a_message_where_there_are_enough() {
    check(|| receivers_wait_for_ever(Fault::None));
}

#[test]
fn receivers_that_give_up_leave_the_others_their_messages() {
    check(|| some_give_up(Fault::None));
}

mutants! {
    a_driver_that_leaves_its_seat_in_silence_is_found:
        "deadlock" => receivers_wait_for_ever(Fault::LeavesInSilence),
    a_receiver_that_gives_up_and_forgets_that_it_was_signalled_is_found:
        "deadlock" => some_give_up(Fault::TimeoutPassesNothingOn),
}
