//! Letters to a thread that sleeps, and whether it must be woken for them.

use hubless_protocol::patterns::Time;

/// Kept under a lock. A letter put in before the thread sleeps keeps it awake; one put in later wakes it.
#[derive(Debug)]
pub(crate) struct Letterbox<L> {
    letters: Vec<L>,
    /// The thread sleeps, or is about to, and wakes by itself at this time at the latest.
    asleep: Option<Time>,
}

impl<L> Default for Letterbox<L> {
    fn default() -> Self {
        Self { letters: Vec::new(), asleep: None }
    }
}

impl<L> Letterbox<L> {
    /// Whether the thread must be woken.
    #[must_use]
    pub(crate) fn put(&mut self, letter: L) -> bool {
        self.letters.push(letter);
        self.asleep.take().is_some()
    }

    /// The same for a letter that is not needed before `at`.
    #[must_use]
    pub(crate) fn put_for(&mut self, at: Time, letter: L) -> bool {
        self.letters.push(letter);
        self.asleep.take_if(|wakes| *wakes > at).is_some()
    }

    /// The thread takes what has come. With nothing, and `sleep` given, it is about to sleep until then.
    pub(crate) fn take(&mut self, into: &mut Vec<L>, sleep: Option<Time>) {
        self.asleep = if self.letters.is_empty() { sleep } else { None };
        into.append(&mut self.letters);
    }

    pub(crate) fn awake(&mut self) {
        self.asleep = None;
    }
}
