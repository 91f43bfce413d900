use hubless_protocol::patterns::{self, Balance};

use super::Handle;
use super::verbs::{balances, receives, sends, socket};
use crate::Message;

/// The sending end of a pipeline: each message goes to one of the connected [`Pull`]s.
///
/// They take turns, or the one with the least to do comes first ([`Balance`]); one without room is passed over. With no
/// room anywhere, or no peer, sending waits, so a message is never dropped for being early or for a slow worker.
/// Messages queued for a peer that goes away move to another. Any thread may send; each thread's messages to one peer
/// arrive in order.
///
/// A message that has left for a worker is the worker's. If that is killed, what it had been sent and had not worked on is lost, up to
/// its receive buffer and those of the system, and no counter knows. Where each job must be done, make it a request:
/// [`Req`](crate::Req) asks another worker when the first one dies, and the answer says that it is done
/// ([acknowledged work](crate::guide::acknowledged_work)):
///
/// ```
/// use hubless::{Rep, Req};
///
/// let jobs = Req::new()?;
/// let worker = Rep::new()?;
/// worker.dial(jobs.listen("inproc://push-or-req-example")?.address())?;
/// let job = jobs.send("job 1")?;
/// worker.recv()?.reply("done")?;
/// assert_eq!(job.recv()?, "done");
/// # Ok::<(), hubless::Error>(())
/// ```
///
/// ```
/// use std::time::Duration;
/// use hubless::{Pull, Push};
///
/// let pull = Pull::new()?;
/// let at = pull.listen("inproc://push-example")?;
/// let push = Push::new()?;
/// push.dial(at.address())?;
/// push.send("job 1")?;
/// assert_eq!(pull.recv()?, "job 1");
/// push.close(Duration::from_secs(1))?;
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Push(Handle<patterns::Push>);

socket!(Push, "Push", patterns::Push, Balance, patterns::Push::new);
balances!(Push);
sends!(Push, Message);

/// The receiving end of a pipeline: takes messages from all connected [`Push`]es in turn.
///
/// When nobody receives, at most the receive buffer fills up for each peer; then it is no longer read, and the senders feel
/// it. Any thread may receive; each message goes to one of them.
///
/// ```
/// use hubless::{Pull, Push};
///
/// let pull = Pull::new()?;
/// let at = pull.listen("inproc://pull-example")?;
/// let push = Push::new()?;
/// push.dial(at.address())?;
/// push.send_many(["a", "b"])?;
/// let received: Vec<_> = pull.iter().take(2).collect();
/// assert_eq!(received, ["a", "b"]);
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Pull(Handle<patterns::Pull>);

socket!(Pull, "Pull", patterns::Pull, (), |()| patterns::Pull::new());
receives!(Pull, Message);
