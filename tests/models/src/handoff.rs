//! A caller leaves the seat, and the background thread sees to it that the socket is served.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::background;
use crate::check::{check, pause};
use crate::host::{Fault, Looks, Socket};
use crate::kernel::Transport;

/// Callers come and go; what arrives at any time is read by somebody.
fn callers_come_and_go(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let caller = Arc::clone(&socket);
    let caller = thread::spawn(move || {
        let _ = caller.try_recv();
        pause();
        let _ = caller.recv(&Looks::some());
    });
    let peer = Arc::clone(&socket);
    let peer = thread::spawn(move || {
        for message in 0..2 {
            peer.peer_sends(message);
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

#[test]
#[should_panic(expected = "deadlock")]
fn handing_off_in_secret_is_found() {
    check(|| callers_come_and_go(Transport::Stream, Fault::HandedOffInSecret));
}

#[test]
#[should_panic(expected = "deadlock")]
fn handing_off_in_secret_is_found_where_notices_are_all_there_is() {
    check(|| callers_come_and_go(Transport::Messages, Fault::HandedOffInSecret));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_socket_taken_over_and_not_watched_is_found() {
    check(|| callers_come_and_go(Transport::Stream, Fault::TakenOverUnwatched));
}

#[test]
#[should_panic(expected = "deadlock")]
fn leftovers_that_wait_for_an_event_are_found() {
    check(|| callers_come_and_go(Transport::Stream, Fault::LeftoversAreForgotten));
}
