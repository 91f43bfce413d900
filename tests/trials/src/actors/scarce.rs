use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use hubless::{Context, Error, Pull, Push};
use rustix::process::{Resource, Rlimit, setrlimit};

use hubless_kit::child::{hear, tell};
use hubless_kit::{Ledger, Site, Stamp, eventually};

/// Time enough for everything.
const LONG: Duration = Duration::from_secs(60);
/// A step that is refused is not waited for.
const MOMENT: Duration = Duration::from_millis(20);
/// Nothing is given back any more when nothing was for so many looks, of two milliseconds each.
const STILL: usize = 100;

/// Lives with so few descriptors. First each of its steps in turn finds none, while messages flow; then there are none until the trial
/// says `free`. Tells where it listens, when it has none, and at the end how many messages came.
pub(super) fn play(words: &[String]) {
    let [transport, most, run] = words else { panic!("scarce TRANSPORT MOST RUN") };
    let transport = ["tcp", "ipc"].into_iter().find(|known| known == transport).expect("a transport");
    let [most, run] = [most, run].map(|number| number.parse::<u64>().expect("a number"));
    setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: Some(most) }).expect("a limit");
    let site = Site::new(transport);
    let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
    let at = if transport == "tcp" { "tcp://127.0.0.1:0".into() } else { site.place(0) };
    let listener = pull.listen(at).expect("an address");
    push.dial(listener.address()).expect("an address");
    push.wait_for_peers(1, LONG).expect("a peer");
    let scarce = Scarce {
        push,
        pull,
        run,
        ledger: Mutex::new(Ledger::new(run)),
        sent: Mutex::new(0),
        others: AtomicU64::new(0),
    };
    tell(listener.address());

    let mut files = Vec::new();
    scarce.while_messages_flow(|| {
        for free in 0..most {
            sweep(&site, &mut files, usize::try_from(free).unwrap_or(usize::MAX));
        }
        files.clear();
        open_and_talk(&site, LONG).expect("the most is enough");
    });
    hoard_all(&mut files);
    tell("none");
    assert_eq!(hear().as_deref(), Some("free"));
    files.clear();
    scarce.while_messages_flow(|| scarce.hear_of(1));
    let sent = *scarce.sent.lock().expect("nobody panicked");
    scarce.take_all();
    let ledger = scarce.ledger.lock().expect("nobody panicked");
    assert_eq!((ledger.received, ledger.missing), (sent + 1, 0), "messages are lost");
    tell(&ledger.received.to_string());
    hear();
}

/// Has this many descriptors left over, and tries everything that takes some.
fn sweep(site: &Site, files: &mut Vec<File>, free: usize) {
    hoard(files);
    files.truncate(files.len().saturating_sub(free));
    let outcome = open_and_talk(site, MOMENT);
    assert!(free > 0 || outcome.is_err(), "the system is to refuse something");
    assert!(!matches!(outcome, Err(Error::Dead)), "with {free} descriptors the background thread died");
}

/// Files, until there can be no more.
fn hoard(files: &mut Vec<File>) {
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
    }
}

/// The same, and those that are given back a little later: the thread of a context ends after its close.
fn hoard_all(files: &mut Vec<File>) {
    let mut looks = 0;
    eventually(|| {
        let before = files.len();
        hoard(files);
        looks = if files.len() == before { looks + 1 } else { 0 };
        looks == STILL
    });
}

fn open_and_talk(site: &Site, patience: Duration) -> Result<(), Error> {
    let context = Context::new()?;
    let pull = Pull::builder().context(&context).build()?;
    let push = Push::builder().context(&context).build()?;
    push.dial(pull.listen(site.place(1))?.address())?;
    push.send_timeout("hello", patience)?;
    assert_eq!(pull.recv_timeout(patience)?, "hello");
    context.close(Duration::ZERO);
    Ok(())
}

/// A sender and a receiver that were connected before there were too few.
struct Scarce {
    push: Push,
    pull: Pull,
    run: u64,
    ledger: Mutex<Ledger>,
    sent: Mutex<u64>,
    others: AtomicU64,
}

impl Scarce {
    fn while_messages_flow(&self, then: impl FnOnce()) {
        let flows = AtomicBool::new(true);
        thread::scope(|threads| {
            threads.spawn(|| {
                while flows.load(Ordering::Relaxed) {
                    self.send();
                }
            });
            threads.spawn(|| {
                while flows.load(Ordering::Relaxed) {
                    self.take_all();
                }
            });
            then();
            flows.store(false, Ordering::Relaxed);
        });
    }

    fn send(&self) {
        let mut sent = self.sent.lock().expect("nobody panicked");
        let stamp = Stamp { run: self.run, sender: 0, incarnation: 0, seq: *sent, about: 0 };
        self.push.send_timeout(stamp.encode(100), LONG).expect("room");
        *sent += 1;
        drop(sent);
        thread::park_timeout(Duration::from_micros(200));
    }

    /// Until nothing has come for a moment.
    fn take_all(&self) {
        while let Ok(message) = self.pull.recv_timeout(MOMENT) {
            let mut ledger = self.ledger.lock().expect("nobody panicked");
            let stamp = ledger.enter(&message).expect("a message as it was sent");
            self.others.fetch_add(u64::from(stamp.sender > 0), Ordering::Relaxed);
        }
    }

    /// Waits until so many messages of others have come, too.
    fn hear_of(&self, others: u64) {
        eventually(|| self.others.load(Ordering::Relaxed) >= others);
    }
}
