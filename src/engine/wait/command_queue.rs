//! The queue of commands to a thread that sleeps between them and that may die.
//!
//! A command pushed before the thread sleeps keeps it awake; one pushed later wakes it ([`CommandBuffer`]).
//!
//! Whether the thread lives is asked before every call, so that is one load. The queue is marked as dead first, and then what is in
//! it is taken out, under the lock that every command is pushed under ([`CommandQueue`]). So a command is either found there, and
//! the socket it concerns is told, or it is pushed later, and then its sender sees that nobody reads.

use hubless_protocol::patterns::Time;

use super::sys::sync::{AtomicBool, Mutex, Ordering};

/// Commands, and whether their reader must be woken for them. Plain data, to be kept under a lock.
#[derive(Debug)]
pub(crate) struct CommandBuffer<C> {
    commands: Vec<C>,
    /// The thread sleeps, or is about to, and wakes by itself at this time at the latest.
    asleep: Option<Time>,
}

impl<C> Default for CommandBuffer<C> {
    fn default() -> Self {
        Self { commands: Vec::new(), asleep: None }
    }
}

impl<C> CommandBuffer<C> {
    /// Whether the thread must be woken.
    #[must_use]
    pub(crate) fn push(&mut self, command: C) -> bool {
        self.commands.push(command);
        self.asleep.take().is_some()
    }

    /// The same for a command that is not needed before `at`.
    #[must_use]
    pub(crate) fn push_for(&mut self, at: Time, command: C) -> bool {
        self.commands.push(command);
        self.asleep.take_if(|wakes| *wakes > at).is_some()
    }

    /// The thread takes what has come. With nothing, and `sleep` given, it is about to sleep until then.
    pub(crate) fn take(&mut self, into: &mut Vec<C>, sleep: Option<Time>) {
        self.asleep = if self.commands.is_empty() { sleep } else { None };
        into.append(&mut self.commands);
    }

    pub(crate) fn awake(&mut self) {
        self.asleep = None;
    }
}

/// Shared by the thread and those who send it commands.
#[derive(Debug)]
pub(crate) struct CommandQueue<C> {
    buffer: Mutex<CommandBuffer<C>>,
    dead: AtomicBool,
}

impl<C> Default for CommandQueue<C> {
    fn default() -> Self {
        Self { buffer: Mutex::default(), dead: AtomicBool::new(false) }
    }
}

impl<C> CommandQueue<C> {
    /// Whether its thread has died: nobody reads any more.
    #[inline]
    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Whether the thread must be woken.
    #[must_use]
    pub(crate) fn push(&self, command: C) -> bool {
        self.push_with(command, CommandBuffer::push)
    }

    /// The same for a command that is not needed before `at`.
    #[must_use]
    pub(crate) fn push_for(&self, at: Time, command: C) -> bool {
        self.push_with(command, |buffer, command| buffer.push_for(at, command))
    }

    /// A command to a dead thread is dropped here, without the lock: what it concerns may hold this queue.
    fn push_with(&self, command: C, push: impl FnOnce(&mut CommandBuffer<C>, C) -> bool) -> bool {
        let mut buffer = self.buffer.lock();
        if self.is_dead() {
            drop(buffer);
            return false;
        }
        push(&mut buffer, command)
    }

    /// See [`CommandBuffer::take`].
    pub(crate) fn take(&self, into: &mut Vec<C>, sleep: Option<Time>) {
        self.buffer.lock().take(into, sleep);
    }

    pub(crate) fn awake(&self) {
        self.buffer.lock().awake();
    }

    /// The thread is to be taken for dead. Whether it was not yet.
    pub(crate) fn mark_dead(&self) -> bool {
        !self.dead.swap(true, Ordering::Relaxed)
    }

    /// The thread reads no more. What it has not read.
    pub(crate) fn close(&self) -> Vec<C> {
        self.dead.store(true, Ordering::Relaxed);
        let mut unread = Vec::new();
        self.take(&mut unread, None);
        unread
    }
}
