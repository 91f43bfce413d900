//! A message that a peer has begun must make progress, or a peer could hold memory with half a message for ever. The clock
//! runs only while we are willing to read.
//!
//! More is asked of a message that goes beyond the limit of memory (`beyond.rs`) while others wait for its place: it has to be
//! done within a minute after somebody first wanted that, whether it comes from the peer or goes to it. At each look it must have
//! come as far as a straight line to that end.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::{Pattern, Time};

use super::beyond::Plan;
use super::blocking::Host;
use super::core::State;
use super::memory::Share;
use super::pipe::Pipe;
use super::socket::Socket;
use super::table::Entry;
use crate::monitor::Removal;

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
    /// The how manieth message it is, and how much of it was here.
    message: u64,
    octets: usize,
}

impl Progress {
    /// What is known after one more look, when so many octets of this message are here; `Err` if they come too slowly.
    fn look(before: Option<Self>, now: Time, message: u64, octets: usize) -> Result<Option<Self>, ()> {
        match before {
            _ if octets == 0 => Ok(None),
            Some(before) if message == before.message && now.since(before.since) < WINDOW => Ok(Some(before)),
            Some(before) if message == before.message && too_few(octets.saturating_sub(before.octets)) => {
                Err(())
            }
            _ => Ok(Some(Self { since: now, message, octets })),
        }
    }
}

/// Whether so many octets are too few for the time between two judgements.
fn too_few(octets: usize) -> bool {
    (octets as u64) < RATE * WINDOW.as_secs()
}

impl<P: Pattern> Socket<P> {
    /// Looks at the pipes in these places, and removes those whose message has come too slowly.
    pub(crate) fn check_progress(&self, places: Range<usize>) {
        let now = self.clock.now();
        let mut slow: Vec<Arc<Pipe>> = Vec::new();
        let mut core = self.lock();
        core.state.forget_who_waits_no_more();
        let State { table, memory, .. } = &mut core.state;
        for place in places {
            let Some(entry) = table.at_mut(place) else { continue };
            if !look_at_arriving(entry, memory, now) || !look_at_leaving(entry, memory, now) {
                slow.push(Arc::clone(&entry.pipe));
            }
        }
        self.release(core);
        for pipe in slow {
            self.remove(&pipe, &Removal::TooSlow);
        }
    }
}

/// Whether the message that comes by this pipe gets on.
fn look_at_arriving(entry: &mut Entry, memory: &Share, now: Time) -> bool {
    // While it is not read the clock stands still, and so it does while somebody is busy reading it. The lock is only
    // tried, because it comes before the socket's.
    let pipe = Arc::clone(&entry.pipe);
    let is_read = !entry.paused && !entry.starved;
    let reading = if is_read { pipe.read.try_lock() } else { None };
    let (message, octets) =
        reading.as_ref().map_or((0, 0), |side| (side.messages, side.octets_of_unfinished()));
    let Ok(progress) = Progress::look(entry.progress, now, message, octets) else { return false };
    entry.progress = progress;
    let holds_up = is_read && memory.finishing.holds_up(pipe.id.number) && entry.is_taken();
    let before = entry.plans.arriving.take().filter(|_| holds_up);
    // One that is being read is judged at the next look. Where nothing is under way, nothing is slow.
    let plan = match reading {
        None => Ok(before),
        Some(side) if holds_up && octets > 0 => Plan::look(before, now, message, side.missing()).map(Some),
        Some(_) => Ok(None),
    };
    plan.map(|plan| entry.plans.arriving = plan).is_ok()
}

/// Whether the message that leaves through this pipe beyond the limit of memory gets on. Where there is memory again, it is no
/// longer beyond it.
fn look_at_leaving(entry: &mut Entry, memory: &mut Share, now: Time) -> bool {
    if entry.beyond.is_some() && memory.has_room(entry.queued.octets, 0) {
        entry.beyond = None;
        memory.give_back_excess();
    }
    let before = entry.plans.leaving.take();
    let Some(leaving) = entry.beyond.filter(|_| memory.excess.is_wanted()) else { return true };
    let missing = leaving.missing(&entry.traffic, entry.queued);
    let plan = Plan::look(before, now, leaving.message(), Some(missing));
    plan.map(|plan| entry.plans.leaving = Some(plan)).is_ok()
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
            match Progress::look(progress, seconds(second), 7, 10 + rate * usize::try_from(second).unwrap()) {
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
    fn a_clock_that_jumps_judges_once_and_one_that_goes_back_waits() {
        let before = Progress { since: Time(u64::MAX - 1), message: 7, octets: 5 };
        for back in [Time(0), Time(u64::MAX)] {
            assert_eq!(Progress::look(Some(before), back, 7, 6), Ok(Some(before)));
        }
        let early = Progress { since: seconds(0), ..before };
        let enough = 5 + usize::try_from(RATE * WINDOW.as_secs()).unwrap();
        let anew = Progress { since: Time(u64::MAX), octets: enough, ..before };
        assert_eq!(Progress::look(Some(early), Time(u64::MAX), 7, enough), Ok(Some(anew)));
        assert_eq!(Progress::look(Some(early), Time(u64::MAX), 7, 6), Err(()));
    }

    #[test]
    fn nothing_under_way_is_never_too_slow() {
        let before = Progress { since: seconds(0), message: 7, octets: 5 };
        assert_eq!(Progress::look(Some(before), seconds(100), 7, 0), Ok(None));
    }

    #[test]
    fn a_stream_of_messages_is_never_too_slow_though_something_is_always_half_here() {
        let mut progress = None;
        for look in 0..100 {
            let octets = 1000 + usize::try_from(look).unwrap();
            progress = Progress::look(progress, seconds(look * 5), look, octets).unwrap();
        }
    }
}
