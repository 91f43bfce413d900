//! A full read buffer into messages.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use hubless_kit::bench;
use hubless_protocol::wire::{Codec, Decoder, Framing, Item};
use hubless_transport::Message;

/// As much as the buffer that streams are read into has at most.
const BUFFER: usize = 256 * 1024;

fn main() {
    let mut criterion = bench::criterion();
    decode(&mut criterion);
    criterion.final_summary();
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    for size in bench::SIZES {
        let stream = stream(size);
        let mut decoder = Decoder::new(Codec::Sp, Framing::Length, u64::MAX);
        group.throughput(Throughput::Elements(drain(&mut decoder, &stream)));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| drain(&mut decoder, black_box(&stream)));
        });
    }
    group.finish();
}

/// As many whole messages of this size as the buffer holds.
fn stream(size: usize) -> Vec<u8> {
    let message = [&(size as u64).to_be_bytes()[..], &vec![7; size]].concat();
    message.repeat(BUFFER / message.len())
}

/// Makes messages of everything there is; how many.
fn drain(decoder: &mut Decoder, mut input: &[u8]) -> u64 {
    let mut messages = 0;
    while let Ok(Some(item)) = decoder.next(&mut input, |_| Vec::new()) {
        black_box(match item {
            Item::Front { window, length } => Message::from_front(window, length),
            Item::Large(bytes) => bytes.into(),
            Item::Control(_) => return messages,
        });
        messages += 1;
    }
    messages
}
