//! The rendezvous and the queues under a model checker that tries many interleavings of their threads.
//!
//! The threads here live by edges alone: one that is not told waits for ever, which the checker reports as a deadlock.
//! Each model has mutants in which an edge is taken away on purpose, and which must fail.
#![expect(clippy::unwrap_used, reason = "a failure to unwrap is a failure of the test")]

mod sync {
    pub(crate) use shuttle::sync::{Arc, Mutex, MutexGuard, PoisonError};
}
#[path = "../../src/end.rs"]
mod end;
#[path = "../../src/queue.rs"]
mod queue;
#[path = "../../src/rendezvous.rs"]
mod rendezvous;

mod ends;

use std::collections::VecDeque;
use std::io;

use hubless_transport::{Link, Messages, Readiness};
use shuttle::thread;

use end::End;
use ends::{
    DIALER, Edges, MANY, NAME, Seen, accept, accept_silently, bind, check, dial, establish, mutants,
    numbered, receive, send, would_block,
};
use queue::MOST_MESSAGES;
use rendezvous::Namespace;
use sync::Arc;

/// A dialer and a listener that come in any order, and more messages both ways than the queues hold.
fn conversation(lost_by_dialer: usize, lost_by_acceptor: usize, lost_by_listener: usize) {
    let namespace = Arc::new(Namespace::default());
    let listening = thread::spawn({
        let namespace = Arc::clone(&namespace);
        move || {
            let calls = Edges::losing(lost_by_listener);
            bind(&namespace, &calls);
            let edges = Edges::losing(lost_by_acceptor);
            let end = accept(&namespace, &calls);
            edges.watch(&end);
            assert_eq!((&*end.offered(), receive(&end, &edges)), (DIALER, usize::from(MANY)));
            send(&end, &edges, numbered(MANY)).expect("the dialer is there");
            namespace.unbind(NAME);
        }
    });
    let edges = Edges::losing(lost_by_dialer);
    let end = dial(&namespace);
    edges.watch(&end);
    establish(&end, &edges);
    send(&end, &edges, numbered(MANY)).expect("the listener is there");
    end.shutdown();
    assert_eq!(receive(&end, &edges), usize::from(MANY));
    drop(end);
    listening.join().unwrap();
    assert_eq!(format!("{namespace:?}"), "{}", "no name is left behind");
}

#[test]
fn whoever_comes_first_both_are_connected_and_hear_everything() {
    check(|| conversation(0, 0, 0));
}

/// Both ends change to other edges while messages and room come and go. `reports` is whether the new edges hear of
/// what is ready at the change.
fn moving(reports: bool) {
    let change = move |end: &End, edges: &Arc<Edges>| {
        edges.watch(end);
        if !reports {
            *edges.seen.lock().unwrap() = Seen::default();
        }
    };
    let namespace = Arc::new(Namespace::default());
    namespace.bind(NAME).expect("the name is free");
    let sender = dial(&namespace);
    let receiver = accept(&namespace, &Edges::default());
    let receiving = thread::spawn(move || {
        let (before, after) = (Edges::losing(0), Edges::losing(0));
        before.watch(&receiver);
        before.await_edge(Readiness::Readable);
        change(&receiver, &after);
        after.await_edge(Readiness::Readable);
        assert_eq!(receive(&receiver, &after), usize::from(MANY));
    });
    let (before, after) = (Edges::losing(0), Edges::losing(0));
    before.watch(&sender);
    let mut packets = numbered(MANY);
    assert_eq!(sender.send(&mut packets).ok(), Some(MOST_MESSAGES));
    change(&sender, &after);
    // It was not served in full, so it is told, at the change or later.
    after.await_edge(Readiness::Writable);
    send(&sender, &after, packets).expect("the receiver is there");
    drop(sender);
    receiving.join().unwrap();
}

#[test]
fn changing_the_notifier_loses_no_edge() {
    check(|| moving(true));
}

/// Listeners and dialers that come and go: one listener leaves without accepting, one dialer hangs up. The
/// listener goes on until it has heard the lasting dialer, if it is `patient`.
fn comings_and_goings(patient: bool) {
    let namespace = Arc::new(Namespace::default());
    let fickle = thread::spawn({
        let namespace = Arc::clone(&namespace);
        move || drop(dial(&namespace))
    });
    let lasting = thread::spawn({
        let namespace = Arc::clone(&namespace);
        move || {
            let edges = Edges::losing(0);
            let end = dial(&namespace);
            edges.watch(&end);
            establish(&end, &edges);
            // A peer that leaves before it has read anything is an error, never silence.
            match send(&end, &edges, numbered(1)) {
                Ok(()) => end.shutdown(),
                Err(kind) => assert_eq!(kind, io::ErrorKind::BrokenPipe),
            }
            assert_eq!(receive(&end, &edges), 0);
        }
    });
    let edges = Edges::losing(0);
    bind(&namespace, &edges);
    assert_eq!(namespace.bind(NAME).map_err(|error| error.kind()), Err(io::ErrorKind::AddrInUse));
    namespace.unbind(NAME);
    bind(&namespace, &edges);
    loop {
        let end = accept(&namespace, &edges);
        let edges = Edges::losing(0);
        edges.watch(&end);
        if receive(&end, &edges) == 1 || !patient {
            break;
        }
    }
    namespace.unbind(NAME);
    fickle.join().unwrap();
    lasting.join().unwrap();
    assert_eq!(format!("{namespace:?}"), "{}", "no name and no caller is left behind");
}

