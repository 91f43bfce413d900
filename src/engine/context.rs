//! A context: the background threads and the transports that its sockets share.

use std::sync::{Arc, Weak};
use std::time::Duration;

use hubless_transport::Transport;

use super::background::resolver::Resolver;
use super::background::worker::Worker;
use super::control::close_report::CloseReport;
use super::control::closer;
use super::control::completion::Completion;
use super::control::managed_socket::ManagedSocket;
use super::control::worker_handle::{Command, WorkerHandle};
use super::memory::budget::Budget;
use super::memory::read_buffers::ReadBuffers;
use super::socket::calls::Socket;
use super::socket::listed::{Listed, ListedPattern};
use super::socket::options::SocketOptions;
use super::socket::shared::AnySocket;

use super::sys::clock::Clock;
use super::sys::fd_limit::FdLimit;
use super::sys::fork::{self, PerProcess};
use super::sys::sync::{AtomicUsize, Mutex, Ordering};
use crate::error::Error;
use crate::transports::built_in;

/// The background threads and transports that sockets share. Most programs never name one: `Push::new()` and its like use
/// the default context of the process. Make one of your own to add a transport, to use more threads, or to close a part of
/// a program by itself. Cloning it gives another handle.
#[derive(Debug, Clone)]
pub struct Context {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) transports: Vec<Arc<dyn Transport>>,
    clock: Clock,
    budget: Arc<Budget>,
    buffers: Arc<ReadBuffers>,
    workers: Vec<Arc<WorkerHandle>>,
    /// Sockets and endpoints are numbered through.
    next: AtomicUsize,
    /// Sockets opened so far: they take turns among the background threads.
    opened: AtomicUsize,
    /// Sockets that may still be open.
    sockets: Mutex<Vec<Weak<dyn ManagedSocket>>>,
}

/// Settings of a [`Context`].
#[derive(Debug)]
pub struct ContextBuilder {
    transports: Vec<Arc<dyn Transport>>,
    threads: usize,
    memory: usize,
}

/// Bytes of memory for messages, unless said otherwise.
const MEMORY: usize = 512 << 20;
/// Less would hold up every message that is not small.
const LEAST_MEMORY: usize = 64 << 10;
/// The most background threads that make sense to ask for.
const MOST_THREADS: usize = 64;

/// All contexts of the process, for `close_all`, and what they have together.
static CONTEXTS: PerProcess<Mutex<Contexts>> = PerProcess::new(Mutex::default);

#[derive(Default)]
struct Contexts {
    all: Vec<Weak<Inner>>,
    fd_limit: Weak<FdLimit>,
}

impl Context {
    /// A context with one background thread and all built-in transports.
    ///
    /// # Errors
    /// When the system refuses a thread or a descriptor.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Settings for a context.
    pub fn builder() -> ContextBuilder {
        ContextBuilder { transports: built_in(), threads: 1, memory: MEMORY }
    }

    /// The default context, made when it is first needed. After a fork the child has its own.
    ///
    /// # Errors
    /// When the system refuses a thread or a descriptor.
    pub fn default_context() -> Result<Self, Error> {
        static DEFAULT: PerProcess<Mutex<Option<Context>>> = PerProcess::new(Mutex::default);
        fork::install();
        let mut default = DEFAULT.get().lock();
        match &*default {
            Some(context) if !context.is_dead() => Ok(context.clone()),
            _ => {
                let context = Self::new()?;
                // What is dead may be dropped by user code of any kind: not here.
                std::mem::forget(default.replace(context.clone()));
                Ok(context)
            }
        }
    }

    /// Closes every socket of this context: what is queued is still sent, within `timeout` for all together, and then the call returns,
    /// as a socket's `close` does. The sum of their reports.
    pub fn close(&self, timeout: Duration) -> CloseReport {
        if self.is_dead() {
            return CloseReport::default();
        }
        let until = self.inner.clock.now().after(timeout);
        closer::close(&self.inner.take_sockets(), self.inner.clock, until)
    }

    /// Begins to close every socket of this context: what becomes of each.
    pub(crate) fn begin_close(&self, timeout: Duration) -> Vec<Arc<Completion<CloseReport>>> {
        if self.is_dead() {
            return Vec::new();
        }
        let clock = self.inner.clock;
        closer::close_all_async(self.inner.take_sockets(), clock, clock.now().after(timeout))
    }

    /// Runs this on the first background thread.
    #[cfg(test)]
    pub(crate) fn run_in_background(&self, what: impl FnOnce() + Send + 'static) {
        self.inner.workers[0].tell(Command::Run(Box::new(what)));
    }

    fn is_dead(&self) -> bool {
        self.inner.workers.iter().any(|worker| worker.check().is_err())
    }

    pub(crate) fn open<P: Listed>(&self, pattern: P, options: SocketOptions) -> Socket<P> {
        Socket::open(pattern, |pattern| self.inner.open(pattern, options))
    }
}

impl Inner {
    fn open(&self, pattern: ListedPattern, options: SocketOptions) -> Arc<AnySocket> {
        let id = self.next_id();
        let turn = self.opened.fetch_add(1, Ordering::Relaxed);
        let worker = Arc::clone(&self.workers[turn % self.workers.len()]);
        let (budget, buffers) = (Arc::clone(&self.budget), Arc::clone(&self.buffers));
        let socket = AnySocket::new(pattern, options, id, self.clock, worker, budget, buffers);
        self.manage(Arc::clone(&socket) as _);
        socket
    }

