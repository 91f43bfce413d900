//! Messages into the queue of bytes that wait to be written, and out of it.

use std::hint::black_box;
use std::io::IoSlice;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use hubless_kit::bench;
use hubless_protocol::wire::{Codec, Encoder, Framing};
use hubless_transport::Message;
use smallvec::SmallVec;

/// How many messages are queued before all of them are written.
const MESSAGES: u64 = 64;

fn main() {
    let mut criterion = bench::criterion();
    push(&mut criterion);
    advance(&mut criterion);
    criterion.final_summary();
}

/// The queue is written as a whole, as it is when the system takes everything.
fn push(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode/push");
    group.throughput(Throughput::Elements(MESSAGES));
    for size in bench::SIZES {
        let mut body = Message::from(vec![7; size]);
        let mut encoder = Encoder::new(Codec::Sp, Framing::Length);
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| {
                push_all(&mut encoder, &mut body);
                let bytes = black_box(&encoder).bytes();
                encoder.advance(bytes)
            });
        });
    }
    group.finish();
}

/// The queue is written in steps of what one write call is offered, and each step finds out which messages are done.
fn advance(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode/advance");
    group.throughput(Throughput::Elements(MESSAGES));
    for size in bench::SIZES {
        let full = || {
            let mut encoder = Encoder::new(Codec::Sp, Framing::Length);
            push_all(&mut encoder, &mut Message::from(vec![7; size]));
            encoder
        };
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_batched_ref(full, write_in_steps, BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn push_all(encoder: &mut Encoder, body: &mut Message) {
    for _ in 0..MESSAGES {
        encoder.push(&[], black_box(&mut *body));
    }
}

/// Each write falls one byte short, so that none takes the way of a queue that is written as a whole.
fn write_in_steps(encoder: &mut Encoder) -> usize {
    let mut done = 0;
    while encoder.bytes() > 1 {
        let mut slices = SmallVec::new();
        encoder.slices(&mut slices);
        let offered: usize = black_box(&slices).iter().map(|slice: &IoSlice<'_>| slice.len()).sum();
        drop(slices);
        done += encoder.advance(offered - 1);
    }
    done
}
