use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use hubless_protocol::patterns::{Incoming, Overflow, Pattern, Publish, Subscribe};
use hubless_transport::Message;

use crate::counting::{Counting, pipe};

pub(crate) fn publish(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/publish");
    for overflow in [Overflow::DropNewest, Overflow::Block] {
        for pipes in [8, 64] {
            let (mut publish, mut fx) = (Publish::new(overflow), Counting::default());
            fx.join(&mut publish, pipes);
            let mut body = Message::from([7; 64]);
            group.bench_function(BenchmarkId::new(format!("{overflow:?}"), pipes), |bencher| {
                bencher.iter(|| publish.send(black_box(&mut body), &mut fx));
            });
        }
    }
    group.finish();
}

/// A message that is subscribed to becomes one; the other is only looked at.
pub(crate) fn subscribe(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/subscribe");
    let (mut subscribe, mut fx) = (Subscribe::new(), Counting::default());
    fx.join(&mut subscribe, 1);
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
