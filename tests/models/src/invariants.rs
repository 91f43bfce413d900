//! The invariants by name. They are looked at in every model without a fault, whenever a socket is unlocked; here with
//! faults that break them, one at a time. Nothing around the engine can break I3 in its state: what breaks it is that nobody
//! hears of it, and the mutants of `handoff` do that.

use shuttle::sync::Arc;
use shuttle::thread;

use crate::background;
use crate::check::check;
use crate::host::{Fault, Looks, Socket};
use crate::kernel::Transport;

/// Three receive, of whom one gives up now and then, while another sends; the background thread does what is left.
fn everything_happens(transport: Transport, fault: Fault) {
    let socket = Socket::looked_at(transport, 1, fault);
    let background = background::start(&socket);
    let patient = [(); 2].map(|()| {
        let socket = Arc::clone(&socket);
        thread::spawn(move || _ = socket.recv(&Looks::FOREVER))
    });
    let impatient = Arc::clone(&socket);
    let impatient = thread::spawn(move || _ = impatient.recv(&Looks::some()));
    let sender = Arc::clone(&socket);
    let sender = thread::spawn(move || (0..3).for_each(|message| _ = sender.send(message, &Looks::some())));
    (0..4).for_each(|message| socket.peer_sends(message));
    for thread in patient.into_iter().chain([impatient, sender]) {
        thread.join().expect("it ends");
    }
    background::stop(&socket, background);
}

#[test]
fn i1_to_i4_hold_whenever_a_socket_is_unlocked() {
    check(|| everything_happens(Transport::Stream, Fault::None));
    check(|| everything_happens(Transport::Messages, Fault::None));
}

#[test]
#[should_panic(expected = "I1 is broken")]
fn i1_a_message_that_nobody_was_signalled_for_is_found() {
    check(|| everything_happens(Transport::Stream, Fault::AnnouncedOnLeaving));
}

#[test]
#[should_panic(expected = "I1 is broken")]
fn i1_a_second_message_that_is_kept_secret_is_found() {
    check(|| everything_happens(Transport::Stream, Fault::MoreIsKeptSecret));
}

/// What I2 says is how I1 is kept when somebody gives up, so that is where it shows.
#[test]
#[should_panic(expected = "I1 is broken")]
fn i2_a_signal_that_is_not_passed_on_is_found() {
    check(|| everything_happens(Transport::Stream, Fault::TimeoutPassesNothingOn));
}

#[test]
#[should_panic(expected = "I4 is broken")]
fn i4_a_paused_pipe_that_nobody_reads_on_is_found() {
    check(|| everything_happens(Transport::Stream, Fault::ResumesInSecret));
}
