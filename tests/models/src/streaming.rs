//! While a socket streams, senders leave what is little to the flush intervals of the background thread.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::background;
use crate::check::check;
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

/// Two senders in the middle of a stream, whose last intervals may come at any time.
fn senders_stream(transport: Transport, room: usize, fault: Fault) {
    let socket = Socket::new(transport, room, fault);
    let background = background::start(&socket);
    socket.begin_stream();
    let senders: Vec<_> = (0..2)
        .map(|sender| {
            let socket = Arc::clone(&socket);
            thread::spawn(move || {
                for message in [sender * 10, sender * 10 + 1] {
                    assert_eq!(socket.send(message, &Looks::FOREVER), Outcome::Done(()));
                }
            })
        })
        .collect();
    for _ in room..4 {
        socket.peer_takes(1);
    }
    let got = socket.kernel.wait_for_peer(4);
    for sender in senders {
        sender.join().expect("a sender ends");
    }
    background::stop(&socket, background);
    assert_eq!(got.len(), 4);
    socket.assert_emptied();
}

#[test]
fn every_tail_leaves_and_a_stream_that_ends_leaves_nothing_behind() {
    check(|| senders_stream(Transport::Stream, 1, Fault::None));
    check(|| senders_stream(Transport::Stream, 4, Fault::None));
}

#[test]
fn the_same_over_a_transport_that_gives_notice_once() {
    check(|| senders_stream(Transport::Messages, 1, Fault::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_stream_without_flush_intervals_is_found() {
    check(|| senders_stream(Transport::Stream, 4, Fault::NoNaps));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_small_rest_that_is_listed_nowhere_is_found_in_a_stream() {
    check(|| senders_stream(Transport::Stream, 1, Fault::RestOfAnUnlistedPipe));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_blocked_pipe_that_believes_it_is_listed_is_found() {
    check(|| senders_stream(Transport::Stream, 1, Fault::ListedNowhere));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_pipe_that_is_left_to_the_stream_and_not_listed_is_found() {
    check(|| senders_stream(Transport::Stream, 4, Fault::LeftUnlisted));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_pipe_that_is_left_to_a_stream_that_has_ended_is_found() {
    check(|| senders_stream(Transport::Stream, 4, Fault::LeftToNoStream));
}
