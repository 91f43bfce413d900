use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use hubless_protocol::patterns::{Balance, Incoming, Pattern, Req, ReqOptions};
use hubless_transport::Message;

use crate::counting::{Counting, pipe};

/// A request and its reply, while others are open.
pub(crate) fn request_and_reply(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns/request and reply");
    for open in [0, 1_000] {
        let options = ReqOptions {
            resend: Some(Duration::from_secs(60)),
            deadline: None,
            open: open + 1,
            balance: Balance::RoundRobin,
        };
        let (mut req, mut fx) = (Req::new(1, options), Counting::default());
        fx.join(&mut req, 1);
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
