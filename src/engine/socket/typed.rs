//! What of a socket differs by its pattern, and how everything else reaches that.
//!
//! The path of a message knows the pattern: it is compiled once for each, and the calls in it are direct. All other
//! code sees [`AnyPattern`] and is compiled once. It calls the pattern where a pipe comes, goes or has room again, and
//! once for all messages that a read has brought.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;

use hubless_protocol::patterns::{
    Full, Outgoing, Pattern, PipeId, Queueing, Refusal, Role, UnsentMessage, Verdict,
};
use hubless_protocol::{Control, PeerInfo};

use super::core::{State, Want};
use super::effects::Fx;
use super::inbox::{AnyInboxes, Inboxes};
use super::pipe::connection::{Pipe, ReadSide};
use super::reading::{Parsed, TurnLimit, parse_stretch};
use crate::monitor::Removal;

/// What of a socket differs by its pattern.
pub(crate) struct Typed<P: Pattern> {
    pub(super) pattern: P,
    pub(super) inboxes: Inboxes<P::Origin>,
}

impl<P: Pattern> fmt::Debug for Typed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("role", &self.pattern.role()).finish_non_exhaustive()
    }
}

impl<P: Pattern> Typed<P> {
    pub(super) fn new(pattern: P) -> Self {
        Self { pattern, inboxes: Inboxes::new() }
    }

    /// Lets the pattern act.
    #[inline]
    pub(super) fn step<T>(
        &mut self,
        state: &mut State,
        act: impl FnOnce(&mut P, &mut Fx<'_, P::Origin>) -> T,
    ) -> T {
        let result = act(&mut self.pattern, &mut Fx { state, inboxes: &mut self.inboxes });
        state.plan_flushes();
        result
    }

    /// Asks, for one who waits for the answer in the same call if it `expects` it.
    #[inline]
    pub(super) fn asking<T>(&mut self, expects: bool, ask: impl FnOnce(&mut Self) -> T) -> T {
        if !expects {
            return ask(self);
        }
        self.inboxes.expect(true);
        let asked = ask(self);
        self.inboxes.expect(false);
        asked
    }

    /// One send of the user.
    #[inline]
    pub(super) fn send(&mut self, state: &mut State, outgoing: &mut P::Outgoing) -> Result<P::Ticket, Full> {
        if state.wait_queue.bars(Want::Room) && outgoing.size() >= state.wait_queue.least_barred() {
            return Err(Full);
        }
        // What a dead pipe left goes first, and is given back some at a time.
        if state.parting.messages > 0 && self.pattern.redistributes() {
            return Err(Full);
        }
        // First, because queueing for hundreds of pipes takes longer than the pauses that are measured.
        state.note_send();
        self.step(state, |pattern, fx| pattern.send(outgoing, fx))
    }

    /// One more send of one that waits for room, or has found none. If there is none now, it is noted whether memory
    /// was all that it lacked: then a smaller message may find some. One that has waited goes beyond the limit though
    /// something is queued, because smaller ones that pass it may leave no pipe empty.
    pub(super) fn send_again(
        &mut self,
        state: &mut State,
        outgoing: &mut P::Outgoing,
    ) -> Result<P::Ticket, Full> {
        state.memory.lacking = false;
        let mut sent = self.send(state, outgoing);
        if sent.is_err() && state.memory.lacking && state.wait_queue.looks_again() {
            state.find_moving();
            state.memory.insists = true;
            sent = self.send(state, outgoing);
            state.memory.insists = false;
        }
        if sent.is_err() {
            state.note_lack(outgoing.size());
        }
        sent
    }
}

/// What of a socket differs by its pattern, whatever that is.
pub(crate) trait AnyPattern: Any + Send + fmt::Debug {
    /// Where messages wait that have arrived.
    fn inboxes(&self) -> &dyn AnyInboxes;
    fn inboxes_mut(&mut self) -> &mut dyn AnyInboxes;
    /// The inboxes with what is in them; from now on there are empty ones.
    fn take_inboxes(&mut self) -> Box<dyn AnyInboxes>;

