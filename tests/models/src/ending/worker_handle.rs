//! The background thread as others see it. It follows the engine's `worker_handle`.

use hubless_protocol::patterns::Time;
use shuttle::sync::{Arc, Condvar};
use shuttle::thread::{self, ThreadId};

use super::completion::Completion;
use super::wait::command_queue::CommandQueue;
use super::{Fault, Report};
use crate::host::{Looks, Socket};
use crate::sys::sync::Mutex;

#[derive(Debug)]
pub(super) enum Command {
    Attend(usize, Arc<Socket>),
    Close(usize, Option<Arc<Completion<Report>>>),
    /// The user's code is called, and closes this socket.
    CallBack(usize),
    Stop,
    Die,
}

#[derive(Debug)]
pub(super) struct WorkerHandle {
    pub(super) commands: CommandQueue<Command>,
    woken: Mutex<bool>,
    changed: Condvar,
    reader: Mutex<Option<ThreadId>>,
    pub(super) fault: Fault,
}

impl WorkerHandle {
    pub(super) fn new(fault: Fault) -> Self {
        Self {
            commands: CommandQueue::default(),
            woken: Mutex::default(),
            changed: Condvar::new(),
            reader: Mutex::default(),
            fault,
        }
    }

    pub(super) fn check(&self) -> Result<(), ()> {
        if self.commands.is_dead() { Err(()) } else { Ok(()) }
    }

    pub(super) fn read_here(&self) {
        *self.reader.lock() = Some(thread::current().id());
    }

    pub(super) fn is_read_here(&self) -> bool {
        self.fault != Fault::WaitsForItself && *self.reader.lock() == Some(thread::current().id())
    }

    pub(super) fn tell(&self, command: Command) {
        if self.commands.push(command) {
            *self.woken.lock() = true;
            self.changed.notify_all();
        }
    }

    /// Closes a socket and waits for that.
    pub(super) fn close(&self, key: usize) -> Report {
        let done = Arc::new(Completion::default());
        self.tell(Command::Close(key, Some(Arc::clone(&done))));
        if self.is_read_here() {
            // It does it itself, which takes no waiting.
            return Report::default();
        }
        done.wait(self, &Looks::FOREVER).unwrap_or_default()
    }

    /// The thread takes what has come, and sleeps until there is something.
    pub(super) fn take(&self, into: &mut Vec<Command>) {
        self.commands.take(into, Some(Time(u64::MAX)));
        if into.is_empty() {
            self.woken.wait_until(&self.changed, std::mem::take);
        }
        self.commands.awake();
    }
}
