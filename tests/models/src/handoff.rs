//! A caller leaves the seat, and the background thread sees to it that the socket is served.

use crate::background;
use crate::check::{check, mutants, pause, spawn};
use crate::host::{Fault, Looks, Socket};
use crate::kernel::Transport;

/// Callers come and go; what arrives at any time is read by somebody.
fn callers_come_and_go(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let caller = spawn(&socket, move |socket| {
        let _ = socket.try_recv();
        pause();
        let _ = socket.recv(&Looks::some());
    });
    let peer = spawn(&socket, move |socket| {
        for message in 0..2 {
            socket.peer_sends(message);
            pause();
        }
    });
    socket.wait_for_delivery(2);
    caller.join().expect("the caller ends");
    peer.join().expect("the peer ends");
    background::stop(&socket, background);
}

#[test]
fn what_arrives_when_the_callers_have_gone_is_read() {
    check(|| callers_come_and_go(Transport::Stream, Fault::None));
    check(|| callers_come_and_go(Transport::Messages, Fault::None));
}

mutants! {
    handing_off_in_secret_is_found:
        "deadlock" => callers_come_and_go(Transport::Stream, Fault::HandedOffInSecret),
    handing_off_in_secret_is_found_where_notices_are_all_there_is:
        "deadlock" => callers_come_and_go(Transport::Messages, Fault::HandedOffInSecret),
    a_socket_taken_over_and_not_watched_is_found:
        "deadlock" => callers_come_and_go(Transport::Stream, Fault::TakenOverUnwatched),
    leftovers_that_wait_for_an_event_are_found:
        "deadlock" => callers_come_and_go(Transport::Stream, Fault::LeftoversAreForgotten),
}