    /// Has the pattern judge what was read of a pipe, until something ends it, or the stretch is over: then nothing is
    /// returned.
    fn parse_stretch(
        &mut self,
        state: &mut State,
        pipe: &Pipe,
        side: &mut ReadSide,
        turn: &mut TurnLimit,
        drained: bool,
    ) -> Result<Option<Parsed>, Removal>;

    // What follows is what `Pattern` has under the same name.

    fn role(&self) -> Role;
    fn queueing(&self) -> Queueing;
    fn refusal(&self) -> Option<Refusal>;
    fn may_send(&self) -> bool;
    fn redistributes(&self) -> bool;
    fn waiting(&self) -> usize;
    fn closing(&mut self);
    fn over(&mut self) -> VecDeque<UnsentMessage>;
    fn pipe_added(&mut self, state: &mut State, pipe: PipeId, peer: &PeerInfo) -> Result<(), Refusal>;
    fn pipe_removed(&mut self, state: &mut State, pipe: PipeId);
    fn pipe_writable(&mut self, state: &mut State, pipe: PipeId);
    fn on_unsent(&mut self, state: &mut State, unsent: UnsentMessage);
    fn control(&mut self, state: &mut State, pipe: PipeId, control: Control<'_>) -> Verdict;
    fn timer(&mut self, state: &mut State);
}

impl<P: Pattern> AnyPattern for Typed<P> {
    fn inboxes(&self) -> &dyn AnyInboxes {
        &self.inboxes
    }

    fn inboxes_mut(&mut self) -> &mut dyn AnyInboxes {
        &mut self.inboxes
    }

    fn take_inboxes(&mut self) -> Box<dyn AnyInboxes> {
        Box::new(std::mem::replace(&mut self.inboxes, Inboxes::new()))
    }

    fn parse_stretch(
        &mut self,
        state: &mut State,
        pipe: &Pipe,
        side: &mut ReadSide,
        turn: &mut TurnLimit,
        drained: bool,
    ) -> Result<Option<Parsed>, Removal> {
        parse_stretch(self, state, pipe, side, turn, drained)
    }

    fn role(&self) -> Role {
        self.pattern.role()
    }

    fn queueing(&self) -> Queueing {
        self.pattern.queueing()
    }

    fn refusal(&self) -> Option<Refusal> {
        self.pattern.refusal()
    }

    fn may_send(&self) -> bool {
        self.pattern.may_send()
    }

    fn redistributes(&self) -> bool {
        self.pattern.redistributes()
    }

    fn waiting(&self) -> usize {
        self.pattern.waiting()
    }

    fn closing(&mut self) {
        self.pattern.closing();
    }

    fn over(&mut self) -> VecDeque<UnsentMessage> {
        self.pattern.over()
    }

    fn pipe_added(&mut self, state: &mut State, pipe: PipeId, peer: &PeerInfo) -> Result<(), Refusal> {
        self.step(state, |pattern, fx| pattern.pipe_added(pipe, peer, fx))
    }

    fn pipe_removed(&mut self, state: &mut State, pipe: PipeId) {
        self.step(state, |pattern, fx| pattern.pipe_removed(pipe, fx));
    }

    fn pipe_writable(&mut self, state: &mut State, pipe: PipeId) {
        self.step(state, |pattern, fx| pattern.pipe_writable(pipe, fx));
    }

    fn on_unsent(&mut self, state: &mut State, unsent: UnsentMessage) {
        self.step(state, |pattern, fx| pattern.on_unsent(unsent, fx));
    }

    fn control(&mut self, state: &mut State, pipe: PipeId, control: Control<'_>) -> Verdict {
        self.step(state, |pattern, fx| pattern.control(pipe, control, fx))
    }

    fn timer(&mut self, state: &mut State) {
        self.step(state, |pattern, fx| pattern.timer(fx));
    }
}
