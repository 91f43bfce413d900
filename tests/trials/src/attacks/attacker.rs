//! The process of those who mean harm.

use std::cell::Cell;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{attack, wait};
use crate::Trial;
use hubless_kit::child::tell;
use hubless_kit::peer::{Peer, greeting};

/// Where the attack is, and how long it goes on.
#[derive(Debug)]
pub(super) struct Field {
    /// What is attacked.
    pub(super) target: String,
    enough: Arc<AtomicBool>,
    begun: Cell<bool>,
    trial: Trial,
}

/// What was done.
#[derive(Debug)]
pub(super) struct Made {
    /// So many times.
    pub(super) count: u64,
    /// Connections that stay until all is counted.
    pub(super) held: Vec<Peer>,
}

/// Attacks what listens at an address until it is told that it is enough, tells how often it did what it does, and leaves when it
/// is killed.
pub(crate) fn play(words: &[String]) {
    let [name, target, seed] = words else { panic!("attacker ATTACK TARGET SEED") };
    let enough = Arc::new(AtomicBool::new(false));
    let field = Field {
        target: target.clone(),
        enough: Arc::clone(&enough),
        begun: Cell::new(false),
        trial: Trial::from_seed("attack", seed.parse().expect("a number")),
    };
    thread::spawn(move || {
        let mut line = String::new();
        let _ = std::io::stdin().lock().read_line(&mut line);
        enough.store(true, Ordering::Relaxed);
    });
    let made = (attack(name).act)(&field);
    tell(&made.count.to_string());
    loop {
        wait(Duration::from_secs(1));
        // The peers are not dropped before.
        std::hint::black_box(&made.held);
    }
}

impl Field {
    /// All is in place; from now on it is measured.
    pub(super) fn begin(&self) {
        if !self.begun.replace(true) {
            tell("begun");
        }
    }

    /// Whether it is not enough yet.
    pub(super) fn goes_on(&self) -> bool {
        !self.enough.load(Ordering::Relaxed)
    }

    /// Waits for so long; whether it is not enough then.
    pub(super) fn after(&self, pause: Duration) -> bool {
        wait(pause);
        self.goes_on()
    }

    /// Waits until it is enough.
    pub(super) fn wait(&self) {
        while self.after(Duration::from_millis(10)) {}
    }

    pub(super) fn chance(&self) -> fastrand::Rng {
        self.trial.chance(0)
    }

    /// Somebody who has connected and says nothing.
    pub(super) fn silent(&self) -> Peer {
        Peer::connect(&self.target)
    }

    /// Somebody who has connected and greeted, as this.
    pub(super) fn greeted(&self, number: u16) -> Peer {
        let peer = self.silent();
        peer.say(&greeting(number));
        peer
    }

    pub(super) fn crowd(&self, count: usize, number: u16) -> Vec<Peer> {
        (0..count).map(|_| self.greeted(number)).collect()
    }
}
