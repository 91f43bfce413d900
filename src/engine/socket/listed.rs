//! The patterns that a socket can have. Their list is here, and nothing else of the engine names one.
//!
//! A socket keeps its pattern as a variant of an enum. So the path of a message, which knows the pattern, finds it with
//! one comparison and calls it directly. All other code calls [`AnyPattern`], and there is one copy of it.

use std::ops::{Deref, DerefMut};

use hubless_protocol::patterns::raw::{
    RawBus, RawPair, RawPublish, RawPull, RawPush, RawReply, RawReq, RawSurveyor,
};
use hubless_protocol::patterns::{Bus, Pair, Pattern, Publish, Pull, Push, Reply, Req, Subscribe, Surveyor};

use super::typed::{AnyPattern, Typed};

/// A pattern that sockets can have.
#[allow(unnameable_types, reason = "it is part of the seal of `Socket`")]
pub trait Listed: Pattern {
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "it is called in the engine only")]
    fn list(typed: Typed<Self>) -> ListedPattern;

    /// What of a socket has to do with its pattern, if it is this one.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "it is called in the engine only")]
    fn find(listed: &mut ListedPattern) -> Option<&mut Typed<Self>>;
}

macro_rules! listed {
    ($($pattern:ident),+ $(,)?) => {
        /// What of a socket differs by its pattern.
        #[derive(Debug)]
        #[allow(clippy::large_enum_variant, reason = "there is one in each socket, and it is not moved")]
        pub(crate) enum ListedPattern {
            $($pattern(Typed<$pattern>),)+
            /// A pattern of tests.
            #[cfg(test)]
            Unlisted(Box<dyn AnyPattern>),
        }

        $(
            #[allow(private_interfaces, reason = "it is called in the engine only")]
            impl Listed for $pattern {
                fn list(typed: Typed<Self>) -> ListedPattern {
                    ListedPattern::$pattern(typed)
                }

                #[inline]
                fn find(listed: &mut ListedPattern) -> Option<&mut Typed<Self>> {
                    if let ListedPattern::$pattern(typed) = listed { Some(typed) } else { None }
                }
            }
        )+

        impl Deref for ListedPattern {
            type Target = dyn AnyPattern;

            fn deref(&self) -> &(dyn AnyPattern + 'static) {
                match self {
                    $(Self::$pattern(typed) => typed,)+
                    #[cfg(test)]
                    Self::Unlisted(typed) => &**typed,
                }
            }
        }

        impl DerefMut for ListedPattern {
            fn deref_mut(&mut self) -> &mut (dyn AnyPattern + 'static) {
                match self {
                    $(Self::$pattern(typed) => typed,)+
                    #[cfg(test)]
                    Self::Unlisted(typed) => &mut **typed,
                }
            }
        }
    };
}

listed!(
    Bus,
    Pair,
    Publish,
    Pull,
    Push,
    Reply,
    Req,
    Subscribe,
    Surveyor,
    RawBus,
    RawPair,
    RawPublish,
    RawPull,
    RawPush,
    RawReply,
    RawReq,
    RawSurveyor,
);
