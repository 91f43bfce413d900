//! What leaves a socket beyond the limit of memory: which message may, and how much of it is still here. The rules are in
//! `memory/overcommit.rs`.

use hubless_protocol::patterns::PipeId;
use hubless_transport::Message;

use super::core::{State, Want};
use super::inbox::AnyInboxes;
use super::keyed::Kept;
use super::memory::quota::{PIECE, Quota, RESERVE};
use super::pipe::leaving::Leaving;
use super::pipe::send_queue::QueueSize;
use super::pipe::table::Entry;

impl State {
    /// Looks which of the pipes with room has last taken something, for one that insists.
    pub(super) fn find_moving(&mut self) {
        if self.memory.excess.is_free() {
            let limit = self.send_limit;
            let with_room = self.table.iter().filter(|entry| entry.queued.is_below(limit));
            self.memory.moved_last = with_room.map(|entry| entry.moved).max().unwrap_or(0);
        }
    }

    /// The place beyond the limit is wanted by those who wait now, and by what the pattern keeps and could not send: a send that was
    /// refused and does not wait, or waits no longer, wants nothing.
    pub(super) fn forget_who_waits_no_more(&mut self, inboxes: &mut dyn AnyInboxes) {
        let open = |key| inboxes.kept(key).is_some();
        let kept = self.memory.keeps_returned() || self.memory.refused.is_some_and(open);
        if !kept && !self.wait_queue.awaits_memory(Want::Room) {
            self.memory.excess.is_wanted_no_more();
        }
    }

    /// So much has left a pipe with a message that goes beyond the limit: some of it, or of what is before it or behind.
    #[cold]
    #[inline(never)]
    pub(super) fn some_left(&mut self, id: PipeId, bytes: usize) {
        let Some(leaving) = self.table.get_mut(id).and_then(|entry| entry.beyond.as_mut()) else { return };
        let change = leaving.some_left(bytes);
        self.shrinks_beyond(id, bytes, change);
    }

    /// A pipe with a message that goes beyond the limit has lost so much, and so the part of that message that is still there has changed.
    /// With nothing left of it others may have its place. No piece of memory comes back for it, so none is announced; but what waits
    /// for its pipe may fit now.
    #[cold]
    #[inline(never)]
    pub(super) fn shrinks_beyond(&mut self, id: PipeId, bytes: usize, change: (usize, usize)) {
        self.memory.subtract_beyond(bytes, change);
        let Some(entry) = self.table.get_mut(id) else { return };
        let leaving = entry.beyond.filter(|leaving| leaving.has_left() || entry.queued.messages == 0);
        if let Some(leaving) = leaving {
            entry.beyond = None;
            self.memory.goes_beyond(leaving.beyond(), 0);
            self.memory.give_back_excess();
        }
        let (before, now) = change;
        if before / PIECE > now / PIECE {
            self.wait_queue.notify_one(Want::Room);
        }
    }
}

/// What is queued next for this pipe, of this size, goes beyond the limit.
pub(super) fn leaves_beyond(entry: &mut Entry, memory: &mut Quota, bytes: usize) {
    let bytes = bytes + entry.pipe.manner.prefix;
    entry.beyond = Some(Leaving::begin(entry.traffic.sent, entry.queued.bytes, bytes));
    memory.goes_beyond(0, bytes);
}

/// Whether a message that is refused would find room and memory if all were dropped that is queued for this pipe and that no writer has.
pub(super) fn may_make_room(entry: &Entry, memory: &Quota, refused: &Message, limit: QueueSize) -> bool {
    let in_flight = entry.in_flight();
    if !in_flight.is_below(limit) {
        return false;
    }
    let bytes = refused.len();
    // The message that goes beyond the limit is dropped with the others, if no writer has it.
    let leaving = entry.beyond.filter(|leaving| leaving.missing() > in_flight.bytes);
    let beyond = leaving.map_or(0, |leaving| leaving.beyond());
    let freed = entry.pending.size().bytes.saturating_sub(beyond);
    memory.has_room_beside(in_flight.bytes + memory.kept(), bytes, freed)
        || in_flight.bytes + bytes <= RESERVE
        || in_flight.messages == 0 && memory.excess.would_take(identity(refused), leaving.is_some())
}

/// Which body a message has, among those that are there at the same time.
pub(super) fn identity(body: &Message) -> (usize, usize) {
    (body.as_ptr().addr(), body.len())
}

/// Whether a message may go beyond the limit. A request that does has the place until it is answered, and may so again.
pub(super) fn goes_beyond(
    memory: &mut Quota,
    again: Option<&mut Kept>,
    body: Option<(usize, usize)>,
    waits: bool,
) -> bool {
    match again {
        Some(request) if request.beyond => memory.excess.share(),
        Some(request) => {
            if !memory.excess.take(None, waits) {
                return false;
            }
            memory.keep_beyond(request.bytes);
            request.beyond = memory.excess.keep();
        }
        None => return memory.excess.take(body, waits),
    }
    true
}
