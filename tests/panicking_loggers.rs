//! A logger that panics at every line, as one does that writes to an output nobody reads any more: what was logged goes on.

use std::io::Write;
use std::net::TcpStream;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{self, Wake, Waker};

use hubless::{Context, Pull, Push, Rep, Req, Stats};
use hubless_kit::{LIMIT, SOON, Site, counts, eventually, within};
use log::{LevelFilter, Log, Metadata, Record};

/// Lines that were to be written.
static LINES: AtomicUsize = AtomicUsize::new(0);

struct Panicking;

impl Log for Panicking {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _: &Record<'_>) {
        LINES.fetch_add(1, Ordering::Relaxed);
        panic!("this logger panics at every line");
    }

    fn flush(&self) {}
}

fn begin() {
    // Another test of this program may have been first.
    let _ = log::set_logger(&Panicking);
    // The finest level is what the event loop writes, when a transport registers with it.
    log::set_max_level(LevelFilter::Debug);
}

fn refused(stats: &Stats) -> bool {
    stats.refused.total() > 0
}

#[test]
fn a_listener_accepts_and_answers_though_the_logger_panics_at_what_a_stranger_says() {
    begin();
    within(LIMIT, || {
        let context = Context::new().unwrap();
        let rep = Rep::builder().context(&context).build().unwrap();
        let at = rep.listen(Site::new("tcp").address()).unwrap();
        for _ in 0..3 {
            let before = LINES.load(Ordering::Relaxed);
            let mut stranger = TcpStream::connect(at.address().trim_start_matches("tcp://")).unwrap();
            stranger.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            eventually(|| LINES.load(Ordering::Relaxed) > before);
        }
        counts(&rep, refused);
        let req = Req::builder().context(&context).build().unwrap();
        req.dial(at.address()).unwrap();
        let asked = std::thread::spawn(move || req.request("still there?"));
        let question = rep.recv_timeout(SOON).unwrap();
        assert_eq!(question, "still there?");
        question.reply("yes").unwrap();
        assert_eq!(asked.join().unwrap().unwrap(), "yes");
    });
}

#[test]
fn listening_everywhere_succeeds_though_the_logger_panics_at_the_warning() {
    begin();
    within(LIMIT, || {
        let context = Context::new().unwrap();
        let pull = Pull::builder().context(&context).build().unwrap();
        let before = LINES.load(Ordering::Relaxed);
        pull.listen("tcp://*:0").unwrap();
        assert!(LINES.load(Ordering::Relaxed) > before);
    });
}

/// A waker that panics, which is logged.
struct Unwakeable;

impl Wake for Unwakeable {
    fn wake(self: Arc<Self>) {
        panic!("this waker panics");
    }
}

#[test]
fn whoever_else_is_to_be_woken_is_though_the_logger_panics_at_a_waker_that_did() {
    begin();
    within(LIMIT, || {
        let context = Context::new().unwrap();
        let pull = Pull::builder().context(&context).build().unwrap();
        let push = Push::builder().context(&context).build().unwrap();
        push.dial(pull.listen(Site::new("tcp").address()).unwrap().address()).unwrap();
        let waker = Waker::from(Arc::new(Unwakeable));
        let mut polled = pin!(pull.recv_async());
        assert!(polled.as_mut().poll(&mut task::Context::from_waker(&waker)).is_pending());
        let blocking = pull.clone();
        let blocked = std::thread::spawn(move || blocking.recv_timeout(SOON));
        counts(&push, |stats| stats.pipes == 1);
        for _ in 0..2 {
            push.send("work").unwrap();
        }
        assert_eq!(blocked.join().unwrap().unwrap(), "work");
        assert_eq!(pollster::block_on(polled).unwrap(), "work");
    });
}
