//! A socket closes under those who use it.

use crate::check::{check, mutants, spawn};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

fn a_socket_closes(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let receivers: Vec<_> =
        (0..2).map(|_| spawn(&socket, move |socket| socket.recv(&Looks::FOREVER))).collect();
    let sender = spawn(&socket, move |socket| {
        let outcomes: Vec<_> = (0..3).map(|message| socket.send(message, &Looks::FOREVER)).collect();
        assert!(outcomes.contains(&Outcome::Closed), "three messages in a pipe for two");
    });
    socket.close();
    for receiver in receivers {
        assert_eq!(receiver.join().expect("a receiver ends"), Outcome::Closed);
    }
    sender.join().expect("the sender ends");
}

#[test]
fn everybody_returns_from_a_socket_that_closes() {
    check(|| a_socket_closes(Transport::Stream, Fault::None));
    check(|| a_socket_closes(Transport::Messages, Fault::None));
}

/// A socket closes, and its pipe goes, while messages leave and come. Each that was sent has left or is dropped, and each that was
/// read is received or dropped.
fn a_socket_drops_what_it_counts(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 1, fault);
    let taker = spawn(&socket, move |socket| {
        // There are no more than two, and then it is closed.
        (0..3).take_while(|_| socket.recv(&Looks::FOREVER) != Outcome::Closed).count()
    });
    let sender = spawn(&socket, move |socket| {
        (0..3).filter(|message| socket.send(*message, &Looks::FOREVER) == Outcome::Done(())).count()
    });
    let peer = spawn(&socket, move |socket| {
        (0..2).for_each(|message| socket.peer_sends(message));
        socket.peer_takes(1);
    });
    let unsent = socket.close_and_drop();
    let [received, sent] = [taker, sender].map(|user| user.join().expect("a user ends"));
    peer.join().expect("the peer ends");
    let (left, unread) = socket.kernel.outcome();
    assert_eq!(sent, left.len() + unsent, "what was sent has left or is counted as dropped");
    assert_eq!(2 - unread, received + socket.unreceived(), "what was read is received or counted");
    assert!(!socket.keeps_its_pipe(), "a driver keeps a pipe of a socket that is over");
}

#[test]
fn what_a_closing_socket_drops_is_counted_and_the_rest_delivered() {
    check(|| a_socket_drops_what_it_counts(Transport::Stream, Fault::None));
    check(|| a_socket_drops_what_it_counts(Transport::Messages, Fault::None));
}

mutants! {
    what_is_counted_as_dropped_while_it_is_written_is_found:
        "what was sent has left or is counted as dropped" =>
            a_socket_drops_what_it_counts(Transport::Stream, Fault::CountedWhileWritten),
    what_waits_to_be_received_and_is_dropped_in_secret_is_found:
        "what was read is received or counted" =>
            a_socket_drops_what_it_counts(Transport::Stream, Fault::UnreceivedInSecret),
    a_message_that_is_read_while_the_socket_closes_and_thrown_away_is_found:
        "what was read is received or counted" =>
            a_socket_drops_what_it_counts(Transport::Stream, Fault::ReadAndThrownAway),
    a_driver_that_comes_back_with_what_it_had_is_found:
        "a driver keeps a pipe" =>
            a_socket_drops_what_it_counts(Transport::Stream, Fault::DriverKeepsItsPipes),
    a_driver_asleep_while_the_socket_closes_is_found:
        "deadlock" => a_socket_closes(Transport::Stream, Fault::CloseForgetsTheDriver),
    waiters_woken_before_there_is_anything_to_see_are_found:
        "deadlock" => a_socket_closes(Transport::Stream, Fault::WokenBeforeClosed),
}
