//! Senders to a full pipe drop its oldest messages, while writers take them, are refused, and go on.

use crate::background;
use crate::check::{check, mutants, spawn};
use crate::host::{Fault, Socket};
use crate::kernel::Transport;

/// What a sender sends, and the last of it.
const MESSAGES: u32 = 4;

/// A sender to a pipe for two, of which the peer takes one message at a time, in a stream or not.
fn the_oldest_give_way(transport: Transport, streams: bool, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    if streams {
        socket.begin_stream();
    }
    let sender =
        spawn(&socket, move |socket| (1..=MESSAGES).for_each(|message| socket.send_displacing(message)));
    for _ in 0..MESSAGES {
        socket.peer_takes(1);
    }
    let got = socket.kernel.wait_for_peer_to_get(MESSAGES);
    sender.join().expect("the sender ends");
    background::stop(&socket, background);
    assert!(got.is_sorted_by(|before, after| before < after), "{got:?} are out of order");
    socket.assert_emptied();
}

#[test]
fn the_newest_message_always_leaves() {
    check(|| the_oldest_give_way(Transport::Stream, false, Fault::None));
    check(|| the_oldest_give_way(Transport::Stream, true, Fault::None));
}

#[test]
fn the_same_over_a_transport_that_gives_notice_once() {
    check(|| the_oldest_give_way(Transport::Messages, false, Fault::None));
    check(|| the_oldest_give_way(Transport::Messages, true, Fault::None));
}

mutants! {
    a_writer_that_leaves_nothing_to_drop_is_found:
        "deadlock" => the_oldest_give_way(Transport::Stream, false, Fault::TakesEverything),
}
