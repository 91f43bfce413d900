//! A peer that has vanished without an end never confirms what it was sent, and the system would go on asking it for a quarter of
//! an hour. A transport that can tell is asked now and then, and a peer that stays silent for longer than it may is given up.

use std::time::Duration;

use hubless_protocol::patterns::Time;
use hubless_transport::Acknowledged;

/// What earlier looks have shown of a peer's liveness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PeerLiveness {
    /// How many messages it had been sent when nothing was left to confirm. At first our greeting is.
    confirmed: Option<u64>,
    /// The last look, if the peer was overdue then.
    overdue: Option<Time>,
}

impl PeerLiveness {
    /// Whether there may be something that it has not confirmed, so that idle connections cost nothing.
    pub(crate) fn is_to_be_asked(&self, sent: u64, waiting: usize) -> bool {
        waiting > 0 || self.confirmed != Some(sent)
    }

    /// One more look, when this many messages had left: for how long a peer has been silent that is to be given up.
    ///
    /// It is overdue at two looks in a row and has not been heard of between them. At a single one the question may be on its way: a
    /// peer that reads nothing is asked at ever longer intervals, and answers each time.
    pub(crate) fn look(&mut self, now: Time, sent: u64, answer: Acknowledged) -> Option<Duration> {
        let before = self.overdue.take();
        match answer {
            Acknowledged::All => self.confirmed = Some(sent),
            Acknowledged::Overdue { silent } => {
                self.overdue = Some(now);
                return before.filter(|before| silent >= now.since(*before)).map(|_| silent);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    fn overdue(seconds: u64) -> Acknowledged {
        Acknowledged::Overdue { silent: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_peer_that_is_overdue_at_two_looks_in_a_row_is_given_up() {
        let mut liveness = PeerLiveness::default();
        assert_eq!(liveness.look(at(25), 1, overdue(25)), None);
        assert_eq!(liveness.look(at(30), 1, overdue(30)), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_peer_that_was_heard_of_between_two_looks_is_kept() {
        let mut liveness = PeerLiveness::default();
        for look in 0..100 {
            assert_eq!(liveness.look(at(100 + 5 * look), 1, overdue(4)), None);
        }
    }

    #[test]
    fn a_peer_that_answers_now_and_then_is_kept() {
        let mut liveness = PeerLiveness::default();
        for look in 0..100 {
            let answer = if look % 2 == 0 { overdue(60) } else { Acknowledged::NotYet };
            assert_eq!(liveness.look(at(100 + 5 * look), 1, answer), None);
        }
    }

    #[test]
    fn who_has_confirmed_everything_is_not_asked_again_until_there_is_more() {
        let mut liveness = PeerLiveness::default();
        assert!(liveness.is_to_be_asked(0, 0), "our greeting");
        liveness.look(at(5), 0, Acknowledged::All);
        assert!(!liveness.is_to_be_asked(0, 0));
        assert!(liveness.is_to_be_asked(1, 0) && liveness.is_to_be_asked(0, 1));
        liveness.look(at(10), 1, Acknowledged::NotYet);
        assert!(liveness.is_to_be_asked(1, 0));
    }

    #[test]
    fn a_clock_that_jumps_gives_nobody_up_who_was_heard_of() {
        let mut liveness = PeerLiveness::default();
        liveness.look(at(25), 1, overdue(25));
        assert_eq!(liveness.look(Time(u64::MAX), 1, overdue(30)), None);
    }
}
