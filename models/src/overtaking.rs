//! A sender that waits is overtaken by one that does not, and then no more.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::background;
use crate::check::check;
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;

/// Messages of each of those who send without pause, who all wait as long as it takes.
const MESSAGES: u32 = 4;

/// Two senders without pause, and some that send one message; the peer takes one at a time.
fn senders_overtake_one_another(calm: fn() -> Looks, fault: Fault) {
    let socket = Socket::new(Transport::Stream, 1, fault);
    let background = background::start(&socket);
    let hot = (0..2).map(|sender| {
        let socket = Arc::clone(&socket);
        thread::spawn(move || {
            for message in 0..MESSAGES {
                let sent = socket.send(sender * 10 + message, &Looks::FOREVER);
                assert_eq!(sent, Outcome::Done(()));
            }
            0
        })
    });
    let calm = (0..2).map(|sender| {
        let socket = Arc::clone(&socket);
        thread::spawn(move || u32::from(socket.send(100 + sender, &calm()) == Outcome::Timeout))
    });
    let senders: Vec<_> = hot.collect::<Vec<_>>().into_iter().chain(calm.collect::<Vec<_>>()).collect();
    let all = 2 * MESSAGES as usize + 2;
    for _ in 1..all {
        socket.peer_takes(1);
    }
    let given_up: u32 = senders.into_iter().map(|sender| sender.join().expect("a sender ends")).sum();
    let got = socket.kernel.wait_for_peer(all - given_up as usize);
    background::stop(&socket, background);
    assert_eq!(got.len(), all - given_up as usize);
    socket.assert_emptied();
}

#[test]
fn whoever_was_overtaken_goes_first_and_all_get_room() {
    check(|| senders_overtake_one_another(|| Looks::FOREVER, Fault::None));
}

#[test]
fn one_that_goes_first_and_gives_up_holds_up_nobody() {
    check(|| senders_overtake_one_another(Looks::some, Fault::None));
}

#[test]
#[should_panic(expected = "one that goes first is overtaken")]
fn one_that_overtakes_for_ever_is_found() {
    check(|| senders_overtake_one_another(|| Looks::FOREVER, Fault::Overtakes));
}

#[test]
#[should_panic(expected = "deadlock")]
fn one_that_gives_up_and_goes_on_to_go_first_is_found() {
    check(|| senders_overtake_one_another(Looks::some, Fault::KeepsThePriority));
}
