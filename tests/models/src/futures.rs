//! Futures beside blocking callers. Each is polled by a thread of its own, which is its executor: it polls when it is woken,
//! or gives up.

use std::sync::Arc as Plain;
use std::task::{Wake, Waker};

use shuttle::sync::Arc;
use shuttle::thread::{self, JoinHandle, Thread};

use crate::background;
use crate::check::{check, pause, perhaps};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;
use crate::wait::poll_wait::WaitSlot;

/// Wakes the thread that polls.
struct Executor(Thread);

impl Wake for Executor {
    fn wake(self: Plain<Self>) {
        self.0.unpark();
    }
}

fn waker() -> Waker {
    Plain::new(Executor(thread::current())).into()
}

/// Polls until it is done.
fn run<T>(mut poll: impl FnMut(&Waker) -> Option<T>) -> T {
    let waker = waker();
    loop {
        if let Some(done) = poll(&waker) {
            return done;
        }
        thread::park();
    }
}

fn receive(socket: &Arc<Socket>) -> JoinHandle<Outcome<u32>> {
    let socket = Arc::clone(socket);
    thread::spawn(move || {
        let mut slot = WaitSlot::default();
        run(|waker| socket.poll_recv(&mut slot, waker))
    })
}

fn send(socket: &Arc<Socket>, message: u32) -> JoinHandle<Outcome<()>> {
    let socket = Arc::clone(socket);
    thread::spawn(move || {
        let mut slot = WaitSlot::default();
        run(|waker| socket.poll_send(&mut slot, waker, message))
    })
}

/// Polls once or twice, and drops the future; what it got it gives back.
fn give_up(socket: &Arc<Socket>) -> JoinHandle<()> {
    let socket = Arc::clone(socket);
    thread::spawn(move || {
        let mut slot = WaitSlot::default();
        let got = socket.poll_recv(&mut slot, &waker());
        pause();
        let again = got.is_none() && perhaps();
        let got = if again { socket.poll_recv(&mut slot, &waker()) } else { got };
        pause();
        socket.leave(&mut slot);
        if let Some(Outcome::Done(message)) = got {
            socket.peer_sends(message);
        }
    })
}

fn end<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("it ends")
}

/// Two futures, and a thread if there is one, receive a message each.
fn receivers_wait(transport: Transport, with_thread: bool, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let background = background::start(&socket);
    let futures = [receive(&socket), receive(&socket)];
    let beside = Arc::clone(&socket);
    let thread = with_thread.then(|| thread::spawn(move || beside.recv(&Looks::FOREVER)));
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
    let beside = Arc::clone(&socket);
    let thread = thread::spawn(move || beside.recv(&Looks::FOREVER));
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
    let moved = Arc::clone(&socket);
    let second = thread::spawn(move || {
        early.unwrap_or_else(|| {
            run(|own| {
                let waker = if fault == Fault::KeepsTheFirstWaker { &first } else { own };
                moved.poll_recv(&mut slot, waker)
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
    let beside = Arc::clone(&socket);
    let thread = thread::spawn(move || beside.send(3, &Looks::FOREVER));
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
    let beside = Arc::clone(&socket);
    let thread = thread::spawn(move || beside.recv(&Looks::FOREVER));
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
#[should_panic(expected = "deadlock")]
fn futures_of_which_the_background_thread_does_not_hear_are_found() {
    check(|| receivers_wait(Transport::Stream, true, Fault::ServedInSecret));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_pipe_that_nobody_resumes_is_found() {
    check(|| receivers_wait(Transport::Stream, true, Fault::NotesAreLeft));
}

#[test]
fn futures_that_are_dropped_leave_the_others_their_messages() {
    check(|| some_are_dropped(Fault::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_dropped_future_that_keeps_its_signal_is_found() {
    check(|| some_are_dropped(Fault::DropPassesNothingOn));
}

#[test]
fn the_executor_that_polled_last_is_woken() {
    check(|| a_future_moves(Fault::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_waker_that_is_not_replaced_is_found() {
    check(|| a_future_moves(Fault::KeepsTheFirstWaker));
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
