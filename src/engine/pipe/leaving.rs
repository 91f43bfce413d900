//! Where a message is that leaves beyond the limit of memory (`overcommit.rs`): smaller ones are queued before it, and pass behind it without
//! pause, so that its pipe may never be empty.

use super::send_queue::QueueSize;
use crate::traffic::Traffic;

/// Where in its pipe the message is that leaves beyond the limit: others may be queued behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaving {
    /// How many messages have been queued, it and all before it.
    messages: u64,
    /// And how many octets of messages.
    octets: u64,
}

/// What stands in front of a message on any wire, at most.
const FRAMING: u64 = 9;

impl Leaving {
    /// The next message of a pipe through which this went so far, of this size.
    pub(crate) fn next(traffic: &Traffic, octets: usize) -> Self {
        Self { messages: traffic.sent + 1, octets: traffic.sent_bytes + octets as u64 }
    }

    /// One was dropped: the first of those that `pending` has, which no writer has taken. Whether it was this one.
    ///
    /// One that was before it counts like one that has left; one that was behind it does not.
    pub(crate) fn one_dropped(&mut self, traffic: &Traffic, pending: usize) -> bool {
        let dropped = traffic.sent.saturating_sub(pending as u64) + 1;
        let itself = dropped == self.messages;
        self.messages += u64::from(dropped > self.messages);
        itself
    }

    /// Whether it has left, where so much is still queued.
    pub(crate) fn has_left(self, traffic: &Traffic, queued: QueueSize) -> bool {
        queued.messages == 0 || traffic.sent.saturating_sub(queued.messages as u64) >= self.messages
    }

    /// What has to leave of it and of what is before it. At least one octet, because it has not left.
    pub(crate) fn missing(self, traffic: &Traffic, queued: QueueSize) -> usize {
        let framing = traffic.sent.saturating_sub(self.messages).saturating_mul(FRAMING);
        let behind = traffic.sent_bytes.saturating_sub(self.octets).saturating_add(framing);
        queued.octets.saturating_sub(usize::try_from(behind).unwrap_or(usize::MAX)).max(1)
    }

    /// Names it.
    pub(crate) fn message(self) -> u64 {
        self.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn went(sent: u64, sent_bytes: u64) -> Traffic {
        Traffic { sent, sent_bytes, ..Traffic::default() }
    }

    fn queued(messages: usize, octets: usize) -> QueueSize {
        QueueSize { messages, octets }
    }

    #[test]
    fn it_has_left_when_all_before_it_have_though_more_are_queued_behind_it() {
        let leaving = Leaving::next(&went(7, 70), 1000);
        assert!(!leaving.has_left(&went(8, 1070), queued(3, 1020)));
        assert!(!leaving.has_left(&went(108, 2070), queued(101, 1500)));
        assert!(leaving.has_left(&went(108, 2070), queued(100, 1000)));
        assert!(leaving.has_left(&went(8, 1070), queued(0, 0)));
    }

    #[test]
    fn what_is_behind_it_is_not_missing() {
        let leaving = Leaving::next(&went(7, 70), 1000);
        let frame = usize::try_from(FRAMING).expect("it is small");
        assert_eq!(leaving.missing(&went(8, 1070), queued(3, 1020)), 1020);
        assert_eq!(leaving.missing(&went(18, 1170), queued(13, 1020 + 10 * (10 + frame))), 1020);
        assert_eq!(leaving.missing(&went(18, 1170), queued(11, 10)), 1, "it has not left");
    }

    /// It is the third of those queued, of which a writer has the first, and perhaps more.
    fn third() -> Leaving {
        Leaving::next(&went(2, 20), 1000)
    }

    #[test]
    fn it_has_not_left_when_one_behind_it_is_dropped() {
        let mut leaving = third();
        let went = went(5, 1040);
        assert!(!leaving.one_dropped(&went, 2), "the writer has three");
        assert!(!leaving.has_left(&went, queued(4, 1030)) && !leaving.has_left(&went, queued(2, 1010)));
        assert!(!leaving.one_dropped(&went, 1));
        assert!(!leaving.has_left(&went, queued(1, 1000)));
        assert!(leaving.has_left(&went, queued(0, 0)));
    }

    #[test]
    fn it_has_left_in_its_turn_when_one_before_it_is_dropped() {
        let mut leaving = third();
        let went = went(5, 1040);
        assert!(!leaving.one_dropped(&went, 4), "the writer has the first");
        assert!(!leaving.has_left(&went, queued(3, 1020)));
        assert!(leaving.has_left(&went, queued(2, 20)));
    }

    #[test]
    fn one_that_is_dropped_itself_is_found_though_others_are_before_it_and_behind_it() {
        let mut leaving = third();
        let went = went(5, 1040);
        assert!(!leaving.one_dropped(&went, 4));
        assert!(leaving.one_dropped(&went, 3));
        assert!(!leaving.has_left(&went, queued(3, 30)), "the writer still has the first");
    }
}
