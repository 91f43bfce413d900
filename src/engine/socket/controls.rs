//! Controls: what a peer says beside messages goes to the pattern or is answered here, and what a pattern says waits in the
//! pipe.
//!
//! All of it is off the path of messages: SP has no controls.

use hubless_protocol::patterns::{PipeId, Verdict};
use hubless_protocol::{Control, ControlKind, ControlRefused};

use super::core::{Phase, State};
use super::pipe::send_queue::SendQueue;
use super::typed::AnyPattern;

impl State {
    /// A peer has said something. While the socket closes nobody hears it, and nothing is answered: our direction may have ended.
    #[cold]
    #[inline(never)]
    pub(super) fn hear_control(
        &mut self,
        id: PipeId,
        control: Control<'_>,
        pattern: &mut dyn AnyPattern,
    ) -> Verdict {
        if self.phase != Phase::Open {
            return Verdict::Accepted;
        }
        match control.kind {
            ControlKind::Subscribe | ControlKind::Cancel => pattern.control(self, id, control),
            ControlKind::Ping => {
                self.answer_ping(id, control.body);
                self.plan_flushes();
                Verdict::Accepted
            }
            // It says that its peer lives, which is known by what came.
            ControlKind::Pong => Verdict::Accepted,
        }
    }

    /// Queues a control for a pipe. Beside others it needs room and memory; where none waits it needs neither, so that who is refused
    /// can be told when those have left.
    #[cold]
    #[inline(never)]
    pub(super) fn send_control(&mut self, id: PipeId, control: Control<'_>) -> Result<(), ControlRefused> {
        let Some(entry) = self.table.get_mut(id).filter(|entry| entry.pipe.manner.has_controls) else {
            return Err(ControlRefused::NoControls);
        };
        let controls = entry.controls.get_or_insert_default();
        let (waiting, cost) = (controls.cost(), control.cost());
        if !controls.have_room(cost) || (waiting > 0 && !self.memory.has_room(waiting, cost)) {
            controls.refuse();
            return Err(ControlRefused::Full);
        }
        controls.push(control);
        self.memory.add(cost);
        self.flush_lists.note_control(id, entry);
        Ok(())
    }

    /// Answers a ping, in the place of an older one that was not answered yet.
    fn answer_ping(&mut self, id: PipeId, body: &[u8]) {
        let Some(entry) = self.table.get_mut(id) else { return };
        let controls = entry.controls.get_or_insert_default();
        let before = controls.cost();
        controls.answer(body);
        let after = controls.cost();
        self.memory.subtract(before.saturating_sub(after));
        self.memory.add(after.saturating_sub(before));
        self.flush_lists.note_control(id, entry);
    }

    /// Gives the writer of a pipe what is to be said in front of the next message.
    #[cold]
    #[inline(never)]
    pub(super) fn hand_over_controls(&mut self, id: PipeId, in_flight: &mut SendQueue) {
        if let SendQueue::Encoded(encoder) = in_flight
            && let Some(controls) = self.table.get_mut(id).and_then(|entry| entry.controls.as_mut())
        {
            controls.take_batch(encoder);
        }
    }

    /// Controls of this cost have left a pipe. Whether the pattern is to be told that there is room. What they cost in a pipe that was
    /// removed meanwhile went with it.
    #[cold]
    #[inline(never)]
    pub(super) fn controls_have_left(&mut self, id: PipeId, cost: usize) -> bool {
        let controls = self.table.get_mut(id).and_then(|entry| entry.controls.as_mut());
        let Some(controls) = controls else { return false };
        self.memory.subtract(cost);
        controls.have_left(cost)
    }
}
