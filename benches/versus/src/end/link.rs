//! What an end says to the other, or to the program that has started it, and hears from it.

use std::io::{self, BufRead};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What the line of an end says when others may connect.
pub const READY: &str = "ready";

/// A link to the process that waits for this end.
#[derive(Debug)]
pub enum Link {
    /// This process is one end: it is spoken to by lines.
    Lines,
    /// This thread is one end: the other one runs beside it.
    Beside { ready: SyncSender<()>, hold: Mutex<Receiver<()>> },
}

/// The other side of a link between threads.
#[derive(Debug)]
pub struct Beside {
    ready: Receiver<()>,
    /// Dropping it lets go of the end that holds.
    _release: SyncSender<()>,
}

impl Link {
    /// A link between threads.
    pub fn beside() -> (Self, Beside) {
        let (tell_ready, ready) = sync_channel(1);
        let (release, hold) = sync_channel(1);
        (Self::Beside { ready: tell_ready, hold: Mutex::new(hold) }, Beside { ready, _release: release })
    }

    /// Others may connect.
    pub fn ready(&self) {
        match self {
            Self::Lines => println!("{READY}"),
            Self::Beside { ready, .. } => drop(ready.try_send(())),
        }
    }

    /// Waits until this end is needed no longer.
    pub fn hold(&self) {
        match self {
            Self::Lines => _ = hear(),
            Self::Beside { hold, .. } => {
                _ = hold.lock().unwrap_or_else(PoisonError::into_inner).recv();
            }
        }
    }
}

impl Beside {
    /// Waits until the other end can be connected to; `false` where it never can.
    pub fn wait(&self) -> bool {
        self.ready.recv().is_ok()
    }
}

/// Waits for a line; `false` when there are no more.
pub fn hear() -> bool {
    io::stdin().lock().read_line(&mut String::new()).is_ok_and(|octets| octets > 0)
}

/// How many lines this process has been told so far, counted while it does something else.
pub fn heard() -> Arc<AtomicUsize> {
    let heard = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&heard);
    thread::spawn(move || {
        while hear() {
            counting.fetch_add(1, Ordering::Relaxed);
        }
    });
    heard
}
