//! One step of a pattern for each message, in a world that keeps nothing.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use hubless_kit::bench;
use hubless_protocol::patterns::{
    Balance, Incoming, Overflow, Pattern, Publish, Pull, Push, Req, ReqOptions, Subscribe,
};
use hubless_protocol::testing::{World, pipe};
use hubless_transport::Message;

fn main() {
    let mut criterion = bench::criterion();
    push(&mut criterion);
    pull(&mut criterion);
    request_and_reply(&mut criterion);
    publish(&mut criterion);
    subscribe(&mut criterion);
    criterion.final_summary();
}

fn push(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/push");
    for pipes in [1, 64] {
        let (mut push, mut fx) = (Push::new(Balance::RoundRobin), World::boundless());
        (0..pipes).for_each(|slot| fx.join(&mut push, pipe(slot), 0));
        let mut body = Message::from([7; 64]);
        group.bench_function(BenchmarkId::new("pipes", pipes), |bencher| {
            bencher.iter(|| push.send(black_box(&mut body), &mut fx));
        });
    }
    group.finish();
}

/// The message is made here of the bytes that have arrived.
fn pull(criterion: &mut Criterion) {
    let (mut pull, mut fx) = (Pull::new(), World::boundless());
    fx.join(&mut pull, pipe(0), 0);
    let window = [7; 256];
    criterion.bench_function("patterns/pull", |bencher| {
        bencher.iter(|| pull.message(pipe(0), Incoming::front(black_box(&window), 64), &mut fx));
    });
}

/// A request and its reply, while others are open.
fn request_and_reply(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/request and reply");
    for open in [0, 1_000] {
        let options = ReqOptions {
            resend: Some(Duration::from_secs(60)),
            deadline: None,
            open: open + 1,
            balance: Balance::RoundRobin,
        };
        let (mut req, mut fx) = (Req::new(1, options), World::boundless());
        fx.join(&mut req, pipe(0), 0);
        for _ in 0..open {
            req.send(&mut body(), &mut fx).expect("room");
        }
        let mut window = [7; 256];
        group.bench_function(BenchmarkId::new("open", open), |bencher| {
            bencher.iter(|| {
                let key = req.send(&mut body(), &mut fx).expect("room");
                window[..4].copy_from_slice(&key.to_be_bytes());
                req.message(pipe(0), Incoming::front(black_box(&window), 68), &mut fx)
            });
        });
    }
    group.finish();
}

fn body() -> Message {
    Message::from(black_box([7; 64]))
}

fn publish(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/publish");
    for overflow in [Overflow::DropNewest, Overflow::Block] {
        for pipes in [8, 64] {
            let (mut publish, mut fx) = (Publish::new(overflow), World::boundless());
            (0..pipes).for_each(|slot| fx.join(&mut publish, pipe(slot), 0));
            let mut body = Message::from([7; 64]);
            group.bench_function(BenchmarkId::new(format!("{overflow:?}"), pipes), |bencher| {
                bencher.iter(|| publish.send(black_box(&mut body), &mut fx));
            });
        }
    }
    group.finish();
}

/// A message that is subscribed to becomes one; the other is only looked at.
fn subscribe(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/subscribe");
    let (mut subscribe, mut fx) = (Subscribe::new(), World::boundless());
    fx.join(&mut subscribe, pipe(0), 0);
    for number in 0..10 {
        subscribe.subscribe(format!("topic{number}").as_bytes());
    }
    for (name, topic) in [("delivered", b"topic7"), ("filtered", b"topicx")] {
        let window = [&topic[..], &[7; 250]].concat();
        group.bench_function(name, |bencher| {
            bencher.iter(|| subscribe.message(pipe(0), Incoming::front(black_box(&window), 64), &mut fx));
        });
    }
    group.finish();
}
