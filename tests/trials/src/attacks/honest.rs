use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hubless::{Dialer, Endpoint, Error, Pull, Push, Req, Respondent, Sub};

use super::attack::Post;
use super::wait;
use hubless_kit::SOON;
use hubless_kit::{Stamp, now};

/// Between two round trips, so that the listener has nothing to do but for the attack.
const PAUSE: Duration = Duration::from_millis(5);
/// Round trips from one look at the listener to the next.
const LOOK: usize = 10;
/// What a newcomer asks.
pub(super) const VISIT: &str = "let me in";
/// Between two newcomers.
const ARRIVAL: Duration = Duration::from_millis(20);

/// A peer that does what it should, and sees that the listener does so, too.
#[derive(Debug)]
pub(super) struct Honest {
    req: Req,
    beside: Beside,
    trips: u64,
}

/// What it has from the socket that is attacked.
#[derive(Debug)]
enum Beside {
    Nothing,
    News(Sub),
    Work(Pull),
    /// What it sends is none of what is measured, but it is there.
    Silent {
        _push: Push,
    },
}

impl Honest {
    pub(super) fn connect(post: Post, front: &str, target: &str) -> Self {
        let req = Req::new().expect("a socket");
        req.dial(front).expect("an address");
        let beside = match post {
            Post::News => {
                let sub = Sub::new().expect("a socket");
                sub.subscribe("").expect("a topic");
                sub.dial(target).expect("an address");
                sub.wait_for_peers(1, SOON).expect("the listener");
                Beside::News(sub)
            }
            Post::Work => {
                let pull = Pull::new().expect("a socket");
                pull.dial(target).expect("an address");
                pull.wait_for_peers(1, SOON).expect("the listener");
                Beside::Work(pull)
            }
            Post::Survey => {
                answer_surveys(target);
                Beside::Nothing
            }
            Post::Drain | Post::Heap | Post::HeapApart => {
                let push = Push::new().expect("a socket");
                push.dial(target).expect("an address");
                push.wait_for_peers(1, SOON).expect("the listener");
                Beside::Silent { _push: push }
            }
            Post::Front => Beside::Nothing,
        };
        Self { req, beside, trips: 0 }
    }

    /// One round trip, and how long it took. What comes back is what was sent.
    pub(super) fn trip(&mut self) -> Duration {
        let stamp = Stamp { run: 0, sender: 0, incarnation: 0, seq: self.trips, about: 0 };
        self.trips += 1;
        let message = stamp.encode(self.length());
        let begun = now();
        let answer = self.req.send_timeout(message.clone(), SOON).expect("room");
        match &self.beside {
            Beside::Nothing | Beside::Silent { .. } => {}
            Beside::News(sub) => assert!(sub.recv_timeout(SOON).expect("news") == message, "other news"),
            // What others did not take comes as well, and the answer waits for room.
            Beside::Work(pull) => while pull.recv_timeout(SOON).expect("work") != message {},
        }
        let answer = answer.recv_timeout(SOON).expect("an answer");
        assert!(answer == message, "an answer to something else");
        begun.elapsed()
    }

    /// Queues should fill where others do not read.
    fn length(&self) -> usize {
        match self.beside {
            Beside::Nothing | Beside::Silent { .. } => 100,
            Beside::News(_) | Beside::Work(_) => 128 << 10,
        }
    }

    /// Talks for so long, and looks at the listener now and then; the 95th and the 99th percentile of what it took.
    pub(super) fn talk(&mut self, time: Duration, mut look: impl FnMut()) -> [Duration; 2] {
        let end = now() + time;
        let mut times = Vec::new();
        while now() < end {
            times.push(self.trip());
            if times.len() % LOOK == 1 {
                look();
            }
            wait(PAUSE);
        }
        times.sort_unstable();
        [95, 99].map(|percent| times[times.len() * percent / 100])
    }
}

/// Gives every question back, until there is nobody any more who asks.
fn answer_surveys(target: &str) {
    let respondent = Respondent::new().expect("a socket");
    let _dialer: Dialer = respondent.dial(target).expect("an address");
    respondent.wait_for_peers(1, SOON).expect("the listener");
    thread::spawn(move || {
        while let Ok(question) = respondent.recv_timeout(SOON) {
            let body = question.to_vec();
            let _ = question.reply(body);
        }
    });
}

/// Peers that were not there before come one after the other, each for one round trip.
#[derive(Debug)]
pub(super) struct Newcomers {
    enough: Arc<AtomicBool>,
    coming: JoinHandle<u64>,
}

impl Newcomers {
    pub(super) fn come(front: &str) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let (front, stop) = (front.to_owned(), Arc::clone(&enough));
        let coming = thread::spawn(move || {
            let mut served = 0;
            while !stop.load(Ordering::Relaxed) {
                served += u64::from(visit(&front, &stop));
                wait(ARRIVAL);
            }
            served
        });
        Self { enough, coming }
    }

    /// How many were served.
    pub(super) fn stop(self) -> u64 {
        self.enough.store(true, Ordering::Relaxed);
        self.coming.join().expect("newcomers do not panic")
    }
}

/// Whether it is served before it is enough.
fn visit(front: &str, enough: &AtomicBool) -> bool {
    let req = Req::new().expect("a socket");
    let eager = Duration::from_millis(10)..=Duration::from_millis(20);
    req.dial(Endpoint::new(front).reconnect(eager)).expect("an address");
    let Some(pending) = in_time(enough, || Ok(req.send_timeout(VISIT, ARRIVAL)?)) else { return false };
    in_time(enough, || pending.recv_timeout(ARRIVAL)).is_some_and(|answer| answer == VISIT)
}

/// Tries until it is enough.
fn in_time<T>(enough: &AtomicBool, mut attempt: impl FnMut() -> Result<T, Error>) -> Option<T> {
    while !enough.load(Ordering::Relaxed) {
        match attempt() {
            Ok(done) => return Some(done),
            Err(Error::Timeout { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    None
}
