//! What a publisher sends: calls until everybody is there, then the bodies that are measured, then an end that nobody can
//! miss.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::letters::{Letters, Reach, Stream};
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
    /// Signs that are sent one right after the other, so that every receiver gets one.
    round: u64,
    signs: u64,
}

impl Broadcast {
    pub fn new(stream: Stream, receivers: usize) -> Self {
        Self {
            letters: Letters::new(stream),
            sign: vec![0; stream.size],
            heard: heard(),
            called: false,
            round: if stream.reach == Reach::All { 1 } else { receivers as u64 },
            signs: 0,
        }
    }

    /// Whether it is for every receiver, or each message for one.
    pub fn reach(&self) -> Reach {
        self.letters.reach()
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
        let begins = self.signs.is_multiple_of(self.round);
        self.signs += 1;
        if begins {
            thread::sleep(if self.called { BETWEEN_ENDS } else { BETWEEN_CALLS });
        }
        let heard = self.heard.load(Ordering::Relaxed);
        if self.called {
            write_number(&mut self.sign, END);
            if heard > 1 {
                return None;
            }
        } else {
            self.called = heard > 0;
            write_number(&mut self.sign, CALL);
        }
        Some((&self.sign, true))
    }
}
