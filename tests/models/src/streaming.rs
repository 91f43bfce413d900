//! While a socket streams, senders leave what is little to the flush intervals of the background thread.

use crate::background;
use crate::check::{check, join_all, mutants};
use crate::host::{Fault, Socket};
use crate::kernel::Transport;
use crate::sending::senders;

/// Two senders in the middle of a stream, whose last intervals may come at any time.
fn senders_stream(transport: Transport, room: usize, fault: Fault) {
    let socket = Socket::new(transport, room, fault);
    let background = background::start(&socket);
    socket.begin_stream();
    let senders = senders(&socket, 2);
    for _ in room..4 {
        socket.peer_takes(1);
    }
    let got = socket.kernel.wait_for_peer(4);
    join_all(senders);
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

mutants! {
    a_stream_without_flush_intervals_is_found:
        "deadlock" => senders_stream(Transport::Stream, 4, Fault::NoNaps),
    a_small_rest_that_is_listed_nowhere_is_found_in_a_stream:
        "deadlock" => senders_stream(Transport::Stream, 1, Fault::RestOfAnUnlistedPipe),
    a_blocked_pipe_that_believes_it_is_listed_is_found:
        "deadlock" => senders_stream(Transport::Stream, 1, Fault::ListedNowhere),
    a_pipe_that_is_left_to_the_stream_and_not_listed_is_found:
        "deadlock" => senders_stream(Transport::Stream, 4, Fault::LeftUnlisted),
    a_pipe_that_is_left_to_a_stream_that_has_ended_is_found:
        "deadlock" => senders_stream(Transport::Stream, 4, Fault::LeftToNoStream),
}
