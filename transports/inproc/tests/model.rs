//! The rendezvous and the queues under a model checker that tries many interleavings of their threads.
//!
//! The threads here live by edges alone: one that is not told waits for ever, which the checker reports as a deadlock.
//! Each model has mutants in which an edge is taken away on purpose, and which must fail.
#![expect(clippy::unwrap_used, reason = "a failure to unwrap is a failure of the test")]

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::str::FromStr;

use hubless_transport::mio::{Interest, Registry};
use hubless_transport::{
    Link, Message, Messages, Notifier, Notify, Offer, Packet, Readiness, RegistrySource, Wait,
};
use shuttle::scheduler::{RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::sync::Condvar;
use shuttle::{Config, Runner, thread};

mod sync {
    pub(crate) use shuttle::sync::{Arc, Mutex, MutexGuard, PoisonError};
}
#[path = "../src/end.rs"]
mod end;
#[path = "../src/queue.rs"]
mod queue;
#[path = "../src/rendezvous.rs"]
mod rendezvous;

use end::End;
use queue::MOST_MESSAGES;
use rendezvous::Namespace;
use sync::{Arc, Mutex};

/// Random orders in which each model is tried, and each mutant until it fails, unless `MODEL_RUNS` says how many.
const RUNS: usize = 4_000;
/// So that every run of the tests tries the same orders, unless `MODEL_SEED` is another.
const SEED: u64 = 0x6d6f_6465_6c73;

/// More messages than a queue holds.
const MANY: u16 = 300;

/// Runs a model. A run that fails prints its order, with which `MODEL_SCHEDULE` has it again.
fn check(model: fn()) {
    if let Ok(schedule) = std::env::var("MODEL_SCHEDULE") {
        return run(ReplayScheduler::new_from_encoded(&schedule), model);
    }
    let (runs, seed) = (setting("MODEL_RUNS").unwrap_or(RUNS), setting("MODEL_SEED").unwrap_or(SEED));
    run(RandomScheduler::new_from_seed(seed, runs), model);
}

fn run(scheduler: impl Scheduler + 'static, model: fn()) {
    Runner::new(scheduler, Config::new()).run(model);
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

const NAME: &str = "name";
const DIALER: &str = "req";
const LISTENER: &str = "rep";

/// The edges that one thread is told of, and perhaps one that it is not told of.
#[derive(Default)]
struct Edges {
    seen: Mutex<Seen>,
    told: Condvar,
    lost: Option<usize>,
}

#[derive(Default)]
struct Seen {
    count: usize,
    readable: bool,
    writable: bool,
}

impl Seen {
    fn of(&mut self, readiness: Readiness) -> &mut bool {
        if readiness == Readiness::Readable { &mut self.readable } else { &mut self.writable }
    }
}

impl fmt::Debug for Edges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edges")
    }
}

impl Notify for Edges {
    fn notify(&self, _: usize, readiness: Readiness) {
        let mut seen = self.seen.lock().unwrap();
        seen.count += 1;
        if self.lost != Some(seen.count) {
            *seen.of(readiness) = true;
            self.told.notify_all();
        }
    }
}

impl Edges {
    /// The `lost`th edge is lost; none if that is 0.
    fn losing(lost: usize) -> Arc<Self> {
        Arc::new(Self { lost: (lost > 0).then_some(lost), ..Self::default() })
    }

    fn await_edge(&self, readiness: Readiness) {
        let mut seen = self.seen.lock().unwrap();
        while !*seen.of(readiness) {
            seen = self.told.wait(seen).unwrap();
        }
        *seen.of(readiness) = false;
    }

    fn notifier(self: &Arc<Self>) -> Notifier {
        Notifier::new(Arc::<Self>::clone(self), 0)
    }

    fn watch(self: &Arc<Self>, link: &dyn Link) {
        let wait = Wait::new(&Nowhere, self.notifier(), Interest::READABLE | Interest::WRITABLE);
        link.watch(&wait).expect("watching needs nothing of the system");
    }
}

