//! What of a message is beyond the limit of memory while it arrives (`overcommit.rs`), and so counts against nobody.

/// The turn of a pipe to finish one message beyond the limit. What was here of it when the turn began is within the limit, and stays
/// counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arriving {
    /// The message after this many.
    after: u64,
    within: usize,
    beyond: usize,
    /// All of it has come: nothing is beyond the limit that comes behind it.
    whole: bool,
}

impl Arriving {
    /// The turn begins, for the message after this many, of which this much is here.
    pub(crate) fn begin(after: u64, within: usize) -> Self {
        Self { after, within, beyond: 0, whole: false }
    }

    /// This much of the pipe is here now, after this many messages. How much of it was beyond the limit and how much is.
    pub(crate) fn grow(&mut self, bytes: usize, messages: u64) -> (usize, usize) {
        let before = self.beyond;
        let beyond = bytes.saturating_sub(self.within);
        self.beyond = if self.whole { before.min(beyond) } else { beyond };
        self.whole = self.has_come(messages);
        (before, self.beyond)
    }

    /// Some of it was taken, and so much is here now. How much was beyond the limit and how much is.
    pub(crate) fn shrink(&mut self, bytes: usize) -> (usize, usize) {
        let before = self.beyond;
        self.beyond = before.min(bytes.saturating_sub(self.within));
        (before, self.beyond)
    }

    /// How much is beyond the limit.
    pub(crate) fn beyond(&self) -> usize {
        self.beyond
    }

    /// Whether all of it has come, where the pipe has given this many messages.
    pub(crate) fn has_come(&self, messages: u64) -> bool {
        messages > self.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_the_message_is_beyond_the_limit_and_what_was_here_before_is_not() {
        let mut arriving = Arriving::begin(7, 100);
        assert_eq!(arriving.grow(100, 7), (0, 0));
        assert_eq!(arriving.grow(1100, 7), (0, 1000));
        assert_eq!(arriving.grow(5100, 8), (1000, 5000), "it is whole, and waits for the user");
        assert!(arriving.has_come(8) && !arriving.has_come(7));
    }

    #[test]
    fn what_comes_behind_the_message_is_within_the_limit() {
        let mut arriving = Arriving::begin(0, 100);
        assert_eq!(arriving.grow(1100, 1), (0, 1000));
        assert_eq!(arriving.grow(9100, 1), (1000, 1000));
        assert_eq!(arriving.grow(9200, 5), (1000, 1000));
    }

    #[test]
    fn what_is_taken_is_beyond_the_limit_no_more() {
        let mut arriving = Arriving::begin(0, 100);
        assert_eq!(arriving.grow(1100, 1), (0, 1000));
        assert_eq!(arriving.shrink(600), (1000, 500));
        assert_eq!(arriving.grow(9100, 1), (500, 500));
        assert_eq!(arriving.shrink(0), (500, 0));
        assert_eq!(arriving.beyond(), 0);
    }
}
