//! Waiting for several sockets in one call.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{Clock, Deadline as _, ReadinessHandle, ReadyEntry, ReadyQueue, Until, generation};

/// Waits for several sockets in one call, of whatever patterns.
///
/// Each is added with a key of yours, and [`wait`](Self::wait) gives the keys of those that are ready, one at a time and in
/// turn: a socket that is always busy has its turn as often as each other that is ready. One whose message is not taken is
/// given again at its next turn.
///
/// It is for one thread; the sockets may be used by others meanwhile, and then a message may be gone when it is looked for:
/// so take it with a `try_` call. As long as a socket is in a poller, the background thread of its context serves it all the
/// time, which takes one wake more than to wait in `recv`. It does not keep the sockets open: a closed one is ready for ever,
/// and the call says why; [`remove`](Self::remove) it. In the child of a fork every one is.
///
/// ```
/// use std::time::{Duration, Instant};
/// use hubless::{Poller, Pull, Push, Rep, Req};
///
/// let (jobs, questions) = (Pull::new()?, Rep::new()?);
/// let (push, req) = (Push::new()?, Req::new()?);
/// push.dial(jobs.listen("inproc://poller-jobs")?.address())?;
/// req.dial(questions.listen("inproc://poller-questions")?.address())?;
/// push.send("job 1")?;
/// let pending = req.send("how is it going?")?;
///
/// let mut poller = Poller::new();
/// poller.add_recv(&jobs, "jobs");
/// poller.add_recv(&questions, "questions");
/// let mut seen = 0;
/// while seen < 2 {
///     match poller.wait_timeout(Duration::from_secs(5)) {
///         Some("jobs") => seen += jobs.try_recv().is_ok() as u32,
///         Some(_) => {
///             let Ok(question) = questions.try_recv() else { continue };
///             question.reply("fine")?;
///             seen += 1;
///         }
///         None => panic!("nothing came"),
///     }
/// }
/// assert_eq!(pending.recv()?, "fine");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Poller<K> {
    ready: Arc<ReadyQueue>,
    polled: BTreeMap<u64, Polled<K>>,
    next: u64,
    clock: Clock,
    /// Of the process that made it.
    generation: u32,
}

struct Polled<K> {
    key: K,
    readiness: ReadinessHandle,
}

/// What a [`Poller`] can wait for to receive from: the sockets that receive, [`Pending`](crate::Pending) answers,
/// [`Survey`](crate::Survey)s and [`Monitor`](crate::Monitor)s. Implemented by types of this crate only.
pub trait CanRecv: sealed::Receiving {}

/// What a [`Poller`] can wait for to send to: the sockets that send. Implemented by types of this crate only.
pub trait CanSend: sealed::Sending {}

pub(crate) mod sealed {
    use std::sync::Arc;

    use crate::engine::{Observable, Want};

    /// A socket and what is waited for there.
    #[derive(Debug)]
    #[allow(unnameable_types, reason = "it is part of the seals")]
    pub struct Subject(pub(crate) Arc<dyn Observable>, pub(crate) Want);

    #[allow(unnameable_types, reason = "it seals `CanRecv`, which is nameable")]
    pub trait Receiving {
        #[doc(hidden)]
        fn receiving(&self) -> Subject;
    }

    #[allow(unnameable_types, reason = "it seals `CanSend`, which is nameable")]
    pub trait Sending {
        #[doc(hidden)]
        fn sending(&self) -> Subject;
    }
}

impl<K: Clone> Poller<K> {
    /// With no sockets yet.
    pub fn new() -> Self {
        Self {
            ready: Arc::default(),
            polled: BTreeMap::new(),
            next: 0,
            clock: Clock::start(),
            generation: generation(),
        }
    }

    /// From now on `key` is given while receiving from `socket` is worth a try. The same socket may be added for sending too,
    /// and the same key may be given to several.
    pub fn add_recv(&mut self, socket: &impl CanRecv, key: K) {
        self.add(socket.receiving(), key);
    }

    /// From now on `key` is given while sending to `socket` is worth a try: always, until a send is refused, and then when there
    /// may be room again. So add a socket for sending when it has refused a message, and remove it when it has taken it.
    pub fn add_send(&mut self, socket: &impl CanSend, key: K) {
        self.add(socket.sending(), key);
    }

    /// Removes all that were added with this key.
    pub fn remove(&mut self, key: &K)
    where
        K: PartialEq,
    {
        let ready = self.ready_queue();
        self.polled.retain(|entry, polled| {
            let stays = polled.key != *key;
            if !stays {
                ready.remove(*entry);
            }
            stays
        });
    }

    /// Waits until one is ready, as long as it takes. `None` when there is nothing to wait for.
    pub fn wait(&mut self) -> Option<K> {
        self.wait_until(&Until::Forever)
    }

    /// Waits until one is ready, at most `timeout`; with none at all it looks without waiting. `None` when the time is over, or at once
    /// when there is nothing to wait for.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<K> {
        self.wait_until(&Until::after(self.clock, Some(timeout)))
    }

    /// Waits until one is ready, until `deadline` at the latest. `None` when that is over, or at once when there is nothing to wait
    /// for.
    pub fn wait_deadline(&mut self, deadline: Instant) -> Option<K> {
        self.wait_until(&Until::deadline(self.clock, deadline))
    }

    fn wait_until(&self, until: &Until) -> Option<K> {
        if self.generation != generation() {
            return self.polled.values().next().map(|polled| polled.key.clone());
        }
        while !self.polled.is_empty() {
            while let Some(entry) = self.ready.pop() {
                let Some(polled) = self.polled.get(&entry) else { continue };
                if polled.readiness.is_ready() {
                    self.ready.push(entry);
                    return Some(polled.key.clone());
                }
            }
            let left = until.left();
            if left == Some(Duration::ZERO) {
                break;
            }
            ReadyQueue::sleep(left);
        }
        None
    }

    fn add(&mut self, sealed::Subject(socket, want): sealed::Subject, key: K) {
        let entry = self.next;
        self.next += 1;
        let ready = ReadyEntry { queue: self.ready_queue(), entry };
        let readiness = ReadinessHandle::new(socket, want, Box::new(ready));
        self.polled.insert(entry, Polled { key, readiness });
    }

    /// The ready queue. In the child of a fork its lock may be held by a thread that is not there, so there it is another, which
    /// nobody needs.
    fn ready_queue(&mut self) -> Arc<ReadyQueue> {
        if self.generation != generation() {
            self.ready = Arc::default();
        }
        Arc::clone(&self.ready)
    }
}

impl<K: Clone> Default for Poller<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> fmt::Debug for Poller<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller").field("sockets", &self.polled.len()).finish_non_exhaustive()
    }
}
