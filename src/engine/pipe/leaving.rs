//! Where a message is that leaves beyond the limit of memory (`overcommit.rs`): smaller ones are queued before it, and pass behind it without
//! pause, so that its pipe may never be empty.

/// Where in its pipe the message is that leaves beyond the limit: others may be queued before it and behind it. Bytes are those of its queue,
/// with what stands in front of each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaving {
    /// Messages that the pipe had been given before this one.
    after: u64,
    bytes: usize,
    /// What has to leave of it and of what is before it.
    missing: usize,
}

impl Leaving {
    /// The next message of a pipe that was given this many, and of which `queued` has not left. It takes this many bytes.
    pub(crate) fn begin(after: u64, queued: usize, bytes: usize) -> Self {
        Self { after, bytes, missing: queued + bytes }
    }

    /// So much has left its pipe. How much of the message was here and how much is.
    pub(crate) fn some_left(&mut self, bytes: usize) -> (usize, usize) {
        let before = self.beyond();
        self.missing = self.missing.saturating_sub(bytes);
        (before, self.beyond())
    }

    /// One was dropped that took so much: the oldest but for what a writer has, which is so much. How much of the message was here and
    /// how much is: nothing where it was this one. One that was before it counts like one that has left; one that was behind it does not.
    pub(crate) fn one_dropped(&mut self, in_flight: usize, bytes: usize) -> (usize, usize) {
        let before = self.beyond();
        if self.missing == in_flight + self.bytes && bytes == self.bytes {
            self.missing = 0;
        } else if in_flight < self.missing {
            self.missing = self.missing.saturating_sub(bytes);
        }
        (before, self.beyond())
    }

    /// What is still here of the message, and so beyond the limit.
    pub(crate) fn beyond(&self) -> usize {
        self.missing.min(self.bytes)
    }

    /// Whether it has left, or is gone.
    pub(crate) fn has_left(&self) -> bool {
        self.missing == 0
    }

    /// What has to leave of it and of what is before it.
    pub(crate) fn missing(&self) -> usize {
        self.missing
    }

    /// Names it.
    pub(crate) fn message(&self) -> u64 {
        self.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_here_of_it_is_beyond_the_limit_whatever_is_before_it() {
        let mut leaving = Leaving::begin(7, 20, 1000);
        assert_eq!((leaving.beyond(), leaving.missing()), (1000, 1020));
        assert_eq!(leaving.some_left(15), (1000, 1000));
        assert_eq!(leaving.some_left(105), (1000, 900));
        assert!(!leaving.has_left());
        assert_eq!(leaving.some_left(900), (900, 0));
        assert!(leaving.has_left());
    }

    #[test]
    fn it_has_left_when_all_before_it_have_and_not_sooner() {
        let mut leaving = Leaving::begin(7, 20, 1000);
        assert_eq!(leaving.some_left(1019), (1000, 1));
        assert!(!leaving.has_left());
        // With some of those behind it.
        assert_eq!(leaving.some_left(300), (1, 0));
        assert!(leaving.has_left());
    }

    /// It is the third of those queued, of which a writer has the first, and perhaps more.
    fn third() -> Leaving {
        Leaving::begin(2, 20, 1000)
    }

    #[test]
    fn it_has_not_left_when_one_behind_it_is_dropped() {
        let mut leaving = third();
        assert_eq!(leaving.one_dropped(1020, 10), (1000, 1000), "the writer has three");
        assert_eq!(leaving.one_dropped(1030, 1000), (1000, 1000), "the writer has four");
        assert_eq!(leaving, third());
    }

    #[test]
    fn it_leaves_sooner_when_one_before_it_is_dropped() {
        let mut leaving = third();
        assert_eq!(leaving.one_dropped(10, 10), (1000, 1000), "the writer has the first");
        assert_eq!(leaving.missing(), 1010);
        assert_eq!(leaving.some_left(1010), (1000, 0));
    }

    #[test]
    fn one_that_is_dropped_itself_is_gone_though_others_are_before_it_and_behind_it() {
        let mut leaving = third();
        assert_eq!(leaving.one_dropped(20, 1000), (1000, 0));
        assert!(leaving.has_left());
        // One without bytes is before it.
        let mut leaving = third();
        assert_eq!(leaving.one_dropped(20, 0), (1000, 1000));
        assert_eq!(leaving.missing(), 1020);
    }
}
