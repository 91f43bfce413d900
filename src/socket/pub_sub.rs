use hubless_protocol::patterns::{self, Overflow};

use super::verbs::{receives, sends, socket};
use super::{Builder, Handle};
use crate::{Error, Message};

/// Publishes: each message goes to every connected [`Sub`], which keeps what it has subscribed to.
///
/// Publishing does not wait: a peer whose queue is full loses the newest message, counted in
/// [`Drops::peer_full`](crate::Drops::peer_full), and slows nobody down. [`Builder::overflow`] has it lose the oldest instead,
/// or lets the publisher wait for it. A message published before a subscriber is connected is not for it:
/// [`wait_for_peers`](Self::wait_for_peers) says when it is.
///
/// ```
/// use std::time::Duration;
/// use hubless::{Pub, Sub};
///
/// let publisher = Pub::new()?;
/// let at = publisher.listen("inproc://pub-example")?;
/// let sub = Sub::new()?;
/// sub.subscribe("oslo")?;
/// sub.dial(at.address())?;
/// publisher.wait_for_peers(1, Duration::from_secs(5))?;
/// publisher.send("rome 31")?;
/// publisher.send("oslo 17")?;
/// assert_eq!(sub.recv()?, "oslo 17");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Pub(Handle<patterns::Publish>);

socket!(Pub, "Pub", patterns::Publish, Overflow, patterns::Publish::new);
sends!(Pub, Message);

impl Builder<Pub> {
    /// What to do with a message for which the queue of a subscriber has no room; default [`Overflow::DropNewest`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use hubless::{Overflow, Pub};
    ///
    /// let positions = Pub::builder().overflow(Overflow::DropOldest).send_buffer(10).build()?;
    /// let orders =
    ///     Pub::builder().overflow(Overflow::Block).send_timeout(Duration::from_secs(5)).build()?;
    /// # Ok::<(), hubless::Error>(())
    /// ```
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.own = overflow;
        self
    }
}

/// Subscribes: receives, of all that the connected [`Pub`]s publish, what begins with a prefix it has subscribed to.
///
/// Without a subscription nothing is received; the empty prefix lets everything through. Subscriptions belong to the
/// socket, not to a connection: they hold for every peer, now and after a reconnect. Filtering is done at this end
/// (sp.md section 8.3); what was filtered out is counted in [`Drops::filtered`](crate::Drops::filtered).
///
/// ```
/// use std::time::Duration;
/// use hubless::{Pub, Sub};
///
/// let sub = Sub::new()?;
/// sub.subscribe("")?;
/// let at = sub.listen("inproc://sub-example")?;
/// let publisher = Pub::new()?;
/// publisher.dial(at.address())?;
/// publisher.wait_for_peers(1, Duration::from_secs(5))?;
/// publisher.send("news")?;
/// assert_eq!(sub.recv()?, "news");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Sub(Handle<patterns::Subscribe>);

socket!(Sub, "Sub", patterns::Subscribe, (), |()| patterns::Subscribe::new());
receives!(Sub, Message);

impl Sub {
    /// Lets messages through that begin with `prefix`; all, if it is empty. Done twice it must be undone twice. Never
    /// blocks; holds from the next message that arrives.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Forked`], [`Error::Dead`].
    pub fn subscribe(&self, prefix: impl AsRef<[u8]>) -> Result<(), Error> {
        self.0.socket().with_pattern(|pattern, _| pattern.subscribe(prefix.as_ref()))
    }

    /// Takes back one [`subscribe`](Self::subscribe) with this prefix; `false` where there was none. Messages that have
    /// arrived already are still received.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Forked`], [`Error::Dead`].
    pub fn unsubscribe(&self, prefix: impl AsRef<[u8]>) -> Result<bool, Error> {
        self.0.socket().with_pattern(|pattern, _| pattern.unsubscribe(prefix.as_ref()))
    }
}
