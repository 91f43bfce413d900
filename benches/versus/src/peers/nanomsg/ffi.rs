//! The C functions of nanomsg that are used, and sockets and messages made of them.

#![allow(unsafe_code, reason = "a C library is called; each block says why it may be")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::{ptr, slice};

use crate::Outcome;

const DOMAIN: c_int = 1;
pub(super) const PUB: c_int = 32;
pub(super) const SUB: c_int = 33;
pub(super) const REQ: c_int = 48;
pub(super) const REP: c_int = 49;
pub(super) const PUSH: c_int = 80;
pub(super) const PULL: c_int = 81;

/// The level of options that all sockets have.
const ANY: c_int = 0;
pub(super) const SNDBUF: c_int = 2;
pub(super) const RCVBUF: c_int = 3;
pub(super) const RCVMAXSIZE: c_int = 16;
const SUBSCRIBE: c_int = 1;

const DONTWAIT: c_int = 1;
const EAGAIN: c_int = 11;
/// A length that says that what is sent or received is a message and not its octets.
const MESSAGE: usize = usize::MAX;

unsafe extern "C" {
    fn nn_errno() -> c_int;
    fn nn_strerror(error: c_int) -> *const c_char;
    fn nn_allocmsg(size: usize, kind: c_int) -> *mut c_void;
    fn nn_freemsg(message: *mut c_void) -> c_int;
    fn nn_socket(domain: c_int, protocol: c_int) -> c_int;
    fn nn_setsockopt(
        socket: c_int,
        level: c_int,
        option: c_int,
        value: *const c_void,
        length: usize,
    ) -> c_int;
    fn nn_bind(socket: c_int, address: *const c_char) -> c_int;
    fn nn_connect(socket: c_int, address: *const c_char) -> c_int;
    fn nn_send(socket: c_int, octets: *const c_void, length: usize, flags: c_int) -> c_int;
    fn nn_recv(socket: c_int, octets: *mut c_void, length: usize, flags: c_int) -> c_int;
}

/// A socket; any thread may use it. It is never closed: the process ends.
pub(super) struct Socket(c_int);

impl Socket {
    pub(super) fn open(kind: c_int) -> Outcome<Self> {
        // SAFETY: takes two numbers.
        let socket = unsafe { nn_socket(DOMAIN, kind) };
        check(socket)?;
        Ok(Self(socket))
    }

    pub(super) fn set(&self, option: c_int, value: c_int) -> Outcome<()> {
        let length = size_of::<c_int>();
        // SAFETY: the option is a number, and this is one.
        check(unsafe { nn_setsockopt(self.0, ANY, option, ptr::from_ref(&value).cast(), length) })
    }

    /// Lets everything through.
    pub(super) fn subscribe(&self) -> Outcome<()> {
        // SAFETY: of no octets none is read; the place is valid nevertheless, as it is asked for.
        check(unsafe { nn_setsockopt(self.0, SUB, SUBSCRIBE, c"".as_ptr().cast(), 0) })
    }

    pub(super) fn bind(&self, address: &str) -> Outcome<()> {
        let address = CString::new(address)?;
        // SAFETY: the text ends with a zero and is copied.
        check(unsafe { nn_bind(self.0, address.as_ptr()) })
    }

    pub(super) fn connect(&self, address: &str) -> Outcome<()> {
        let address = CString::new(address)?;
        // SAFETY: the text ends with a zero and is copied.
        check(unsafe { nn_connect(self.0, address.as_ptr()) })
    }

    /// Sends a copy of the octets.
    #[inline]
    pub(super) fn send(&self, octets: &[u8]) -> Outcome<()> {
        // SAFETY: so many octets are there, and they are copied.
        check(unsafe { nn_send(self.0, octets.as_ptr().cast(), octets.len(), 0) })
    }

    #[inline]
    pub(super) fn send_message(&self, message: Message) -> Outcome<()> {
        // SAFETY: the message is valid; if it is taken it is forgotten here.
        check(unsafe { nn_send(self.0, ptr::from_ref(&message.place).cast(), MESSAGE, 0) })?;
        std::mem::forget(message);
        Ok(())
    }

    #[inline]
    pub(super) fn receive(&self) -> Outcome<Message> {
        self.take(0).ok_or_else(error)
    }

    /// The same if one is there.
    #[inline]
    pub(super) fn try_receive(&self) -> Outcome<Option<Message>> {
        let message = self.take(DONTWAIT);
        // SAFETY: takes nothing.
        if message.is_some() || unsafe { nn_errno() } == EAGAIN { Ok(message) } else { Err(error()) }
    }

    #[inline]
    fn take(&self, flags: c_int) -> Option<Message> {
        let mut place: *mut c_void = ptr::null_mut();
        // SAFETY: a place for a message.
        let length = unsafe { nn_recv(self.0, (&raw mut place).cast(), MESSAGE, flags) };
        usize::try_from(length).ok().map(|length| Message { place, length })
    }
}

/// A message of its own.
pub(super) struct Message {
    place: *mut c_void,
    length: usize,
}

impl Message {
    /// Of so many octets, of which the first ones are these and the others anything.
    pub(super) fn with_head(length: usize, head: [u8; 8]) -> Outcome<Self> {
        // SAFETY: takes two numbers.
        let place = unsafe { nn_allocmsg(length, 0) };
        if place.is_null() {
            return Err(error());
        }
        if length >= head.len() {
            // SAFETY: there are at least so many octets at that place.
            unsafe { ptr::copy_nonoverlapping(head.as_ptr(), place.cast(), head.len()) };
        }
        Ok(Self { place, length })
    }

    #[inline]
    pub(super) fn octets(&self) -> &[u8] {
        // SAFETY: so many octets are there for as long as the slice is borrowed.
        unsafe { slice::from_raw_parts(self.place.cast(), self.length) }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: the message is valid, and not used again.
        unsafe { nn_freemsg(self.place) };
    }
}

#[inline]
fn check(result: c_int) -> Outcome<()> {
    if result < 0 { Err(error()) } else { Ok(()) }
}

#[cold]
fn error() -> crate::Error {
    // SAFETY: the text is static.
    let text = unsafe { CStr::from_ptr(nn_strerror(nn_errno())) };
    text.to_string_lossy().into()
}
