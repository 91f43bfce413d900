//! What connections use of the descriptors that the process may have is shared: silence at one listener, one address, or dialers
//! that wait keep nobody out.

use std::fs::File;
use std::io::{self, IoSlice};
use std::time::Duration;

use hubless::transport::mio::Registry;
use hubless::transport::{
    AddressError, Connection, Dialer, Link, Listenable, Listener, Offer, Peer, Stream, Transport, Wait,
};
use hubless::{Context, Pull, Push, Tcp};
use hubless_kit::child::{Child, hear, perform, tell};
use hubless_kit::peer::{PULL, PUSH, Peer as Stranger};
use hubless_kit::{LIMIT, SOON, eventually, limit_descriptors, within};

/// A handshake that nobody has to wait for to be over.
const NEVER: Duration = Duration::from_secs(3600);

fn pull(context: &Context) -> Pull {
    Pull::builder().context(context).handshake_timeout(NEVER).build().expect("a socket")
}

fn listen(pull: &Pull) {
    let at = pull.listen("tcp://127.0.0.1:0").expect("an address");
    tell(at.address());
}

/// Tells how many peers a socket has whenever it is asked, and leaves in peace who said `done`.
fn answer(ask: impl Fn() -> String) {
    while hear().is_some_and(|word| word == "ask") {
        tell(&ask());
    }
}

/// Two listeners that will be full of silence, in one context, and one in the same or in another.
fn host(others: &str) {
    limit_descriptors(128);
    let (first, second) = (Context::new().expect("a context"), Context::new().expect("a context"));
    let crowded = [pull(&first), pull(&first)];
    crowded.iter().for_each(listen);
    let untouched = pull(if others == "here" { &first } else { &second });
    listen(&untouched);
    answer(|| format!("{} {}", untouched.stats().pipes, untouched.stats().refused.total()));
}

/// The program itself uses nearly all descriptors there are.
fn host_beside_files() {
    limit_descriptors(128);
    let context = Context::new().expect("a context");
    let (crowded, untouched) = (pull(&context), pull(&context));
    listen(&crowded);
    // It needs descriptors of its own for its first peer.
    listen(&untouched);
    let mut files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    files.truncate(files.len() - 20);
    tell("few");
    answer(|| untouched.stats().pipes.to_string());
}

fn dial_much() {
    limit_descriptors(64);
    let pull = Pull::new().expect("a socket");
    listen(&pull);
    let mesh = Push::builder().reconnect(NEVER..=NEVER).build().expect("a socket");
    let dialers: Vec<_> =
        (1..=60).map(|port| mesh.dial(Tcp::new("127.0.0.9", port)).expect("an address")).collect();
    eventually(|| dialers.iter().all(|dialer| dialer.status().failed == 1));
    tell("waiting");
    answer(|| pull.stats().pipes.to_string());
}

fn host_of_two_addresses() {
    limit_descriptors(100);
    let context = Context::builder().transport(Far).build().expect("a context");
    let pulls = ["10.0.0.1", "10.0.0.1", "10.0.0.2"].map(|from| {
        let pull = pull(&context);
        let at = pull.listen(format!("far://{from}")).expect("an address");
        tell(&at.address().replace("far://", "tcp://"));
        pull
    });
    answer(|| {
        let [one, same, other] = pulls.each_ref().map(Pull::stats);
        let refused = one.refused.too_many + same.refused.too_many;
        format!("{} {} {refused}", one.pipes + same.pipes, other.pipes)
    });
}

/// More peers over inproc than there are descriptors.
fn dial_oneself() {
    limit_descriptors(64);
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let at = pull.listen("inproc://no-descriptors").expect("an address");
    let _dialers: Vec<_> = (0..100).map(|_| push.dial(at.address()).expect("an address")).collect();
    answer(|| format!("{} {}", pull.stats().pipes, pull.stats().refused.total()));
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| match words[0] {
        "host" => host(words[1]),
        "files" => host_beside_files(),
        "dialers" => dial_much(),
        "within" => dial_oneself(),
        _ => host_of_two_addresses(),
    });
}

/// Asks the child until it says this.
fn until(child: &mut Child, answer: &str) {
    let mut last = String::new();
    let came = hubless_kit::holds_within(SOON, || {
        child.say("ask");
        last = child.hear();
        last == answer
    });
    assert!(came, "{answer:?} was to be told, and last it was {last:?}");
}

fn silence_at_some_keeps_nobody_out_at_another(others: &str) {
    let mut child = Child::start(&["host", others]);
    let crowded = [child.hear(), child.hear()];
    let untouched = child.hear();
    // More than 80 in 100 of 128, at neither as many as one listener lets greet at once.
    let _silent: Vec<_> = (0..200).map(|number| Stranger::connect(&crowded[number % 2])).collect();
    let _honest: Vec<_> = (0..50).map(|_| Stranger::greeted(&untouched, PUSH)).collect();
    until(&mut child, "50 0");
}

