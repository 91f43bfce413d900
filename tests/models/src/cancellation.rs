//! A device is stopped while it waits, or one of its sockets closes while it waits at the other.

use std::sync::Arc as StdArc;

use shuttle::sync::Arc;
use shuttle::thread;

use crate::check::{check, mutants, spawn};
use crate::host::{Fault, Looks, Outcome, Socket};
use crate::kernel::Transport;
use crate::sys::sync::Flag;
use crate::wait::close_hooks::{CloseHook, CloseHooks};

/// One waits for a message and one for room, both of a device, and a third who is none of its.
fn a_device_is_stopped(transport: Transport, fault: Fault) {
    let socket = Socket::new(transport, 0, fault);
    let off = Flag::default();
    let (receiver, its_off) = (Arc::clone(&socket), off.clone());
    let taking = thread::spawn(move || assert_eq!(receiver.recv_unless(&its_off), None));
    let (sender, its_off) = (Arc::clone(&socket), off.clone());
    let giving = thread::spawn(move || {
        let given = (0..3).filter(|message| sender.send_unless(*message, &its_off)).count();
        assert!(given < 3, "three messages in a pipe for two");
    });
    let other = spawn(&socket, move |socket| assert_eq!(socket.recv(&Looks::FOREVER), Outcome::Done(7)));
    socket.cancel_waits(&off);
    taking.join().expect("who takes ends");
    giving.join().expect("who gives ends");
    socket.peer_sends(7);
    other.join().expect("who has nothing to do with it gets his message");
}

fn the_other_socket_closes(fault: Fault) {
    let [front, back] = [(); 2].map(|()| Socket::new(Transport::Stream, 0, Fault::None));
    let hooks = Arc::new(CloseHooks::default());
    let (closes, runs) = (Arc::clone(&back), Arc::clone(&hooks));
    let closing = thread::spawn(move || {
        closes.close();
        runs.run();
    });
    let off = Flag::default();
    let (waits, its_flag) = (Arc::clone(&front), off.clone());
    let hook: StdArc<CloseHook> = StdArc::new(move || waits.cancel_waits(&its_flag));
    let looked = back.is_closed();
    hooks.add(&hook);
    if if fault == Fault::LooksBeforeTheHookIsAdded { looked } else { back.is_closed() } {
        hook();
    }
    assert_eq!(front.recv_unless(&off), None);
    closing.join().expect("the other is closed");
}

#[test]
fn who_is_cancelled_ends_and_others_go_on() {
    check(|| a_device_is_stopped(Transport::Stream, Fault::None));
    check(|| a_device_is_stopped(Transport::Messages, Fault::None));
}

#[test]
fn who_waits_at_one_socket_ends_when_the_other_closes() {
    check(|| the_other_socket_closes(Fault::None));
}

mutants! {
    a_wake_before_the_call_is_cancelled_is_found:
        "deadlock" => a_device_is_stopped(Transport::Stream, Fault::WokenBeforeCancelled),
    a_driver_that_is_not_told_is_found:
        "deadlock" => a_device_is_stopped(Transport::Stream, Fault::CancellationForgetsTheDriver),
    a_look_at_the_other_socket_before_the_hook_is_added_is_found:
        "deadlock" => the_other_socket_closes(Fault::LooksBeforeTheHookIsAdded),
}
