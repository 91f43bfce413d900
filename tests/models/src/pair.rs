//! One driver, and callers who wait for different things.

use crate::check::{check, join_all, mutants, spawn};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

/// A sender waits for room that comes only when the receivers have had everything. The inbox holds less than that.
fn wants_differ(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let sender = spawn(&socket, move |socket| {
        for message in 0..3 {
            assert_eq!(socket.send(message, &Looks::FOREVER), Outcome::Done(()));
        }
    });
    let receivers: Vec<_> = (0..2)
        .map(|_| {
            spawn(&socket, move |socket| {
                for _ in 0..2 {
                    assert!(matches!(socket.recv(&Looks::FOREVER), Outcome::Done(_)));
                }
            })
        })
        .collect();
    for message in 0..4 {
        socket.peer_sends(message);
    }
    join_all(receivers);
    socket.peer_takes(3);
    sender.join().expect("the sender ends");
}

#[test]
fn a_driver_that_waits_for_room_delivers_to_those_who_receive() {
    check(|| wants_differ(Transport::Stream, Fault::None));
}

#[test]
fn the_same_where_notices_are_all_there_is() {
    check(|| wants_differ(Transport::Messages, Fault::None));
}

mutants! {
    a_driver_that_announces_only_when_it_leaves_is_found:
        "deadlock" => wants_differ(Transport::Stream, Fault::AnnouncedOnLeaving),
    a_receiver_that_keeps_to_itself_that_there_is_more_is_found:
        "deadlock" => wants_differ(Transport::Stream, Fault::MoreIsKeptSecret),
    a_paused_pipe_that_is_resumed_behind_the_drivers_back_is_found:
        "deadlock" => wants_differ(Transport::Stream, Fault::ResumingWakesNobody),
}
