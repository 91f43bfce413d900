//! A socket closes under those who use it.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::check;
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

fn a_socket_closes(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let receivers: Vec<_> = (0..2)
        .map(|_| {
            let socket = Arc::clone(&socket);
            thread::spawn(move || socket.recv(&Looks::FOREVER))
        })
        .collect();
    let sender = Arc::clone(&socket);
    let sender = thread::spawn(move || {
        let outcomes: Vec<_> = (0..3).map(|message| sender.send(message, &Looks::FOREVER)).collect();
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

#[test]
#[should_panic(expected = "deadlock")]
fn a_driver_asleep_while_the_socket_closes_is_found() {
    check(|| a_socket_closes(Transport::Stream, Fault::CloseForgetsTheDriver));
}

#[test]
#[should_panic(expected = "deadlock")]
fn waiters_woken_before_there_is_anything_to_see_are_found() {
    check(|| a_socket_closes(Transport::Stream, Fault::WokenBeforeClosed));
}
