//! Whether a topic matches, among few and many subscriptions.

use std::cell::LazyCell;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use hubless_kit::bench;
use hubless_protocol::patterns::Subscriptions;

/// How many subscriptions there are. A test run of the benches is to be quick.
const COUNTS: [u32; 3] = [10, 1_000, if cfg!(debug_assertions) { 10_000 } else { 1_000_000 }];

/// Enough topics in turn that their subscriptions do not stay in the cache.
const DRAWN: usize = 1 << 18;

/// Each as long as all others, and all in one place: what is measured is the memory of the subscriptions alone.
type Topic = [u8; 14];

fn main() {
    let mut criterion = bench::criterion();
    for count in COUNTS {
        matches(&mut criterion, count);
    }
    criterion.final_summary();
}

fn matches(criterion: &mut Criterion, count: u32) {
    let mut group = criterion.benchmark_group("subscriptions");
    // A million are made only where a bench is run that needs them.
    let subscriptions = LazyCell::new(|| subscribed(count));
    for (name, topics) in [("hot", hot as fn(u32) -> Vec<Topic>), ("random", random), ("strange", strange)] {
        let topics = LazyCell::new(|| topics(count));
        let mut turn = 0;
        group.bench_function(BenchmarkId::new(name, count), |bencher| {
            let (subscriptions, topics) = (&*subscriptions, &**topics);
            bencher.iter(|| {
                turn = if turn + 1 < topics.len() { turn + 1 } else { 0 };
                subscriptions.matches(black_box(&topics[turn]))
            });
        });
    }
    group.finish();
}

/// Subscriptions to this many topics: those with even numbers.
fn subscribed(count: u32) -> Subscriptions {
    let mut subscriptions = Subscriptions::default();
    for number in 0..count {
        subscriptions.insert(&topic(number * 2));
    }
    subscriptions
}

/// The same ten, all subscribed to.
fn hot(_count: u32) -> Vec<Topic> {
    (0..10).map(|number| topic(number * 2)).collect()
}

/// Any of those that are subscribed to.
fn random(count: u32) -> Vec<Topic> {
    draw(count).map(|number| topic(number * 2)).collect()
}

/// Any of as many others.
fn strange(count: u32) -> Vec<Topic> {
    draw(count).map(|number| topic(number * 2 + 1)).collect()
}

/// An odd factor permutes the 32-bit numbers, so different numbers are different topics.
fn topic(number: u32) -> Topic {
    let text = format!("{:08x}.price", number.wrapping_mul(0x9e37_79b1));
    text.as_bytes().try_into().expect("eight digits and six letters")
}

/// Numbers below `count`, the same in every run: Knuth's generator of MMIX.
fn draw(count: u32) -> impl Iterator<Item = u32> {
    let next = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    let states = std::iter::successors(Some(1_u64), next).take(DRAWN);
    states.map(move |state| (((state >> 32) * u64::from(count)) >> 32) as u32)
}