#[test]
fn silence_at_some_listeners_keeps_nobody_out_at_another() {
    within(LIMIT, || silence_at_some_keeps_nobody_out_at_another("here"));
}

#[test]
fn silence_in_one_context_keeps_nobody_out_of_another() {
    within(LIMIT, || silence_at_some_keeps_nobody_out_at_another("elsewhere"));
}

#[test]
fn silence_keeps_nobody_out_where_the_program_uses_the_descriptors_itself() {
    within(LIMIT, || {
        let mut child = Child::start(&["files"]);
        let [crowded, untouched, few] = [child.hear(), child.hear(), child.hear()];
        assert_eq!(few, "few");
        let _silent: Vec<_> = (0..60).map(|_| Stranger::connect(&crowded)).collect();
        let push = Push::builder().handshake_timeout(NEVER).build().unwrap();
        push.dial(untouched.as_str()).unwrap();
        push.wait_for_peers(1, SOON).expect("somebody silent leaves");
        until(&mut child, "1");
    });
}

#[test]
fn dialers_that_wait_use_no_descriptor_and_keep_nobody_out() {
    within(LIMIT, || {
        let mut child = Child::start(&["dialers"]);
        let at = child.hear();
        assert_eq!(child.hear(), "waiting");
        let _peer = Stranger::greeted(&at, PUSH);
        until(&mut child, "1");
    });
}

#[test]
fn one_address_has_half_of_what_connections_may_have_over_all_listeners() {
    within(LIMIT, || {
        let mut child = Child::start(&["addresses"]);
        let [one, same, other] = [child.hear(), child.hear(), child.hear()];
        // 80 of 100 descriptors are for connections, so 40 for each address.
        let mut silent: Vec<_> = (0..40).map(|_| Stranger::connect(&one)).collect();
        for peer in &mut silent {
            assert_eq!(peer.read_greeting(), PULL);
        }
        let mut peers: Vec<_> = (0..40).map(|_| Stranger::greeted(&same, PUSH)).collect();
        until(&mut child, "40 0 40");
        Stranger::connect(&same).wait_for_end();
        Stranger::connect(&one).wait_for_end();
        until(&mut child, "40 0 42");
        let _others: Vec<_> = (0..10).map(|_| Stranger::greeted(&other, PUSH)).collect();
        until(&mut child, "40 10 42");
        // One that leaves makes room.
        drop(peers.pop());
        until(&mut child, "39 10 42");
        peers.push(Stranger::greeted(&one, PUSH));
        until(&mut child, "40 10 42");
    });
}

#[test]
fn peers_within_the_process_use_no_descriptors() {
    within(LIMIT, || {
        let mut child = Child::start(&["within"]);
        until(&mut child, "100 0");
    });
}

/// Tcp from this machine that seems to come from the address that the listener names.
#[derive(Debug)]
struct Far;

#[derive(Debug)]
struct FarListener(Box<dyn Listener>, String);

#[derive(Debug)]
struct FarStream(Box<dyn Stream>, String);

impl Transport for Far {
    fn scheme(&self) -> &'static str {
        "far"
    }

    fn dialer(&self, _: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Err(AddressError::new("it only listens"))
    }

    fn listener(&self, from: &str) -> Result<Box<dyn Listener>, AddressError> {
        let plan = Tcp::new("127.0.0.1", 0).listening().expect("a good address");
        Ok(Box::new(FarListener(plan.listener.expect("a typed endpoint"), format!("far://{from}:1"))))
    }
}

impl Listener for FarListener {
    fn bind(&mut self) -> io::Result<()> {
        self.0.bind()
    }

    fn address(&self) -> String {
        self.0.address()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        self.0.watch(wait)
    }

    fn unwatch(&mut self, registry: &Registry) {
        self.0.unwatch(registry);
    }

    fn accept(&mut self, offer: &Offer) -> io::Result<Connection> {
        match self.0.accept(offer)? {
            Connection::Stream(stream) => Ok(Connection::Stream(Box::new(FarStream(stream, self.1.clone())))),
            other => Ok(other),
        }
    }
}

impl Link for FarStream {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        self.0.watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.0.unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        self.0.establish()
    }

    fn peer(&self) -> Peer {
        let network = self.1.strip_prefix("far://").and_then(|network| network.parse().ok());
        Peer::new(self.1.clone()).with_network(network.expect("a network address"))
    }

    fn shutdown(&self) {
        self.0.shutdown();
    }
}

impl Stream for FarStream {
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        self.0.read(into)
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write(slices)
    }
}
