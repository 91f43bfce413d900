//! A process whose calls of the system fail, one of them or all of a kind: see [`crate::failing_calls`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use hubless::{Context, Error, Pull, Push, Rep, Req, WaitingFor};
use log::{Level, LevelFilter, Log, Metadata, Record};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Pid;

use crate::failing_calls::{BEGIN, END};
use hubless_kit::child::tell;
use hubless_kit::{Site, eventually, holds_within, now};

/// Messages one way, and questions.
const COUNT: u32 = 3;
/// More than the system takes at once.
const LARGE: usize = 3 << 20;
/// A message that is not here by then is sent again.
const AGAIN: Duration = Duration::from_millis(300);

/// Counts the lines.
struct Lines(AtomicUsize);

static LINES: Lines = Lines(AtomicUsize::new(0));

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.fetch_add(1, Ordering::Relaxed);
            eprintln!("{}: {}", record.level(), record.args());
        }
    }

    fn flush(&self) {}
}

/// The words are the transport, and how many seconds the exchange may take while calls fail.
pub(super) fn play(words: &[String]) {
    let patience = Duration::from_secs(words[1].parse().expect("a number"));
    log::set_logger(&LINES).expect("the only logger");
    log::set_max_level(LevelFilter::Warn);
    let site = Site::new(&words[0]);
    // What the process has for good is there before anything fails.
    exchange(&site, Duration::from_secs(60)).expect("an exchange while nothing fails");
    let before = resources();
    eventually(|| resources().0 == 1);
    let before = (1, before.1.min(resources().1));

    mark(BEGIN);
    let outcome = exchange(&site, patience);
    mark(END);
    match outcome {
        Ok(()) => tell("ok"),
        Err(error) => tell(&format!("error: {error}")),
    }
    let lines = LINES.0.load(Ordering::Relaxed);
    exchange(&site, Duration::from_secs(60)).expect("an exchange once nothing fails any more");
    let left = !holds_within(Duration::from_secs(60), || resources() == before);
    assert!(!left, "left are threads and descriptors: {:?} and not {before:?}", resources());
    tell(&lines.to_string());
}

/// Tells the one that holds the calls. Nobody is of that group.
fn mark(group: i32) {
    let _ = rustix::process::getpgid(Pid::from_raw(group));
}

/// Threads and descriptors.
fn resources() -> (usize, usize) {
    let count = |folder: &str| std::fs::read_dir(folder).expect("a folder").count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// Messages one way, by a thread that waits and one that watches a descriptor, and questions with answers. What is lost with a
/// connection is sent again, as programs do to which that matters.
fn exchange(site: &Site, patience: Duration) -> Result<(), Error> {
    let context = Context::new()?;
    let outcome = one_way(&context, site, patience).and_then(|()| both_ways(&context, site, patience));
    context.close(Duration::from_secs(1));
    outcome
}

fn one_way(context: &Context, site: &Site, patience: Duration) -> Result<(), Error> {
    let (first, most) = (Duration::from_millis(2), Duration::from_millis(20));
    let pull = Pull::builder().context(context).handshake_timeout(AGAIN).build()?;
    let push = Push::builder().context(context).reconnect(first..=most).handshake_timeout(AGAIN).build()?;
    let at = pull.listen(site.address())?;
    push.dial(at.address())?;
    let end = now() + patience;
    for number in 0..COUNT {
        let text = if number == 0 { "0".repeat(LARGE) } else { number.to_string() };
        loop {
            let left = end.saturating_duration_since(now());
            push.send_timeout(&text, left)?;
            match pull.recv_timeout(AGAIN.min(left)) {
                Ok(got) if got == text => break,
                // It was sent twice, and once would have done.
                Ok(_) => {}
                Err(Error::Timeout { .. }) if now() < end => {}
                Err(error) => return Err(error),
            }
        }
    }
    let ready = pull.recv_ready()?;
    while pull.try_recv().is_ok() {}
    loop {
        let left = end.saturating_duration_since(now());
        push.send_timeout("watched", left)?;
        let wait = Timespec::try_from(AGAIN.min(left)).expect("a short time");
        let readable =
            poll(&mut [PollFd::new(&ready, PollFlags::IN)], Some(&wait)).is_ok_and(|count| count > 0);
        match pull.try_recv() {
            Ok(_) if readable => return Ok(()),
            Err(Error::Empty) if now() < end => {}
            Err(Error::Empty) => {
                return Err(Error::Timeout { waited: left, waiting_for: WaitingFor::Message });
            }
            // A message without a sign: it came just now, or the sign was lost for good.
            Ok(_) => assert!(now() < end, "messages come and no sign of them"),
            Err(error) => return Err(error),
        }
    }
}

fn both_ways(context: &Context, site: &Site, patience: Duration) -> Result<(), Error> {
    let rep = Rep::builder().context(context).handshake_timeout(AGAIN).build()?;
    let (first, most) = (Duration::from_millis(2), Duration::from_millis(20));
    let req = Req::builder()
        .context(context)
        .reconnect(first..=most)
        .handshake_timeout(AGAIN)
        .resend(AGAIN)
        .deadline(patience)
        .build()?;
    let at = rep.listen(site.address())?;
    req.dial(at.address())?;
    thread::scope(|scope| {
        let answer = || {
            while let Ok(request) = rep.recv() {
                let answer = request.to_vec();
                if request.reply(answer).is_err() {
                    break;
                }
            }
        };
        let refused = |cause| Error::System { what: "a thread of the program", cause };
        let answering = thread::Builder::new().spawn_scoped(scope, answer).map_err(refused)?;
        let asked = (0..COUNT).try_for_each(|number| {
            let answer = req.request(number.to_string())?;
            assert_eq!(answer, number.to_string(), "an answer to another question");
            Ok(())
        });
        let _ = rep.close(Duration::from_secs(1));
        answering.join().expect("no panic");
        asked
    })
}