/// There is no event loop in a model.
struct Nowhere;

impl RegistrySource for Nowhere {
    fn registry(&self) -> io::Result<&Registry> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn would_block<T>(outcome: io::Result<T>) -> Result<Option<T>, io::ErrorKind> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error.kind()),
    }
}

fn dial(namespace: &Arc<Namespace>) -> End {
    End::dialed(namespace, &NAME.into(), &Offer::new(DIALER, [LISTENER])).expect("a place to wait")
}

fn establish(end: &End, edges: &Edges) {
    while would_block(end.establish()).expect("a dialer waits").is_none() {
        edges.await_edge(Readiness::Writable);
    }
    assert_eq!(end.offered(), LISTENER);
}

fn bind(namespace: &Namespace, edges: &Arc<Edges>) {
    namespace.bind(NAME).expect("the name is free");
    namespace.watch(NAME, Some(edges.notifier()));
}

fn accept(namespace: &Namespace, edges: &Edges) -> End {
    let end = accept_silently(namespace, edges);
    end.admit();
    end
}

/// Takes a dialer that may yet be turned away.
fn accept_silently(namespace: &Namespace, edges: &Edges) -> End {
    loop {
        match would_block(namespace.accept(NAME)).expect("a listener waits") {
            Some(channels) => return End::accepted(channels, &NAME.into(), &Offer::new(LISTENER, [DIALER])),
            None => edges.await_edge(Readiness::Readable),
        }
    }
}

fn numbered(count: u16) -> VecDeque<Packet> {
    (0..count).map(|number| Packet::from(Message::from(&number.to_be_bytes()))).collect()
}

fn send(end: &End, edges: &Edges, mut packets: VecDeque<Packet>) -> Result<(), io::ErrorKind> {
    while !packets.is_empty() {
        if would_block(end.send(&mut packets))?.is_none() {
            edges.await_edge(Readiness::Writable);
        }
    }
    Ok(())
}

/// Receives to the end, a few at a time, and checks that the numbers are those from 0 on.
fn receive(end: &End, edges: &Edges) -> usize {
    let mut received = VecDeque::new();
    loop {
        match would_block(end.recv(&mut received, 100)).expect("an end is not an error") {
            Some(0) => break,
            Some(_) => {}
            None => edges.await_edge(Readiness::Readable),
        }
    }
    assert!(numbered(MANY).iter().zip(&received).all(|(sent, got)| sent == got), "messages in order");
    received.len()
}

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

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_a_dialer_that_is_not_told_of_its_listener_waits_for_ever() {
    check(|| conversation(1, 0, 0));
}

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_a_dialer_that_is_not_told_of_room_waits_for_ever() {
    check(|| conversation(2, 0, 0));
}

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_an_acceptor_that_is_not_told_of_messages_waits_for_ever() {
    check(|| conversation(0, 2, 0));
}

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_a_listener_that_is_not_told_of_its_caller_waits_for_ever() {
    check(|| conversation(0, 0, 1));
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
    // It was not served in full, so that it is told, be it at the change or later.
    after.await_edge(Readiness::Writable);
    send(&sender, &after, packets).expect("the receiver is there");
    drop(sender);
    receiving.join().unwrap();
}

#[test]
fn changing_the_notifier_loses_no_edge() {
    check(|| moving(true));
}

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_a_change_that_does_not_report_what_is_ready_loses_an_edge() {
    check(|| moving(false));
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

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_a_listener_that_takes_a_dialer_that_cancels_for_the_lasting_one_leaves_that_waiting() {
    check(|| comings_and_goings(false));
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

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_a_dialer_that_is_turned_away_and_not_told_waits_for_ever() {
    check(|| turning_away(2));
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

#[test]
#[should_panic(expected = "deadlock")]
fn mutant_a_sender_that_does_not_hear_of_it_waits_for_ever() {
    check(|| leaving(3));
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

#[test]
#[should_panic(expected = "received or handed over")]
fn mutant_a_last_look_before_cancelling_misses_what_comes_then() {
    check(|| stopping(false));
}
