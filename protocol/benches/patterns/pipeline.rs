use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use hubless_protocol::patterns::{Balance, Incoming, Pattern, Pull, Push};
use hubless_transport::Message;

use crate::counting::{Counting, pipe};

pub(crate) fn push(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/push");
    for pipes in [1, 64] {
        let (mut push, mut fx) = (Push::new(Balance::RoundRobin), Counting::default());
        fx.join(&mut push, pipes);
        let mut body = Message::from([7; 64]);
        group.bench_function(BenchmarkId::new("pipes", pipes), |bencher| {
            bencher.iter(|| push.send(black_box(&mut body), &mut fx));
        });
    }
    group.finish();
}

/// The message is made here of the octets that have arrived.
pub(crate) fn pull(criterion: &mut Criterion) {
    let (mut pull, mut fx) = (Pull::new(), Counting::default());
    fx.join(&mut pull, 1);
    let window = [7; 256];
    criterion.bench_function("patterns/pull", |bencher| {
        bencher.iter(|| pull.message(pipe(0), Incoming::front(black_box(&window), 64), &mut fx));
    });
}
