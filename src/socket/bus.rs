use hubless_protocol::patterns::{self, PipeId};

use super::Handle;
use super::verbs::{common, opens, receives, receives_many, sends, sends_many};
use crate::{Message, engine};

/// One of many that hear one another: each message goes to every directly connected [`Bus`].
///
/// Nothing is forwarded and nothing comes back: connect every two that are to hear one another. Sending never waits; a peer
/// whose queue is full loses the message, counted in [`Drops::peer_full`](crate::Drops::peer_full).
///
/// ```
/// use std::time::Duration;
/// use hubless::Bus;
///
/// let (left, right) = (Bus::new()?, Bus::new()?);
/// let at = left.listen("inproc://bus-example")?;
/// right.dial(at.address())?;
/// left.wait_for_peers(1, Duration::from_secs(5))?;
/// left.send("all aboard")?;
/// assert_eq!(right.recv()?, "all aboard");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Bus(Handle<patterns::Bus>);

common!(Bus, patterns::Bus, "Bus");
opens!(Bus, (), |()| patterns::Bus::new());
sends!(Bus, Message);
sends_many!(Bus);
receives!(Bus, Message, |_, received: engine::Received<PipeId>| received.body);
receives_many!(Bus);
