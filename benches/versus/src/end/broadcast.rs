//! What a publisher sends: calls until everybody is there, then the bodies that are measured, then an end that nobody can
//! miss.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::letters::{Letters, Stream};
use super::link::heard;
use super::{Figures, as_figure, write_number};

/// The number of a call: a receiver that gets one is there.
pub(super) const CALL: u64 = u64::MAX;
/// The number of an end. It is said again until all have heard it, as it may be lost like anything else.
pub(super) const END: u64 = u64::MAX - 1;
const BETWEEN_CALLS: Duration = Duration::from_millis(5);
const BETWEEN_ENDS: Duration = Duration::from_millis(20);

/// The bodies of one publisher.
#[derive(Debug)]
pub struct Broadcast {
    letters: Letters,
    sign: Vec<u8>,
    /// The first line says that everybody is there, the second that everybody has heard the end.
    heard: Arc<AtomicUsize>,
    called: bool,
}

impl Broadcast {
    pub fn new(stream: Stream) -> Self {
        Self { letters: Letters::new(stream), sign: vec![0; stream.size], heard: heard(), called: false }
    }

    /// The next body, and whether it must leave at once.
    #[allow(clippy::should_implement_trait, reason = "it lends")]
    #[inline]
    pub fn next(&mut self) -> Option<(&[u8], bool)> {
        if self.called && self.letters.wanted() {
            return self.letters.next_written().map(|octets| (octets, false));
        }
        self.sign()
    }

    /// Octets of a body.
    pub fn size(&self) -> usize {
        self.sign.len()
    }

    /// What the process has used since the warm-up, and when that was over.
    pub fn figures(&self) -> Figures {
        Figures::from([
            ("publisher cpu", self.letters.spent().as_secs_f64()),
            ("began", as_figure(self.letters.marked())),
        ])
    }

    #[cold]
    fn sign(&mut self) -> Option<(&[u8], bool)> {
        if self.called {
            write_number(&mut self.sign, END);
            thread::sleep(BETWEEN_ENDS);
            if self.heard.load(Ordering::Relaxed) > 1 {
                return None;
            }
        } else {
            thread::sleep(BETWEEN_CALLS);
            self.called = self.heard.load(Ordering::Relaxed) > 0;
            write_number(&mut self.sign, CALL);
        }
        Some((&self.sign, true))
    }
}
