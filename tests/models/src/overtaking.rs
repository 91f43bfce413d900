//! A sender that waits is overtaken by one that does not, and then no more. One that lacks memory for a large message lets small
//! ones pass.

use crate::background;
use crate::check::{check, mutants, spawn};
use crate::executor::send;
use crate::host::{Fault, LARGE, LARGE_SIZE, Looks, Outcome, Socket};
use crate::kernel::Transport;

/// Messages of each of those who send without pause, who all wait as long as it takes.
const MESSAGES: u32 = 4;

/// Two senders without pause, and some that send one message; the peer takes one at a time.
fn senders_overtake_one_another(calm: fn() -> Looks, fault: Fault) {
    let socket = Socket::new(Transport::Stream, 1, fault);
    let background = background::start(&socket);
    let hot = (0..2).map(|sender| {
        spawn(&socket, move |socket| {
            for message in 0..MESSAGES {
                let sent = socket.send(sender * 10 + message, &Looks::FOREVER);
                assert_eq!(sent, Outcome::Done(()));
            }
            0
        })
    });
    let calm = (0..2).map(|sender| {
        spawn(&socket, move |socket| u32::from(socket.send(100 + sender, &calm()) == Outcome::Timeout))
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

/// A large message waits for memory, and two small ones, a thread and a future. What comes back is enough for the small ones, one after the
/// other, and in the end for the large one if that still waits.
fn a_large_one_lacks_memory(large: fn() -> Looks, fault: Fault) {
    let socket = Socket::new(Transport::Stream, 4, fault);
    socket.limit_memory(0);
    let background = background::start(&socket);
    let large = spawn(&socket, move |socket| usize::from(socket.send(LARGE, &large()) == Outcome::Done(())));
    let small = spawn(&socket, move |socket| assert_eq!(socket.send(1, &Looks::FOREVER), Outcome::Done(())));
    let future = send(&socket, 2);
    (0..2).for_each(|_| socket.give_memory(1));
    small.join().expect("it ends");
    assert_eq!(future.join().expect("it ends"), Outcome::Done(()));
    socket.give_memory(LARGE_SIZE);
    let count = 2 + large.join().expect("it ends");
    let got = socket.kernel.wait_for_peer(count);
    background::stop(&socket, background);
    assert_eq!(got.len(), count);
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
fn small_messages_pass_a_large_one_that_lacks_memory() {
    check(|| a_large_one_lacks_memory(|| Looks::FOREVER, Fault::None));
}

#[test]
fn a_large_one_that_lacks_memory_and_gives_up_holds_up_no_small_ones() {
    check(|| a_large_one_lacks_memory(Looks::some, Fault::None));
}

mutants! {
    one_that_overtakes_for_ever_is_found:
        "one that goes first is overtaken" =>
            senders_overtake_one_another(|| Looks::FOREVER, Fault::Overtakes),
    one_that_gives_up_and_goes_on_to_go_first_is_found:
        "deadlock" => senders_overtake_one_another(Looks::some, Fault::KeepsThePriority),
    a_large_one_that_passes_no_notice_on_is_found:
        "deadlock" => a_large_one_lacks_memory(|| Looks::FOREVER, Fault::LacksInSecret),
    a_large_one_that_bars_small_ones_is_found:
        "deadlock" => a_large_one_lacks_memory(|| Looks::FOREVER, Fault::BarsAll),
    a_large_one_that_gives_up_and_keeps_its_notice_is_found:
        "deadlock" => a_large_one_lacks_memory(Looks::some, Fault::TimeoutPassesNothingOn),
}
