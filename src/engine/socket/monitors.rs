//! The monitors of a socket, as its lock sees them.
//!
//! An event is put into their queues under the socket's lock, so that all see the same order; the queues are leaves, and who
//! sleeps on them is woken after unlocking, as everybody is. Events are made where connections come and go, which is seldom.
//! Dropped messages can be many: they are counted in any case, and with a monitor the first of a while asks for the timer that
//! tells their number.

use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::{Loss, PipeId, Time};

use super::core::State;
use super::wait::deferred_wakeups::Wake;
use super::wait::event_queue::EventQueue;
use crate::monitor::{Event, EventKind};
use crate::stats::Drops;

/// Dropped messages are told so long after the first of them.
const GATHERING: Duration = Duration::from_millis(100);

/// The monitors of a socket.
#[derive(Debug, Default)]
pub(super) struct Monitors {
    queues: Vec<Arc<EventQueue<Event>>>,
    /// What has been told of the messages dropped, or had happened before there was a monitor.
    told: Drops,
    /// When the next ones are told.
    tells: Option<Time>,
    /// The socket is closed.
    over: bool,
}

impl Monitors {
    #[inline]
    fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// One more monitor; those that are gone are forgotten, as they would be with the next event.
    fn add(&mut self, queue: &Arc<EventQueue<Event>>) {
        self.forget_the_gone();
        self.queues.push(Arc::clone(queue));
    }

    fn forget_the_gone(&mut self) {
        self.queues.retain(|queue| Arc::strong_count(queue) > 1);
    }

    /// Puts an event into every queue that still has a monitor. Whom to wake.
    fn put(&mut self, event: &Event) -> Vec<Wake> {
        self.forget_the_gone();
        self.queues.iter().flat_map(|queue| queue.put(event.clone())).collect()
    }
}

impl State {
    /// From now on events go to this queue too.
    pub(super) fn add_monitor(&mut self, queue: &Arc<EventQueue<Event>>) {
        if self.monitors.over {
            // A new queue has no sleepers.
            drop(queue.end());
            return;
        }
        // What was dropped before is for the monitors of that time.
        self.tell_drops();
        self.monitors.add(queue);
    }

    /// Tells every monitor. With none, the event is not even made.
    pub(crate) fn tell(&mut self, event: impl FnOnce() -> EventKind) {
        if !self.monitors.is_empty() {
            let woken = self.monitors.put(&Event { at: self.clock.system_time(), kind: event() });
            self.wait_queue.wake(woken);
        }
    }

    /// Tells what is left to tell, and that there will be nothing more.
    pub(super) fn end_monitors(&mut self) {
        self.tell_drops();
        self.tell(|| EventKind::Closed);
        self.monitors.over = true;
        for queue in self.monitors.queues.drain(..) {
            self.wait_queue.wake(queue.end());
        }
    }

    /// Counts lost messages.
    #[inline]
    pub(super) fn lost(&mut self, loss: Loss, messages: u64) {
        self.counters.lost(loss, messages);
        if !self.monitors.is_empty() {
            self.gather_drops(loss);
        }
    }

    /// Counts a lost message that was to go through this pipe, or came by it.
    #[inline]
    pub(super) fn lost_at(&mut self, pipe: PipeId, loss: Loss) {
        if let Some(entry) = self.table.get_mut(pipe) {
            *super::counters::of(loss, &mut entry.traffic.drops) += 1;
        }
        self.lost(loss, 1);
    }

    /// Counts a message that came while the socket closed: it was received, and nobody takes it.
    pub(super) fn arrived_too_late(&mut self, pipe: PipeId, bytes: usize) {
        if let Some(entry) = self.table.get_mut(pipe) {
            entry.traffic.receive(bytes);
        }
        self.counters.stats.received += 1;
        self.counters.stats.received_bytes += bytes as u64;
        self.lost_at(pipe, Loss::Unreceived);
    }

    #[cold]
    fn gather_drops(&mut self, loss: Loss) {
        if loss != Loss::Filtered && self.monitors.tells.is_none() {
            let at = self.clock.now().after(GATHERING);
            self.monitors.tells = Some(at);
            self.schedule(Some(at));
        }
    }

    /// The background thread has come for a timer, which may be that of the messages dropped.
    pub(super) fn tell_drops_in_time(&mut self) {
        match self.monitors.tells {
            Some(at) if at <= self.clock.now() => self.tell_drops(),
            at => self.schedule(at),
        }
    }

    fn tell_drops(&mut self) {
        self.monitors.tells = None;
        let now = self.counters.stats.drops;
        let told = std::mem::replace(&mut self.monitors.told, now);
        let drops = Drops { filtered: 0, ..now.with(&told, |now, told| now - told) };
        if drops.total() > 0 {
            self.tell(|| EventKind::Dropped { drops });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitors_that_come_and_go_leave_nothing_behind_though_nothing_happens() {
        let mut monitors = Monitors::default();
        for _ in 0..10 {
            monitors.add(&Arc::new(EventQueue::new(1)));
        }
        assert_eq!(monitors.queues.len(), 1);
    }
}
