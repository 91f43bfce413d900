//! Peers cannot fill the log. Alone in its program, for there is one logger.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::peer::Peer;
use common::{LIMIT, SOON, Site, counts, within};
use hubless::{Pull, Push};
use log::{LevelFilter, Log, Metadata, Record};

/// Lines a second.
const RATE: u64 = 10;
const STRANGERS: u64 = 500;

/// Counts the lines about peers.
struct Lines(AtomicU64);

static LINES: Lines = Lines(AtomicU64::new(0));

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.level() <= log::Level::Warn {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {}
}

#[test]
fn strangers_write_few_lines_of_log() {
    log::set_logger(&LINES).expect("the only logger");
    log::set_max_level(LevelFilter::Warn);
    within(LIMIT, || {
        let pull = Pull::new().unwrap();
        let at = pull.listen(Site::new("tcp").address()).unwrap();
        let begin = common::now();
        for _ in 0..STRANGERS {
            let mut peer = Peer::connect(at.address());
            peer.write(b"?");
            peer.wait_for_end();
        }
        counts(&pull, |stats| stats.refused.not_sp == STRANGERS);
        // Each second that was begun may have its lines.
        let most = RATE * (begin.elapsed().as_secs() + 2);
        let lines = LINES.0.load(Ordering::Relaxed);
        assert!((1..=most).contains(&lines), "{lines} lines, and {most} are allowed");

        let push = Push::new().unwrap();
        push.dial(at.address()).unwrap();
        push.send("honest").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "honest");
    });
}
