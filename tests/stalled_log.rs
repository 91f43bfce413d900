//! A logger that takes as long as it likes: a caller that closes a socket meanwhile does not wait for it.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hubless::{Context, Pull, Push};
use hubless_kit::{LIMIT, Site, body, counts, eventually, link, within};
use log::{LevelFilter, Log, Metadata, Record};

static GATE: Mutex<()> = Mutex::new(());
static STALLS: AtomicBool = AtomicBool::new(false);

/// Waits at the gate with every line but those of the finest level, which the event loop writes on whatever thread.
struct Stalling;

impl Log for Stalling {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _: &Record<'_>) {
        if GATE.try_lock().is_err() {
            STALLS.store(true, Ordering::Relaxed);
            drop(GATE.lock());
        }
    }

    fn flush(&self) {}
}

#[test]
fn a_close_returns_by_its_time_though_a_logger_holds_up_the_background_thread() {
    log::set_logger(&Stalling).expect("it is the first");
    log::set_max_level(LevelFilter::Debug);
    within(LIMIT, || {
        let site = Site::new("tcp");
        let (context, elsewhere) = (Context::new().unwrap(), Context::new().unwrap());
        let push = Push::builder().context(&context).send_buffer_bytes(64 << 20).build().unwrap();
        let pull = Pull::builder().context(&elsewhere).recv_buffer(1).build().unwrap();
        link(&site, &pull, &push);
        for number in 0..150 {
            push.send(body(number, 100_000)).unwrap();
        }
        counts(&pull, |stats| stats.recv_queue == 1);
        let strange = Pull::builder().context(&context).build().unwrap();
        let at = strange.listen(site.address()).unwrap();
        let gate = GATE.lock().unwrap();
        let mut stranger = TcpStream::connect(at.address().trim_start_matches("tcp://")).unwrap();
        stranger.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        eventually(|| STALLS.load(Ordering::Relaxed));
        let report = push.close(Duration::from_millis(50)).unwrap();
        assert_eq!((report.dropped > 0, report.dropped as u64), (true, push.stats().drops.closed));
        assert_eq!(push.stats().pipes, 0);
        context.close(Duration::ZERO);
        drop(gate);
    });
}
