//! Ends of connections whose threads wait for edges, and how their models are run.

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
use shuttle::{Config, Runner};

use crate::end::End;
use crate::rendezvous::Namespace;
use crate::sync::{Arc, Mutex};

/// Random orders in which each model is tried, and each mutant until it fails, unless `MODEL_RUNS` says how many.
const RUNS: usize = 4_000;
/// So that every run of the tests tries the same orders, unless `MODEL_SEED` is another.
const SEED: u64 = 0x6d6f_6465_6c73;

/// More messages than a queue holds.
pub(crate) const MANY: u16 = 300;

/// Runs a model. A run that fails prints its order, with which `MODEL_SCHEDULE` has it again.
pub(crate) fn check(model: fn()) {
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

pub(crate) const NAME: &str = "name";
pub(crate) const DIALER: &str = "req";
const LISTENER: &str = "rep";

/// The edges that one thread is told of, and perhaps one that it is not told of.
#[derive(Default)]
pub(crate) struct Edges {
    pub(crate) seen: Mutex<Seen>,
    told: Condvar,
    lost: Option<usize>,
}

#[derive(Default)]
pub(crate) struct Seen {
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
    pub(crate) fn losing(lost: usize) -> Arc<Self> {
        Arc::new(Self { lost: (lost > 0).then_some(lost), ..Self::default() })
    }

    pub(crate) fn await_edge(&self, readiness: Readiness) {
        let mut seen = self.seen.lock().unwrap();
        while !*seen.of(readiness) {
            seen = self.told.wait(seen).unwrap();
        }
        *seen.of(readiness) = false;
    }

    fn notifier(self: &Arc<Self>) -> Notifier {
        Notifier::new(Arc::<Self>::clone(self), 0)
    }

    pub(crate) fn watch(self: &Arc<Self>, link: &dyn Link) {
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

pub(crate) fn would_block<T>(outcome: io::Result<T>) -> Result<Option<T>, io::ErrorKind> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error.kind()),
    }
}

pub(crate) fn dial(namespace: &Arc<Namespace>) -> End {
    End::dialed(namespace, &NAME.into(), &Offer::new(DIALER, [LISTENER])).expect("a place to wait")
}

pub(crate) fn establish(end: &End, edges: &Edges) {
    while would_block(end.establish()).expect("a dialer waits").is_none() {
        edges.await_edge(Readiness::Writable);
    }
    assert_eq!(end.offered(), LISTENER);
}

pub(crate) fn bind(namespace: &Namespace, edges: &Arc<Edges>) {
    namespace.bind(NAME).expect("the name is free");
    namespace.watch(NAME, Some(edges.notifier()));
}

pub(crate) fn accept(namespace: &Namespace, edges: &Edges) -> End {
    let end = accept_silently(namespace, edges);
    end.admit();
    end
}

/// Takes a dialer that may yet be turned away.
pub(crate) fn accept_silently(namespace: &Namespace, edges: &Edges) -> End {
    loop {
        match would_block(namespace.accept(NAME)).expect("a listener waits") {
            Some(channels) => return End::accepted(channels, &NAME.into(), &Offer::new(LISTENER, [DIALER])),
            None => edges.await_edge(Readiness::Readable),
        }
    }
}

pub(crate) fn numbered(count: u16) -> VecDeque<Packet> {
    (0..count).map(|number| Packet::from(Message::from(&number.to_be_bytes()))).collect()
}

pub(crate) fn send(end: &End, edges: &Edges, mut packets: VecDeque<Packet>) -> Result<(), io::ErrorKind> {
    while !packets.is_empty() {
        if would_block(end.send(&mut packets))?.is_none() {
            edges.await_edge(Readiness::Writable);
        }
    }
    Ok(())
}

/// Receives to the end, a few at a time, and checks that the numbers are those from 0 on.
pub(crate) fn receive(end: &End, edges: &Edges) -> usize {
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

/// The mutants of the models: what each is called, what it fails with, and what is run.
macro_rules! mutants {
    ($($name:ident: $fails_with:literal => $run:expr,)+) => {$(
        #[test]
        #[should_panic(expected = $fails_with)]
        fn $name() {
            check(|| $run);
        }
    )+};
}

pub(crate) use mutants;
