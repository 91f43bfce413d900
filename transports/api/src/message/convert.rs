//! What a message is made from, and what it is compared with.

use std::borrow::Cow;

use bytes::Bytes;

use super::inline::{INLINE, Inline};
use super::{Body, Message};
use crate::owners::Owned;

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<&[u8]> for Message {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        match Inline::copy_of(bytes) {
            Some(inline) => Self(Body::Inline(inline)),
            None => Self(Body::Shared(Owned::new(Bytes::copy_from_slice(bytes)))),
        }
    }
}

impl<const N: usize> From<&[u8; N]> for Message {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

impl<const N: usize> From<[u8; N]> for Message {
    fn from(bytes: [u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

impl From<&Vec<u8>> for Message {
    fn from(bytes: &Vec<u8>) -> Self {
        bytes.as_slice().into()
    }
}

impl From<Box<[u8]>> for Message {
    fn from(bytes: Box<[u8]>) -> Self {
        bytes.into_vec().into()
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        text.as_bytes().into()
    }
}

impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.len() <= INLINE {
            bytes.as_slice().into()
        } else {
            Self(Body::Shared(Owned::new(bytes.into())))
        }
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        if bytes.len() <= INLINE { bytes.as_ref().into() } else { Self(Body::Shared(Owned::new(bytes))) }
    }
}

impl From<&Self> for Message {
    fn from(message: &Self) -> Self {
        message.clone()
    }
}

impl Eq for Message {}

/// Whether they have the same frames.
impl PartialEq for Message {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..] && self.has_same_borders(other)
    }
}

/// Whether the bytes are the same, however many frames they are.
macro_rules! equals_bytes {
    ($($other:ty),*) => {
        $(impl PartialEq<$other> for Message {
            #[inline]
            fn eq(&self, other: &$other) -> bool {
                self[..] == *AsRef::<[u8]>::as_ref(other)
            }
        })*
    };
}

equals_bytes!([u8], Vec<u8>, Box<[u8]>, Bytes, str, String);

impl<const N: usize> PartialEq<[u8; N]> for Message {
    #[inline]
    fn eq(&self, other: &[u8; N]) -> bool {
        self[..] == *other
    }
}

impl<T: ?Sized> PartialEq<&T> for Message
where
    Self: PartialEq<T>,
{
    #[inline]
    fn eq(&self, other: &&T) -> bool {
        self == *other
    }
}
