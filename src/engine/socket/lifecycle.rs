//! How a pipe comes into being and how it ends.

use std::collections::VecDeque;
use std::sync::Arc;

use hubless_protocol::patterns::{Loss, PipeId, UnsentMessage};
use hubless_protocol::wire::Decoder;
use hubless_protocol::wire::handshake::Session;
use hubless_transport::{Packet, Unfinished, Wait};
use mio::Interest;

use super::connect::admission::Admitted;
use super::connect::newcomer::{Newcomer, Unwelcome};
use super::control::worker_handle::Command;
use super::core::{Core, Phase, State, Want};
use super::pipe::connection::{Ended, Manner, Pipe, ReadSide, WriteSide};
use super::pipe::send_queue::{QueueSize, SendQueue};
use super::pipe::unsent::Unsent;
use super::shared::AnySocket;
use super::sys::catch_panic::{Panicked, catch_panic};
use super::sys::logging::Level;
use super::sys::sync::{Mutex, Rank};
use super::unread::Unread;
use super::wait::block_on::Waitable;
use crate::monitor::{EventKind, Removal};

/// Messages of a dead pipe that go back under one lock, as many as are read under one.
const AT_ONCE: usize = 64;

impl AnySocket {
    /// Makes a pipe of a connection and has the socket's driver serve it.
    pub(super) fn admit(&self, newcomer: Newcomer) -> Result<(), Unwelcome> {
        let Newcomer {
            connection,
            in_use,
            peer,
            session,
            source,
            admitted: Admitted { .. },
            surplus,
            early,
            number,
        } = newcomer;
        let codec = session.codec;
        let Ok((medium, manner)) = catch_panic(|| (connection.medium(), Manner::of(&connection, codec)))
        else {
            return Err(Unwelcome::Panicked);
        };
        let decoder = Decoder::new(codec, medium.into(), self.options.max_message);
        let side = self.reading_side(decoder, surplus, early);
        let in_flight = SendQueue::for_connection(&connection, codec);
        let since = self.clock.now();
        let build = |id| {
            Arc::new(Pipe {
                id,
                connection,
                manner,
                in_use,
                notify: self.pipe_notifier(id),
                peer: Arc::new(peer),
                source,
                since,
                ended: Ended::default(),
                read: Mutex::ranked(Rank::Read, side),
                write: Mutex::ranked(Rank::Write, WriteSide::new(in_flight)),
            })
        };
        self.attach(number, build, &session)
    }

    /// Makes the pipe known to the pattern, and has its link watched.
    fn attach(
        &self,
        number: u32,
        build: impl FnOnce(PipeId) -> Arc<Pipe>,
        session: &Session,
    ) -> Result<(), Unwelcome> {
        let mut core = self.lock();
        if core.state.phase != Phase::Open {
            drop(core);
            self.count_unread(&build(PipeId { slot: 0, number }).connection);
            return Err(Unwelcome::SocketClosed);
        }
        let id = core.state.table.insert(number, session.codec, build);
        let Some(pipe) = core.state.table.get(id).map(|entry| Arc::clone(&entry.pipe)) else {
            return Err(Unwelcome::SocketClosed);
        };
        // Nobody writes before the link is watched, because what a writer asks for when refused is a change of that. Taken
        // against the lock order, which is safe here: nobody else knows this pipe yet.
        let writers = pipe.write.lock_unshared();
        let Core { state, pattern } = &mut *core;
        if let Err(refusal) = pattern.pipe_added(state, id, &session.peer) {
            let refused = core.state.table.remove(id);
            self.release(core);
            drop(refused);
            self.count_unread(&pipe.connection);
            return Err(Unwelcome::Refused(refusal));
        }
        let pipes = core.state.table.len();
        core.state.memory.set_aside(pipes);
        core.state.joined(&pipe);
        core.state.note_readable(id);
        core.state.wait_queue.wake_driver();
        core.state.wait_queue.notify_one(Want::Room);
        core.state.wait_queue.notify_all(Want::Peers);
        let after = core.state.take_after_unlock();
        drop(core);
        let wait = Wait::new(self, pipe.notifier(), Interest::READABLE);
        let watched = catch_panic(|| pipe.link().watch(&wait));
        drop(writers);
        if let Some(after) = after {
            self.act(after);
        }
        match watched {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.remove(&pipe, &Removal::Broken(error.into())),
            Err(Panicked) => self.remove(&pipe, &Removal::Panicked),
        }
        Ok(())
    }

    /// Where a pipe begins to read: behind the greeting, of which these bytes came at once.
    fn reading_side(&self, decoder: Decoder, surplus: Vec<u8>, early: VecDeque<Packet>) -> ReadSide {
        ReadSide {
            decoder,
            body_pool: Arc::clone(&self.body_pool),
            buffer: surplus,
            parsed: 0,
            unfinished: Unfinished::default(),
            halt: None,
            backlog: early,
            in_backlog: false,
            ending: false,
            broken: None,
            messages: 0,
        }
    }

