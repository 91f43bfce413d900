//! Peers that are given up: those whose message stands still (`pipe/stalled_message.rs`), and those that have vanished
//! (`pipe/peer_liveness.rs`).
//!
//! More is asked of a message that goes beyond the limit of memory (`overcommit.rs`) while others wait for its place: it has to be
//! done within a minute after somebody first wanted that, whether it comes from the peer or goes to it. At each look it must have
//! come as far as a straight line to that end.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::Time;
use hubless_transport::Acknowledged;

use super::core::{Core, State};
use super::memory::overcommit::Plan;
use super::memory::quota::Quota;
use super::pipe::connection::Pipe;
use super::pipe::stalled_message::StalledMessage;
use super::pipe::table::Entry;
use super::shared::AnySocket;
use super::sys::catch_panic::{Panicked, catch_panic};
use super::wait::block_on::Waitable;
use crate::monitor::Removal;

impl AnySocket {
    /// Looks at the pipes in these slots, and removes those whose message has come too slowly.
    pub(super) fn check_stalled(&self, slots: Range<usize>) {
        let now = self.clock.now();
        let mut slow: Vec<Arc<Pipe>> = Vec::new();
        let mut core = self.lock();
        let Core { state, pattern } = &mut *core;
        state.forget_who_waits_no_more(pattern.inboxes_mut());
        let State { table, memory, .. } = state;
        for slot in slots {
            let Some(entry) = table.at_mut(slot) else { continue };
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
fn look_at_arriving(entry: &mut Entry, memory: &Quota, now: Time) -> bool {
    // While it is not read the clock stands still, and so it does while somebody is busy reading it. The lock is only
    // tried, because it comes before the socket's.
    let pipe = Arc::clone(&entry.pipe);
    let is_read = !entry.paused && !entry.starved;
    let reading = if is_read { pipe.read.try_lock() } else { None };
    let (message, bytes) =
        reading.as_ref().map_or((0, 0), |side| (side.messages, side.bytes_of_unfinished()));
    let Ok(stalled) = StalledMessage::look(entry.stalled, now, message, bytes) else { return false };
    entry.stalled = stalled;
    let holds_up = is_read && memory.finishing.holds_up(pipe.id.number) && entry.is_taken();
    let before = entry.plans.arriving.take().filter(|_| holds_up);
    // One that is being read is judged at the next look. Where nothing is under way, nothing is slow.
    let plan = match reading {
        None => Ok(before),
        Some(side) if holds_up && bytes > 0 => Plan::look(before, now, message, side.missing()).map(Some),
        Some(_) => Ok(None),
    };
    plan.map(|plan| entry.plans.arriving = plan).is_ok()
}

/// Whether the message that leaves through this pipe beyond the limit of memory gets on. Where there is memory again, it is no
/// longer beyond it.
fn look_at_leaving(entry: &mut Entry, memory: &mut Quota, now: Time) -> bool {
    if let Some(leaving) = entry.beyond
        && memory.has_room(entry.queued.bytes.saturating_add(leaving.beyond()), 0)
    {
        entry.beyond = None;
        memory.goes_beyond(leaving.beyond(), 0);
        memory.give_back_excess();
    }
    let before = entry.plans.leaving.take();
    let Some(leaving) = entry.beyond.filter(|_| memory.excess.is_wanted()) else { return true };
    let plan = Plan::look(before, now, leaving.message(), Some(leaving.missing()));
    plan.map(|plan| entry.plans.leaving = Some(plan)).is_ok()
}

/// A pipe that is asked, and how many messages had left it.
struct Asked {
    pipe: Arc<Pipe>,
    sent: u64,
    waiting: usize,
}

impl Asked {
    fn of(entry: &Entry) -> Option<Self> {
        let (sent, waiting) = (entry.traffic.sent, entry.queued.messages);
        let asked = entry.peer_liveness.is_to_be_asked(sent, waiting);
        asked.then(|| Self { pipe: Arc::clone(&entry.pipe), sent, waiting })
    }

    /// What the transport knows. What still waits here was not sent, and so not confirmed.
    fn answer(&self) -> Result<Acknowledged, Panicked> {
        let answer = catch_panic(|| self.pipe.link().acknowledged())?;
        Ok(match answer {
            Acknowledged::All if self.waiting > 0 => Acknowledged::NotYet,
            answer => answer,
        })
    }
}

impl AnySocket {
    /// Asks the transports of the pipes in these slots that have sent something, and removes those whose peer has been silent for
    /// too long.
    pub(super) fn check_liveness(&self, slots: Range<usize>) {
        let now = self.clock.now();
        let asked: Vec<_> = self.lock().state.table.iter_in(slots).filter_map(Asked::of).collect();
        if asked.is_empty() {
            return;
        }
        let answers: Vec<_> = asked.iter().map(Asked::answer).collect();
        let mut gone = Vec::new();
        let mut core = self.lock();
        for (Asked { pipe, sent, .. }, answer) in asked.into_iter().zip(answers) {
            let Some(entry) = core.state.table.get_mut(pipe.id) else { continue };
            match answer.map(|answer| entry.peer_liveness.look(now, sent, answer)) {
                Ok(None) => {}
                Ok(Some(silent)) => gone.push((pipe, silent_for(silent))),
                Err(Panicked) => gone.push((pipe, Removal::Panicked)),
            }
        }
        drop(core);
        for (pipe, removal) in gone {
            self.remove(&pipe, &removal);
        }
    }
}

fn silent_for(time: Duration) -> Removal {
    let reason = format!("the peer has confirmed nothing for {} s", time.as_secs());
    Removal::Broken(io::Error::new(io::ErrorKind::TimedOut, reason).into())
}
