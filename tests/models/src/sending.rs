//! Senders fill a pipe of which the system takes little at a time.

use shuttle::sync::Arc;
use shuttle::thread::JoinHandle;

use crate::background;
use crate::check::{check, join_all, mutants, spawn};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

/// So many senders of two messages each.
pub(crate) fn senders(socket: &Arc<Socket>, count: u32) -> Vec<JoinHandle<()>> {
    let start = |sender| {
        spawn(socket, move |socket| {
            for message in [sender * 10, sender * 10 + 1] {
                assert_eq!(socket.send(message, &Looks::FOREVER), Outcome::Done(()));
            }
        })
    };
    (0..count).map(start).collect()
}

/// Three senders of two messages each, in a pipe for two; the peer takes one at a time.
fn senders_wait_for_room(transport: Transport, room: usize, fault: Fault) {
    let socket = Socket::new(transport, room, fault);
    let background = background::start(&socket);
    let senders = senders(&socket, 3);
    for _ in room..6 {
        socket.peer_takes(1);
    }
    let mut got = socket.kernel.wait_for_peer(6);
    join_all(senders);
    background::stop(&socket, background);
    assert!((0..3).all(|sender| {
        let of_sender: Vec<_> = got.iter().filter(|message| **message / 10 == sender).collect();
        of_sender.is_sorted()
    }));
    got.sort_unstable();
    assert_eq!(got, [0, 1, 10, 11, 20, 21], "each message leaves once");
    socket.assert_emptied();
}

/// A sender is refused while another drives, and there is room again but once.
fn room_comes_once(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let driver = spawn(&socket, move |socket| socket.recv(&Looks::FOREVER));
    let sender = spawn(&socket, move |socket| socket.send(1, &Looks::FOREVER));
    socket.peer_takes(1);
    assert_eq!(socket.kernel.wait_for_peer(1), [1]);
    socket.peer_sends(2);
    assert_eq!(driver.join().expect("the driver ends"), Outcome::Done(2));
    assert_eq!(sender.join().expect("the sender ends"), Outcome::Done(()));
    socket.assert_emptied();
}

#[test]
fn word_of_room_that_comes_once_is_heard() {
    check(|| room_comes_once(Transport::Stream, Fault::None));
    check(|| room_comes_once(Transport::Messages, Fault::None));
}

#[test]
fn every_sender_gets_room_and_everything_leaves() {
    check(|| senders_wait_for_room(Transport::Stream, 1, Fault::None));
}

#[test]
fn every_sender_gets_room_that_other_senders_make() {
    check(|| senders_wait_for_room(Transport::Stream, 6, Fault::None));
}

#[test]
fn the_same_over_a_transport_that_gives_notice_once() {
    check(|| senders_wait_for_room(Transport::Messages, 1, Fault::None));
}

#[test]
fn the_same_over_a_transport_with_a_buffer_of_its_own() {
    check(|| senders_wait_for_room(Transport::Buffering, 1, Fault::None));
    check(|| room_comes_once(Transport::Buffering, Fault::None));
}

mutants! {
    a_buffer_that_nobody_flushes_is_found:
        "deadlock" => room_comes_once(Transport::Buffering, Fault::BuffersAreForgotten),
    a_pipe_marked_after_the_edge_was_asked_for_is_found:
        "deadlock" => room_comes_once(Transport::Stream, Fault::AskedBeforeMarked),
    a_notice_of_room_before_the_mark_is_found_lost:
        "deadlock" => room_comes_once(Transport::Messages, Fault::NoSecondTry),
    a_small_rest_that_is_listed_nowhere_is_found:
        "deadlock" => senders_wait_for_room(Transport::Stream, 1, Fault::RestOfAnUnlistedPipe),
    room_that_is_kept_secret_is_found:
        "deadlock" => senders_wait_for_room(Transport::Stream, 1, Fault::RoomIsKeptSecret),
    room_that_only_the_edge_tells_of_is_found:
        "deadlock" => senders_wait_for_room(Transport::Stream, 6, Fault::OnlyTheEdgeTells),
}