    /// Puts a new socket in the care of its background thread.
    fn manage(&self, socket: Arc<dyn ManagedSocket>) {
        let mut sockets = self.sockets.lock();
        if sockets.len() == sockets.capacity() {
            sockets.retain(|socket| socket.strong_count() > 0);
        }
        sockets.push(Arc::downgrade(&socket));
        drop(sockets);
        let worker = Arc::clone(socket.worker());
        worker.tell(Command::Manage(socket));
    }

    /// All sockets that are still open, which are to be closed.
    fn take_sockets(&self) -> Vec<Arc<dyn ManagedSocket>> {
        std::mem::take(&mut *self.sockets.lock()).iter().filter_map(Weak::upgrade).collect()
    }

    pub(crate) fn next_id(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for worker in &self.workers {
            if worker.check().is_ok() {
                worker.tell(Command::Stop);
            }
        }
    }
}

impl ContextBuilder {
    /// Adds a transport; for its scheme it takes the place of a built-in one. It is for addresses: typed endpoints that have
    /// settings of their transport bring their own.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transports.retain(|other| other.scheme() != transport.scheme());
        self.transports.push(Arc::new(transport));
        self
    }

    /// How many background threads serve the sockets; default 1. They do what no caller is there to do, so more than one
    /// is of use only to servers that are busy and asynchronous.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// How many bytes of messages all sockets of the context may hold together, on their way out and in; default 512 MiB.
    ///
    /// It is shared: what waits to leave for one peer, or came from one and was not taken, a half message included, may grow while it
    /// is no larger than what is then still free. So `n` peers that fill up together leave one part of `n + 1` for the next; of those that
    /// come one after the other and keep what they have, each takes half of what is left. For each peer 1 KiB is set aside each way, so
    /// small messages pass whatever the others hold: in all up to half of the limit, so that idle peers leave the other half to larger
    /// messages. Where there is more than one peer for each 4 KiB of the limit, each may still use its 2 KiB, beside the limit.
    /// Without memory nothing more is read of a peer, and sending waits or drops as the pattern has it. A
    /// message larger than its share goes beyond the limit when nothing else waits there, or once it has waited, one at a time in each
    /// direction of each socket. That one counts against nobody. The first 64 KiB of each socket do not count either.
    #[must_use]
    pub fn max_memory(self, bytes: usize) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Makes the context and starts its threads.
    ///
    /// # Errors
    /// When the number of threads is not from 1 to 64 or the memory below 64 KiB, or the system refuses a thread or a descriptor.
    pub fn build(self) -> Result<Context, Error> {
        if !(1..=MOST_THREADS).contains(&self.threads) {
            let reason = "it must be from 1 to 64";
            return Err(Error::Option { option: "threads", value: self.threads.to_string(), reason });
        }
        if self.memory < LEAST_MEMORY {
            let reason = "it must be at least 65536 bytes";
            return Err(Error::Option { option: "max_memory", value: self.memory.to_string(), reason });
        }
        fork::install();
        let clock = Clock::start();
        let resolver = Resolver::default();
        let budget = Arc::new(Budget::new(self.memory));
        let descriptors = FdLimit::of_process(&mut CONTEXTS.get().lock().fd_limit);
        let start = |index| {
            Worker::start(clock, (resolver.clone(), Arc::clone(&descriptors)), format!("hubless-{index}"))
                .map_err(|cause| Error::System { what: "a background thread", cause })
        };
        let workers = start_all(self.threads, start)?;
        budget.tell(workers.iter().map(|worker| Arc::clone(worker) as _).collect());
        let inner = Arc::new(Inner {
            transports: self.transports,
            clock,
            budget,
            buffers: Arc::default(),
            workers,
            next: AtomicUsize::new(0),
            opened: AtomicUsize::new(0),
            sockets: Mutex::default(),
        });
        let mut contexts = CONTEXTS.get().lock();
        contexts.all.retain(|context| context.strong_count() > 0);
        contexts.all.push(Arc::downgrade(&inner));
        Ok(Context { inner })
    }
}

/// Starts this many background threads, or none: where one cannot be had, those that have begun end at once.
fn start_all(
    threads: usize,
    start: impl Fn(usize) -> Result<Arc<WorkerHandle>, Error>,
) -> Result<Vec<Arc<WorkerHandle>>, Error> {
    let mut workers = Vec::with_capacity(threads);
    for index in 0..threads {
        match start(index) {
            Ok(worker) => workers.push(worker),
            Err(error) => {
                for worker in &workers {
                    WorkerHandle::tell(worker, Command::Stop);
                }
                return Err(error);
            }
        }
    }
    Ok(workers)
}

/// Closes every socket of every context of the process, as [`Context::close`] does; `timeout` is for all together. The
/// last line of a program that sends: leaving `main` ends the background threads at once, whatever is still queued.
///
/// ```
/// # use std::time::Duration;
/// let report = hubless::close_all(Duration::from_secs(1));
/// assert_eq!(report.dropped, 0);
/// ```
pub fn close_all(timeout: Duration) -> CloseReport {
    let clock = Clock::start();
    let until = clock.now().after(timeout);
    closer::close(&take_all_sockets(), clock, until)
}

/// Begins to close every socket of every context: what becomes of each.
pub(crate) fn begin_close_all(timeout: Duration) -> Vec<Arc<Completion<CloseReport>>> {
    let clock = Clock::start();
    closer::close_all_async(take_all_sockets(), clock, clock.now().after(timeout))
}

fn take_all_sockets() -> Vec<Arc<dyn ManagedSocket>> {
    let contexts: Vec<Arc<Inner>> = CONTEXTS.get().lock().all.iter().filter_map(Weak::upgrade).collect();
    let living = contexts.into_iter().map(|inner| Context { inner }).filter(|context| !context.is_dead());
    living.flat_map(|context| context.inner.take_sockets()).collect()
}
