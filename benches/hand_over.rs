//! Messages from one end of an inproc connection to the other, without sockets around it.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::thread::{self, Thread};

use criterion::{BenchmarkId, Criterion, Throughput};
use hubless_inproc::InprocTransport;
use hubless_kit::bench;
use hubless_transport::mio::{Interest, Registry};
use hubless_transport::{
    Connection, Header, Messages, Notifier, Notify, Offer, Packet, Readiness, RegistrySource, Transport, Wait,
};

/// How many messages change hands at a time: one, and as many as the engine gives at most.
const BATCHES: [usize; 2] = [1, 128];

fn main() {
    let mut criterion = bench::criterion();
    for batch in BATCHES {
        in_one_thread(&mut criterion, batch);
        between_two_threads(&mut criterion, batch);
    }
    criterion.final_summary();
}

fn in_one_thread(criterion: &mut Criterion, batch: usize) {
    let (here, there) = connected();
    let mut packets = packets(batch);
    let mut group = criterion.benchmark_group("hand over");
    group.throughput(Throughput::Elements(batch as u64));
    group.bench_function(BenchmarkId::new("in one thread", batch), |bencher| {
        bencher.iter(|| {
            here.send(&mut packets).expect("room");
            there.recv(&mut packets, batch).expect("messages")
        });
    });
    group.finish();
}

/// There and back: the other thread returns what it gets. Mostly the cost of waking a thread, which depends on where the
/// system has put the two and varies severalfold from run to run; the code's own cost is what one thread takes.
fn between_two_threads(criterion: &mut Criterion, batch: usize) {
    let (here, there) = connected();
    let other = thread::spawn(move || return_all(&*there));
    let mut packets = packets(batch);
    watch(&*here);
    let mut group = criterion.benchmark_group("hand over");
    group.throughput(Throughput::Elements(2 * batch as u64));
    group.bench_function(BenchmarkId::new("to a thread and back", batch), |bencher| {
        bencher.iter(|| {
            here.send(&mut packets).expect("room");
            while packets.len() < batch {
                recv(&*here, &mut packets);
            }
        });
    });
    group.finish();
    drop(here);
    other.join().expect("an orderly end");
}

fn return_all(end: &dyn Messages) {
    let mut packets = VecDeque::new();
    watch(end);
    while recv(end, &mut packets) > 0 {
        end.send(&mut packets).expect("room");
    }
}

/// Waits for messages; 0 is the end.
fn recv(end: &dyn Messages, packets: &mut VecDeque<Packet>) -> usize {
    loop {
        match end.recv(packets, usize::MAX) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::park(),
            received => return received.expect("a connection"),
        }
    }
}

fn packets(count: usize) -> VecDeque<Packet> {
    (0..count).map(|_| Packet::new(Header::default(), [7; 64].into())).collect()
}

fn connected() -> (Box<dyn Messages>, Box<dyn Messages>) {
    let transport = InprocTransport::new();
    let offer = Offer::new("pair", ["pair"]);
    let mut listener = transport.listener("bench").expect("a name");
    listener.bind().expect("a free name");
    let dialed = transport.dialer("bench").expect("a name").dial(None, &offer).expect("a listener");
    let accepted = listener.accept(&offer).expect("a dialer");
    match (dialed, accepted) {
        (Connection::Messages(here), Connection::Messages(there)) => {
            there.admit();
            (here, there)
        }
        _ => unreachable!("inproc moves messages"),
    }
}

/// Has this thread woken by whatever happens at the end.
fn watch(end: &dyn Messages) {
    let notifier = Notifier::new(Arc::new(Waker(thread::current())), 0);
    end.watch(&Wait::new(&NoEventLoop, notifier, Interest::READABLE)).expect("no descriptor is needed");
}

#[derive(Debug)]
struct Waker(Thread);

impl Notify for Waker {
    fn notify(&self, _token: usize, _readiness: Readiness) {
        self.0.unpark();
    }
}

struct NoEventLoop;

impl RegistrySource for NoEventLoop {
    fn registry(&self) -> io::Result<&Registry> {
        Err(ErrorKind::Unsupported.into())
    }
}
