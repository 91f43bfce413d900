//! Futures beside blocking callers.

use shuttle::thread::JoinHandle;

use crate::background;
use crate::check::{check, mutants, spawn};
use crate::executor::{give_up, receive, run, send, waker};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;
use crate::wait::poll_wait::WaitSlot;

fn end<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("it ends")
}

/// Two futures, and a thread if there is one, receive a message each.
fn receivers_wait(transport: Transport, with_thread: bool, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let futures = [receive(&socket), receive(&socket)];
    let thread = with_thread.then(|| spawn(&socket, |socket| socket.recv(&Looks::FOREVER)));
    for message in 0..2 + u32::from(with_thread) {
        socket.peer_sends(message);
    }
    for receiver in futures.into_iter().chain(thread) {
        assert!(matches!(end(receiver), Outcome::Done(_)));
    }
    background::stop(&socket, background);
}

/// Of those who wait some drop their futures, signalled or not; one future and one thread do not.
fn some_are_dropped(fault: Fault) {
    let socket = Socket::new(Transport::Stream, 0, fault);
    let background = background::start(&socket);
    let dropped = [give_up(&socket), give_up(&socket)];
    let future = receive(&socket);
    let thread = spawn(&socket, move |socket| socket.recv(&Looks::FOREVER));
    socket.peer_sends(0);
    socket.peer_sends(1);
    dropped.into_iter().for_each(end);
    assert!(matches!(end(future), Outcome::Done(_)));
    assert!(matches!(end(thread), Outcome::Done(_)));
    background::stop(&socket, background);
}

/// A future is polled by one executor, and then moves to another.
fn a_future_moves(fault: Fault) {
    let socket = Socket::new(Transport::Stream, 0, fault);
    let background = background::start(&socket);
    let mut slot = WaitSlot::default();
    let first = waker();
    let early = socket.poll_recv(&mut slot, &first);
    let second = spawn(&socket, move |socket| {
        early.unwrap_or_else(|| {
            run(|own| {
                let waker = if fault == Fault::KeepsTheFirstWaker { &first } else { own };
                socket.poll_recv(&mut slot, waker)
            })
        })
    });
    socket.peer_sends(0);
    assert_eq!(end(second), Outcome::Done(0));
    background::stop(&socket, background);
}

/// Two futures and a thread send a message each and another, in a pipe for two; the peer takes one at a time.
fn senders_wait(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 1, fault);
    let background = background::start(&socket);
    let senders = [send(&socket, 0), send(&socket, 1), send(&socket, 2)];
    let thread = spawn(&socket, move |socket| socket.send(3, &Looks::FOREVER));
    for _ in 1..4 {
        socket.peer_takes(1);
    }
    let mut got = socket.kernel.wait_for_peer(4);
    for sender in senders.into_iter().chain([thread]) {
        assert_eq!(end(sender), Outcome::Done(()));
    }
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2, 3], "each message leaves once");
    background::stop(&socket, background);
    socket.assert_emptied();
}

fn a_socket_closes(fault: Fault) {
    let socket = Socket::new(Transport::Stream, 0, fault);
    let background = background::start(&socket);
    let receivers = [receive(&socket), receive(&socket)];
    let thread = spawn(&socket, move |socket| socket.recv(&Looks::FOREVER));
    let senders: Vec<_> = (0..3).map(|message| send(&socket, message)).collect();
    socket.close();
    for receiver in receivers.into_iter().chain([thread]) {
        assert_eq!(end(receiver), Outcome::Closed);
    }
    for sender in senders {
        assert!(matches!(end(sender), Outcome::Done(()) | Outcome::Closed));
    }
    background::stop(&socket, background);
}

#[test]
fn every_future_gets_a_message_with_no_thread_to_drive() {
    check(|| receivers_wait(Transport::Stream, false, Fault::None));
    check(|| receivers_wait(Transport::Messages, false, Fault::None));
}

#[test]
fn futures_and_threads_each_get_a_message() {
    check(|| receivers_wait(Transport::Stream, true, Fault::None));
    check(|| receivers_wait(Transport::Messages, true, Fault::None));
}

#[test]
fn futures_that_are_dropped_leave_the_others_their_messages() {
    check(|| some_are_dropped(Fault::None));
}

#[test]
fn the_executor_that_polled_last_is_woken() {
    check(|| a_future_moves(Fault::None));
}

#[test]
fn futures_and_threads_that_send_all_get_room() {
    check(|| senders_wait(Transport::Stream, Fault::None));
    check(|| senders_wait(Transport::Messages, Fault::None));
}

#[test]
fn futures_return_from_a_socket_that_closes() {
    check(|| a_socket_closes(Fault::None));
}

mutants! {
    futures_of_which_the_background_thread_does_not_hear_are_found:
        "deadlock" => receivers_wait(Transport::Stream, true, Fault::ServedInSecret),
    a_pipe_that_nobody_resumes_is_found:
        "deadlock" => receivers_wait(Transport::Stream, true, Fault::NotesAreLeft),
    a_dropped_future_that_keeps_its_signal_is_found:
        "deadlock" => some_are_dropped(Fault::DropPassesNothingOn),
    a_waker_that_is_not_replaced_is_found: "deadlock" => a_future_moves(Fault::KeepsTheFirstWaker),
}
