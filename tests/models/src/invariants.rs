//! The invariants by name. They are looked at in every model without a fault, whenever a socket is unlocked; here with
//! faults that break them, one at a time. Nothing around the engine can break I3 in its state: what breaks it is that nobody
//! hears of it, and the mutants of `handoff` do that.

use crate::background;
use crate::check::{check, join_all, mutants, spawn};
use crate::host::{Fault, Looks, Socket};
use crate::kernel::Transport;

/// Three receive, of whom one gives up now and then, while another sends; the background thread does what is left.
fn everything_happens(transport: Transport, fault: Fault) {
    let socket = Socket::looked_at(transport, 1, fault);
    let background = background::start(&socket);
    let patient = [(); 2].map(|()| spawn(&socket, move |socket| _ = socket.recv(&Looks::FOREVER)));
    let impatient = spawn(&socket, move |socket| _ = socket.recv(&Looks::some()));
    let sender =
        spawn(&socket, move |socket| (0..3).for_each(|message| _ = socket.send(message, &Looks::some())));
    (0..4).for_each(|message| socket.peer_sends(message));
    join_all(patient.into_iter().chain([impatient, sender]));
    background::stop(&socket, background);
}

#[test]
fn i1_to_i4_hold_whenever_a_socket_is_unlocked() {
    check(|| everything_happens(Transport::Stream, Fault::None));
    check(|| everything_happens(Transport::Messages, Fault::None));
}

mutants! {
    i1_a_message_that_nobody_was_signalled_for_is_found:
        "I1 is broken" => everything_happens(Transport::Stream, Fault::AnnouncedOnLeaving),
    i1_a_second_message_that_is_kept_secret_is_found:
        "I1 is broken" => everything_happens(Transport::Stream, Fault::MoreIsKeptSecret),
    // What I2 says is how I1 is kept when somebody gives up, so that is where it shows.
    i2_a_signal_that_is_not_passed_on_is_found:
        "I1 is broken" => everything_happens(Transport::Stream, Fault::TimeoutPassesNothingOn),
    i4_a_paused_pipe_that_nobody_reads_on_is_found:
        "I4 is broken" => everything_happens(Transport::Stream, Fault::ResumesInSecret),
}
