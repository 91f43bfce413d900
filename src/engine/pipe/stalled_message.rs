//! A message that a peer has begun must make stalled, or a peer could hold memory with half a message for ever. The clock
//! runs only while we are willing to read.

use std::time::Duration;

use hubless_protocol::patterns::Time;

/// After how long the rate is judged.
const WINDOW: Duration = Duration::from_secs(30);
/// The least rate, in bytes a second.
const RATE: u64 = 1024;

/// How a message that is under way is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StalledMessage {
    since: Time,
    /// The index of the message, and how much of it was here.
    message: u64,
    bytes: usize,
}

impl StalledMessage {
    /// What is known after one more look, when this many bytes of the message are here; `Err` if they come too slowly.
    pub(crate) fn look(
        before: Option<Self>,
        now: Time,
        message: u64,
        bytes: usize,
    ) -> Result<Option<Self>, ()> {
        match before {
            _ if bytes == 0 => Ok(None),
            Some(before) if message == before.message && now.since(before.since) < WINDOW => Ok(Some(before)),
            Some(before) if message == before.message && too_few(bytes.saturating_sub(before.bytes)) => {
                Err(())
            }
            _ => Ok(Some(Self { since: now, message, bytes })),
        }
    }
}

/// Whether this many bytes are too few for the time between two judgements.
fn too_few(bytes: usize) -> bool {
    (bytes as u64) < RATE * WINDOW.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    /// Looks every five seconds while the bytes grow at this rate; when it was too slow.
    fn ends(rate: usize) -> Option<u64> {
        let mut stalled = None;
        for second in (0..600).step_by(5) {
            match StalledMessage::look(
                stalled,
                seconds(second),
                7,
                10 + rate * usize::try_from(second).unwrap(),
            ) {
                Ok(next) => stalled = next,
                Err(()) => return Some(second),
            }
        }
        None
    }

    #[test]
    fn a_message_that_stands_still_or_drips_ends_its_pipe_after_half_a_minute() {
        assert_eq!(ends(0), Some(30));
        assert_eq!(ends(1023), Some(30));
    }

    #[test]
    fn a_message_that_comes_slowly_but_steadily_is_taken() {
        assert_eq!(ends(1024), None);
    }

    #[test]
    fn a_clock_that_jumps_judges_once_and_one_that_goes_back_waits() {
        let before = StalledMessage { since: Time(u64::MAX - 1), message: 7, bytes: 5 };
        for back in [Time(0), Time(u64::MAX)] {
            assert_eq!(StalledMessage::look(Some(before), back, 7, 6), Ok(Some(before)));
        }
        let early = StalledMessage { since: seconds(0), ..before };
        let enough = 5 + usize::try_from(RATE * WINDOW.as_secs()).unwrap();
        let anew = StalledMessage { since: Time(u64::MAX), bytes: enough, ..before };
        assert_eq!(StalledMessage::look(Some(early), Time(u64::MAX), 7, enough), Ok(Some(anew)));
        assert_eq!(StalledMessage::look(Some(early), Time(u64::MAX), 7, 6), Err(()));
    }

    #[test]
    fn nothing_under_way_is_never_too_slow() {
        let before = StalledMessage { since: seconds(0), message: 7, bytes: 5 };
        assert_eq!(StalledMessage::look(Some(before), seconds(100), 7, 0), Ok(None));
    }

    #[test]
    fn a_stream_of_messages_is_never_too_slow_though_something_is_always_half_here() {
        let mut stalled = None;
        for look in 0..100 {
            let bytes = 1000 + usize::try_from(look).unwrap();
            stalled = StalledMessage::look(stalled, seconds(look * 5), look, bytes).unwrap();
        }
    }
}
