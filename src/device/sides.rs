//! The sockets of a device.

use std::sync::{Arc, Weak};

use crate::engine::{CloseHook, Flag};
use crate::socket::{End, raw};

/// A raw socket that talks to its own kind, so that a device may be made of two or of one: [`raw::Pair`],
/// [`raw::PairV1`], [`raw::Bus`]. Implemented by the sockets of this crate only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not talk to its own kind",
    note = "`Device::between` and `Device::reflect` are for `raw::Pair`, `raw::PairV1` and `raw::Bus`; \
            `forwarder`, `streamer`, `queue` and `survey` join the others"
)]
pub trait Reflects: sealed::Sided {}

pub(crate) mod sealed {
    use std::fmt;
    use std::sync::Arc;

    use crate::socket::End;

    /// A socket that a device can be given.
    #[allow(unnameable_types, reason = "it seals `Reflects`, which is nameable")]
    pub trait Sided {
        #[doc(hidden)]
        fn side(self) -> Side;
    }

    /// A socket that a device was given.
    #[allow(unnameable_types, reason = "it is part of the seal of `Reflects`")]
    pub struct Side(pub(crate) Arc<dyn End>);

    impl fmt::Debug for Side {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Side")
        }
    }
}

macro_rules! reflects {
    ($($socket:ident),+) => {
        $(impl Reflects for raw::$socket {}

        impl sealed::Sided for raw::$socket {
            fn side(self) -> sealed::Side {
                sealed::Side(self.end())
            }
        })+
    };
}

reflects!(Pair, PairV1, Bus);

/// The sockets of a device; twice the same where there is one.
pub(super) struct Sides {
    pub(super) front: Arc<dyn End>,
    pub(super) back: Arc<dyn End>,
}

impl Sides {
    pub(super) fn two(front: Arc<dyn End>, back: Arc<dyn End>) -> Self {
        Self { front, back }
    }

    pub(super) fn one(socket: Arc<dyn End>) -> Self {
        Self { front: Arc::clone(&socket), back: socket }
    }

    /// A hold that keeps no socket open.
    pub(super) fn downgrade(&self) -> [Weak<dyn End>; 2] {
        [Arc::downgrade(&self.front), Arc::downgrade(&self.back)]
    }

    pub(super) fn cancel_waits(&self, off: &Flag) {
        self.front.cancel_waits(off);
        self.back.cancel_waits(off);
    }

    /// Does this when either socket closes, which one who waits for the other would not notice.
    pub(super) fn when_closed(&self, hook: &Arc<CloseHook>) {
        self.front.when_closed(hook);
        self.back.when_closed(hook);
    }

    /// Messages that the sockets have lost so far.
    pub(super) fn drops(&self) -> u64 {
        let front = self.front.drops();
        if Arc::ptr_eq(&self.front, &self.back) { front } else { front + self.back.drops() }
    }
}
