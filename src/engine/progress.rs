//! A message that a peer has begun must make progress, or a peer could hold memory with half a message for ever. The clock
//! runs only while we are willing to read.

use std::sync::Arc;
use std::time::Duration;

use super::blocking::Host;
use super::lifecycle::Removal;
use super::pipe::Pipe;
use super::socket::Socket;
use crate::patterns::{Pattern, Time};

/// How often the pipes are looked at.
pub(crate) const LOOK: Duration = Duration::from_secs(5);
/// After how long the rate is judged.
const WINDOW: Duration = Duration::from_secs(30);
/// The least rate, in octets a second.
const RATE: u64 = 1024;

/// How a message that is under way is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    since: Time,
    octets: usize,
}

impl Progress {
    /// What is known after one more look, when so many octets of an unfinished message are here; `Err` if they come too
    /// slowly. A message that is not the one of the last look has fewer octets, or has been making progress.
    fn look(before: Option<Self>, now: Time, octets: usize) -> Result<Option<Self>, ()> {
        let fresh = Self { since: now, octets };
        match before {
            _ if octets == 0 => Ok(None),
            Some(before) if octets >= before.octets && now.since(before.since) < WINDOW => Ok(Some(before)),
            Some(before) if octets >= before.octets && too_few(octets - before.octets) => Err(()),
            _ => Ok(Some(fresh)),
        }
    }
}

/// Whether so many octets are too few for the time between two judgements.
fn too_few(octets: usize) -> bool {
    (octets as u64) < RATE * WINDOW.as_secs()
}

impl<P: Pattern> Socket<P> {
    /// Looks at all pipes, and removes those whose message has come too slowly.
    pub(crate) fn check_progress(&self) {
        let now = self.clock.now();
        let mut slow: Vec<Arc<Pipe>> = Vec::new();
        let mut core = self.lock();
        for entry in core.state.table.iter_mut() {
            // While it is not read the clock stands still, and so it does while somebody is busy reading it.
            let reading = if entry.paused || entry.starved { None } else { entry.pipe.read.try_lock() };
            let octets = reading.map_or(0, |side| side.octets());
            match Progress::look(entry.progress, now, octets) {
                Ok(progress) => entry.progress = progress,
                Err(()) => slow.push(Arc::clone(&entry.pipe)),
            }
        }
        drop(core);
        for pipe in slow {
            self.remove(&pipe, &Removal::Stalled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    /// Looks every five seconds while the octets grow at this rate; when it was too slow.
    fn ends(rate: usize) -> Option<u64> {
        let mut progress = None;
        for second in (0..600).step_by(5) {
            match Progress::look(progress, seconds(second), 10 + rate * usize::try_from(second).unwrap()) {
                Ok(next) => progress = next,
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
    fn nothing_under_way_is_never_too_slow() {
        assert_eq!(
            Progress::look(Some(Progress { since: seconds(0), octets: 5 }), seconds(100), 0),
            Ok(None)
        );
    }
}
