//! What the public traits of sockets are sealed by: how a socket is opened, and the handle in it.

use std::fmt::Debug;

use hubless_transport::{Header, Message, Packet};

use super::Handle;
use crate::engine::{Context, Listed, Received, SocketOptions};

/// A typed socket: settings, a pattern, and the handle of it.
#[allow(unnameable_types, reason = "it seals `Socket`, which is nameable")]
pub trait Opens: Sized {
    /// Settings that only this type has.
    type Own: Default + Debug;
    /// The machine in it.
    type Pattern: Listed;

    #[doc(hidden)]
    fn open(context: Context, options: Options, own: Self::Own) -> Self;

    #[doc(hidden)]
    fn handle(&self) -> &Handle<Self::Pattern>;
}

/// The settings that all types have.
#[derive(Debug, Clone, Default)]
#[allow(unnameable_types, reason = "it is part of the seal of `Socket`")]
pub struct Options(pub(crate) SocketOptions);

/// What is made of what the engine received.
#[allow(unnameable_types, private_interfaces, reason = "it is part of the seal of `RecvSocket`")]
pub trait Incoming<P: Listed>: Sized {
    #[doc(hidden)]
    fn new(handle: &Handle<P>, received: Received<P::Origin>) -> Self;
}

#[allow(private_interfaces, reason = "it is part of the seal of `RecvSocket`")]
impl<P: Listed> Incoming<P> for Message {
    #[inline]
    fn new(_: &Handle<P>, received: Received<P::Origin>) -> Self {
        received.body
    }
}

#[allow(private_interfaces, reason = "it is part of the seal of `RecvSocket`")]
impl<P: Listed<Origin = Header>> Incoming<P> for Packet {
    #[inline]
    fn new(_: &Handle<P>, received: Received<Header>) -> Self {
        Self::new(received.origin, received.body)
    }
}
