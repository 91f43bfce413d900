//! The whole library, both ends in one thread.
//!
//! A sender that streams gathers messages, and leaves the last ones to the background thread, which takes its time. So that
//! work is measured and not that wait, there are always more messages under way than are gathered, and the receiver finds
//! what was sent a while ago.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use hubless::{Message, Pull, Push};
use hubless_kit::bench;

/// How many messages are sent before as many are received.
const MESSAGES: usize = 100;

/// How many are under way besides: over inproc, more than the 128 that are gathered and less than fill the connection; over
/// tcp, more than 48 KiB of them and less than fill the buffers.
const UNDER_WAY: [(&str, &str, usize); 2] =
    [("inproc", "inproc://bench", 150), ("tcp", "tcp://127.0.0.1:0", 800)];

const OCTETS: usize = 64;

fn main() {
    let mut criterion = bench::criterion();
    for (transport, address, under_way) in UNDER_WAY {
        let (push, pull) = connected(address);
        push.send_many((0..under_way).map(|_| body())).expect("room");
        one_by_one(&mut criterion, transport, &push, &pull);
        many(&mut criterion, transport, &push, &pull);
    }
    criterion.final_summary();
    hubless::close_all(Duration::from_secs(1));
}

fn one_by_one(criterion: &mut Criterion, transport: &str, push: &Push, pull: &Pull) {
    let mut group = criterion.benchmark_group("sockets/send and recv");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function(transport, |bencher| {
        bencher.iter(|| {
            for _ in 0..MESSAGES {
                push.send(body()).expect("room");
            }
            for _ in 0..MESSAGES {
                black_box(pull.recv().expect("a message"));
            }
        });
    });
    group.finish();
}

fn many(criterion: &mut Criterion, transport: &str, push: &Push, pull: &Pull) {
    let mut group = criterion.benchmark_group("sockets/send_many and recv_many");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function(transport, |bencher| {
        bencher.iter(|| {
            push.send_many((0..MESSAGES).map(|_| body())).expect("room");
            let mut left = MESSAGES;
            while left > 0 {
                left -= black_box(pull.recv_many(left).expect("messages")).len();
            }
        });
    });
    group.finish();
}

fn body() -> Message {
    Message::from(black_box([7; OCTETS]))
}

fn connected(address: &str) -> (Push, Pull) {
    let pull = Pull::new().expect("a socket");
    let listener = pull.listen(address).expect("a listener");
    let push = Push::new().expect("a socket");
    push.dial(listener.address()).expect("a dialer");
    push.wait_for_peers(1, Duration::from_secs(10)).expect("a peer");
    (push, pull)
}
