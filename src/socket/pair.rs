use hubless_protocol::patterns::{self, Role};

use super::builder::Builder;
use super::verbs::{limits_hops, receives, sends, socket};
use super::{Handle, MaxHops};
use crate::Message;

/// One of two ends that talk freely: a PAIR has one peer at a time.
///
/// A second peer is refused, and the first not disturbed; when the first has left, the next is welcome. One that is refused
/// may have sent already, because it is told by hanging up after the greetings: those messages are lost. Sending waits for
/// room and for a peer. Version 0, the default, is what nanomsg, NNG and mangos all speak; a version 1 socket talks to
/// version 1 only.
///
/// ```
/// use hubless::Pair;
///
/// let (left, right) = (Pair::new()?, Pair::new()?);
/// let at = left.listen("inproc://pair-example")?;
/// right.dial(at.address())?;
/// right.send("ping")?;
/// assert_eq!(left.recv()?, "ping");
/// left.send("pong")?;
/// assert_eq!(right.recv()?, "pong");
/// # Ok::<(), hubless::Error>(())
/// ```
pub struct Pair(Handle<patterns::Pair>);

socket!(Pair, "Pair", patterns::Pair, PairOptions, |own: PairOptions| {
    patterns::Pair::new(if own.version_1 { Role::PairV1 } else { Role::PairV0 }, own.max_hops.0)
});
sends!(Pair, Message);
receives!(Pair, Message);

/// Settings of a PAIR. Version 0 counts no hops.
#[derive(Debug, Default)]
#[allow(unnameable_types, reason = "set through the builder only")]
pub struct PairOptions {
    version_1: bool,
    max_hops: MaxHops,
}

limits_hops!(Pair, max_hops);

impl Builder<Pair> {
    /// Speaks version 1 of the protocol, which counts hops; default version 0, which does not, so that
    /// [`max_hops`](Self::max_hops) means nothing to it.
    #[must_use]
    pub fn version_1(mut self) -> Self {
        self.own.version_1 = true;
        self
    }
}