#[test]
fn dialers_and_listeners_come_and_go_in_any_order() {
    check(|| comings_and_goings(true));
}

/// A dialer is taken and dropped without a word while it begins to wait for one.
fn turning_away(lost_by_dialer: usize) {
    let namespace = Arc::new(Namespace::default());
    let dialing = thread::spawn({
        let namespace = Arc::clone(&namespace);
        move || {
            let edges = Edges::losing(lost_by_dialer);
            let end = dial(&namespace);
            edges.watch(&end);
            loop {
                match would_block(end.establish()) {
                    Ok(greeted) => assert_eq!(greeted, None, "nobody greets"),
                    Err(kind) => return kind,
                }
                edges.await_edge(Readiness::Writable);
            }
        }
    });
    let calls = Edges::losing(0);
    bind(&namespace, &calls);
    drop(accept_silently(&namespace, &calls));
    assert_eq!(dialing.join().unwrap(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn a_dialer_that_is_turned_away_is_told() {
    check(|| turning_away(0));
}

/// The receiver leaves while the sender waits for room.
fn leaving(lost: usize) {
    let namespace = Arc::new(Namespace::default());
    namespace.bind(NAME).expect("the name is free");
    let sender = dial(&namespace);
    let receiver = accept(&namespace, &Edges::default());
    let sending = thread::spawn(move || {
        let edges = Edges::losing(lost);
        edges.watch(&sender);
        let outcome = send(&sender, &edges, numbered(MANY * 3));
        assert_eq!(outcome, Err(io::ErrorKind::BrokenPipe));
        assert_eq!(receive(&sender, &edges), 0, "the end, too");
    });
    let edges = Edges::losing(0);
    edges.watch(&receiver);
    let mut batch = VecDeque::new();
    while batch.is_empty() {
        if would_block(receiver.recv(&mut batch, 10)).expect("the sender is there").is_none() {
            edges.await_edge(Readiness::Readable);
        }
    }
    drop(receiver);
    sending.join().unwrap();
}

#[test]
fn a_sender_hears_that_its_peer_has_left() {
    check(|| leaving(0));
}

/// The receiver gives up while the sender sends: in one step, or with a last look before it hangs up.
fn stopping(in_one_step: bool) {
    let namespace = Arc::new(Namespace::default());
    namespace.bind(NAME).expect("the name is free");
    let sender = dial(&namespace);
    let receiver = accept(&namespace, &Edges::default());
    let sending = thread::spawn(move || {
        let edges = Edges::losing(0);
        edges.watch(&sender);
        let mut packets = numbered(MANY);
        while !packets.is_empty() {
            match would_block(sender.send(&mut packets)) {
                Ok(Some(_)) => {}
                Ok(None) => edges.await_edge(Readiness::Writable),
                Err(kind) => {
                    assert_eq!(kind, io::ErrorKind::BrokenPipe);
                    break;
                }
            }
        }
        usize::from(MANY) - packets.len()
    });
    let mut had = VecDeque::new();
    let _ = receiver.recv(&mut had, 10);
    if in_one_step {
        receiver.stop(&mut had);
    } else {
        let _ = receiver.recv(&mut had, usize::from(MANY));
    }
    drop(receiver);
    assert_eq!(sending.join().unwrap(), had.len(), "what was sent is received or handed over");
}

#[test]
fn what_was_sent_to_one_who_gives_up_is_handed_over() {
    check(|| stopping(true));
}

mutants! {
    mutant_a_dialer_that_is_not_told_of_its_listener_waits_for_ever: "deadlock" => conversation(1, 0, 0),
    mutant_a_dialer_that_is_not_told_of_room_waits_for_ever: "deadlock" => conversation(2, 0, 0),
    mutant_an_acceptor_that_is_not_told_of_messages_waits_for_ever: "deadlock" => conversation(0, 2, 0),
    mutant_a_listener_that_is_not_told_of_its_caller_waits_for_ever: "deadlock" => conversation(0, 0, 1),
    mutant_a_change_that_does_not_report_what_is_ready_loses_an_edge: "deadlock" => moving(false),
    mutant_a_listener_that_takes_a_dialer_that_cancels_for_the_lasting_one_leaves_that_waiting: "deadlock"
        => comings_and_goings(false),
    mutant_a_dialer_that_is_turned_away_and_not_told_waits_for_ever: "deadlock" => turning_away(2),
    mutant_a_sender_that_does_not_hear_of_it_waits_for_ever: "deadlock" => leaving(3),
    mutant_a_last_look_before_cancelling_misses_what_comes_then: "received or handed over" => stopping(false),
}