    /// Ends a pipe: the pattern forgets it, gets back what had not left, and the endpoint it came from is told.
    pub(super) fn remove(&self, pipe: &Arc<Pipe>, removal: &Removal) {
        let mut core = self.lock();
        let Some(mut entry) = core.state.table.remove(pipe.id) else { return };
        let waited = entry.queued.messages;
        core.state.parting.begins(waited);
        core.state.parted(&entry);
        let goes_back = core.gives_back(removal);
        // What the pattern is about to keep stays counted, for else others would take its place; and so does what is let go of later.
        // A request that is sent again is counted beside its queue, and all others drop what comes back.
        let counted = if goes_back && !core.pattern.redistributes() { 0 } else { entry.queued.bytes };
        core.state.settle_memory(pipe.id, &entry, counted);
        removal.count(&mut core.state.counters.stats.violations);
        core.state.counters.stats.out_of_memory += u64::from(*removal == Removal::OutOfMemory);
        let Core { state, pattern } = &mut *core;
        pattern.pipe_removed(state, pipe.id);
        self.release(core);
        pipe.end();
        let mut side = pipe.write.lock();
        side.removed = true;
        let WriteSide { in_flight, interruptions, buffered, .. } = &mut *side;
        // What the transport had of them goes nowhere, and nobody can take it back.
        let buffered = std::mem::take(buffered).messages;
        let unsent = Unsent::of(
            [(in_flight, interruptions), (&mut entry.pending, &mut entry.interruptions)],
            goes_back,
        );
        drop(side);
        // The peer is to see the end even if a forked child still has the descriptor, or a reader is still at it.
        // Whatever comes of that, it is over: a transport that has panicked may do so again.
        let _ = catch_panic(|| pipe.link().shutdown());
        if let Some(registry) = self.existing_registry() {
            let _ = catch_panic(|| pipe.link().unwatch(registry));
        }
        let unread = Unread::of_pipe(pipe);
        self.tell(|| EventKind::Removed {
            pipe: pipe.id.number,
            peer: (*pipe.peer).clone(),
            via: pipe.source.via.clone(),
            removal: removal.clone(),
            traffic: entry.traffic,
            unsent: unsent.len() + buffered,
        });
        self.take_back(unsent, QueueSize { messages: waited, bytes: counted }, (&unread, buffered), removal);
        // It goes into the log there: the caller that removes the pipe may have promised to return in time.
        self.worker.tell(Command::PipeGone {
            role: self.role,
            socket: self.id,
            endpoint: pipe.source.id,
            peer: pipe.peer.address.clone(),
            address: pipe.in_use.address,
            reason: removal.to_string(),
            grave: removal.is_violation(),
            level: if matches!(removal, Removal::Panicked) { Level::Error } else { Level::Debug },
        });
    }

    /// Messages that a dead pipe did not get rid of go back to the pattern, or are lost; those that it has brought and that were not
    /// delivered are counted as lost. So much was `waiting`, of which the bytes are counted still.
    fn take_back(
        &self,
        mut unsent: Unsent,
        mut waiting: QueueSize,
        (unread, buffered): (&Unread, usize),
        removal: &Removal,
    ) {
        let mut core = self.lock();
        core.state.left_unread(unread);
        while let Unsent::Messages(messages) = &mut unsent
            && !messages.is_empty()
            && core.gives_back(removal)
        {
            core.give_back(messages, &mut waiting);
            self.release(core);
            core = self.lock();
        }
        let loss = if let Unsent::Messages(_) = unsent { Loss::PipeLost } else { Loss::Closed };
        if buffered > 0 {
            core.state.lost(loss, buffered as u64);
        }
        core.state.lose(unsent, waiting.bytes);
        core.state.parting.ends(waiting.messages);
        core.state.wait_queue.notify_one(Want::Room);
        core.state.wait_queue.notify_all(Want::Peers);
        let ended = core.come_to_an_end();
        self.release(core);
        if ended && let Some(me) = self.me.upgrade() {
            // The caller that closed the socket has gone on meanwhile.
            self.worker.tell(Command::Bury(me));
        }
    }
}

impl Core {
    /// Whether what a pipe leaves unsent goes back to the pattern. While the socket closes it does if another peer may take it, unless
    /// the time is over.
    fn gives_back(&self, removal: &Removal) -> bool {
        match self.state.phase {
            Phase::Open => true,
            Phase::Closing => self.pattern.redistributes() && *removal != Removal::SocketClosed,
            Phase::Over => false,
        }
    }

    /// Gives some messages of a dead pipe back to the pattern, the oldest first. What was `waiting` of them is counted there from
    /// now on.
    fn give_back(&mut self, messages: &mut VecDeque<UnsentMessage>, waiting: &mut QueueSize) {
        for unsent in messages.drain(..messages.len().min(AT_ONCE)) {
            let before = *waiting;
            waiting.subtract(QueueSize::one(unsent.packet.len()));
            self.state.memory.take_out(before.bytes - waiting.bytes);
            self.state.parting.comes_back(before.messages - waiting.messages);
            self.pattern.on_unsent(&mut self.state, unsent);
        }
        if messages.is_empty() {
            // What they took beside their own bytes.
            self.state.memory.subtract(std::mem::take(&mut waiting.bytes));
        }
    }
}

impl State {
    /// This pipe can no longer be written to: the driver's next round finds its end, after what the peer sent before.
    pub(super) fn note_broken(&mut self, id: PipeId, why: std::io::ErrorKind) {
        if let Some(entry) = self.table.get_mut(id) {
            (entry.ending, entry.broken) = (true, Some(why));
        }
        self.note_readable(id);
        self.wait_queue.wake_driver();
    }

    /// Writing to this pipe has panicked: the driver's next round removes it, and reads no more of it.
    pub(super) fn note_panicked(&mut self, id: PipeId) {
        if let Some(entry) = self.table.get_mut(id) {
            (entry.ending, entry.panicked) = (true, true);
        }
        self.note_readable(id);
        self.wait_queue.wake_driver();
    }
}
