//! Raw sockets: the patterns without their bookkeeping, for devices and for those who keep it themselves.
//!
//! A raw socket sends and receives a [`Packet`]: the header that the pattern puts in front of a message, and the body. What
//! one raw socket received can be sent by the raw socket of the other end as it is, and finds its way back (sp.md sections
//! 7 and 9). On the wire a raw socket cannot be told from a cooked one. A [`Device`](crate::Device) does just that.
//!
//! ```
//! use hubless::raw;
//!
//! let rep = raw::Rep::new()?;
//! let at = rep.listen("inproc://raw-example")?;
//! let req = hubless::Req::new()?;
//! req.dial(at.address())?;
//! let pending = req.send("ping")?;
//! let mut packet = rep.recv()?;
//! assert_eq!(packet.header.len(), 8); // the pipe it came by, and the request's own number
//! packet.body = "pong".into();
//! rep.send(packet)?;
//! assert_eq!(pending.recv()?, "pong");
//! # Ok::<(), hubless::Error>(())
//! ```

use std::sync::Arc;

use hubless_protocol::patterns::{Balance, Role, raw};

use super::verbs::{balances, limits_hops, receives, sends, socket};
use super::{End, Handle, MaxHops};
use crate::transport::Packet;

/// One raw socket: its documentation, its name, its machine, how that is made, and what it can do.
macro_rules! raw {
    ($(#[$doc:meta])* $socket:ident, $machine:ty, $own:ty, $make:expr, $($verb:ident),+) => {
        $(#[$doc])*
        pub struct $socket(Handle<$machine>);

        socket!($socket, concat!("raw::", stringify!($socket)), $machine, $own, $make);
        $(raw!(@$verb $socket);)+

        impl $socket {
            /// Its part in a device.
            pub(crate) fn end(self) -> Arc<dyn End> {
                Arc::new(self.0)
            }
        }
    };
    (@sends $socket:ident) => {
        sends!($socket, Packet);
    };
    (@receives $socket:ident) => {
        receives!($socket, Packet);
    };
}

limits_hops!(Rep);
limits_hops!(Respondent);
limits_hops!(Pair);
limits_hops!(PairV1);
balances!(Req);
balances!(Push);

raw! {
    /// Sends requests with the header they come with; receives answers with theirs.
    Req, raw::RawReq, Balance, raw::RawReq::new, sends, receives
}
raw! {
    /// Receives requests with the number of their pipe in front of the header; sends an answer to the pipe its header
    /// begins with.
    Rep, raw::RawReply, MaxHops, |max: MaxHops| raw::RawReply::new(Role::Rep, max.0), sends, receives
}
raw! {
    /// Sends questions to everybody, with the header they come with; receives answers with theirs.
    Surveyor, raw::RawSurveyor, (), |()| raw::RawSurveyor::new(), sends, receives
}
raw! {
    /// Receives questions with the number of their pipe in front of the header; sends an answer to the pipe its header
    /// begins with.
    Respondent, raw::RawReply, MaxHops, |max: MaxHops| raw::RawReply::new(Role::Respondent, max.0), sends, receives
}
raw! {
    /// A PAIR of version 0, which has no header.
    Pair, raw::RawPair, MaxHops, |max: MaxHops| raw::RawPair::new(Role::PairV0, max.0), sends, receives
}
raw! {
    /// A PAIR of version 1: the header is the number of hops, counted on when sent.
    PairV1, raw::RawPair, MaxHops, |max: MaxHops| raw::RawPair::new(Role::PairV1, max.0), sends, receives
}
raw! {
    /// Receives with the number of the pipe for a header; sends to all pipes but the one its header names.
    Bus, raw::RawBus, (), |()| raw::RawBus::new(), sends, receives
}
raw! {
    /// A PUSH of packets; the header is none.
    Push, raw::RawPush, Balance, raw::RawPush::new, sends
}
raw! {
    /// A PULL of packets; the header is none.
    Pull, raw::RawPull, (), |()| raw::RawPull::new(Role::Pull), receives
}
raw! {
    /// A PUB of packets; the header is none.
    Pub, raw::RawPublish, (), |()| raw::RawPublish::new(), sends
}
raw! {
    /// A SUB that lets everything through; the header is none.
    Sub, raw::RawPull, (), |()| raw::RawPull::new(Role::Sub), receives
}
