use hubless_protocol::patterns;

use super::Handle;
use super::verbs::{receives, sends, socket};
use crate::Message;

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

socket!(Bus, "Bus", patterns::Bus, (), |()| patterns::Bus::new());
sends!(Bus, Message);
receives!(Bus, Message);
