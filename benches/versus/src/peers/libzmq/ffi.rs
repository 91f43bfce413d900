//! The C functions of libzmq that are used, and sockets and messages made of them.

#![allow(unsafe_code, reason = "a C library is called; each block says why it may be")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::{ptr, slice};

use crate::Outcome;

pub(super) const PUB: c_int = 1;
pub(super) const SUB: c_int = 2;
pub(super) const REQ: c_int = 3;
pub(super) const REP: c_int = 4;
pub(super) const PULL: c_int = 7;
pub(super) const PUSH: c_int = 8;

const SUBSCRIBE: c_int = 6;
pub(super) const SNDHWM: c_int = 23;
pub(super) const RCVHWM: c_int = 24;
/// Connections that wait to be taken.
pub(super) const BACKLOG: c_int = 19;
pub(super) const XPUB_NODROP: c_int = 69;

/// Of a context: how many sockets it has at most.
const MAX_SOCKETS: c_int = 2;
/// More than any audience has.
const SOCKETS: c_int = 4096;

const DONTWAIT: c_int = 1;
const EAGAIN: c_int = 11;

/// `zmq_msg_t`: 64 octets, aligned as a pointer.
#[repr(C, align(8))]
struct RawMessage([u8; 64]);

unsafe extern "C" {
    fn zmq_version(major: *mut c_int, minor: *mut c_int, patch: *mut c_int);
    fn zmq_errno() -> c_int;
    fn zmq_strerror(error: c_int) -> *const c_char;
    fn zmq_ctx_new() -> *mut c_void;
    fn zmq_ctx_set(context: *mut c_void, option: c_int, value: c_int) -> c_int;
    fn zmq_socket(context: *mut c_void, kind: c_int) -> *mut c_void;
    fn zmq_setsockopt(socket: *mut c_void, option: c_int, value: *const c_void, length: usize) -> c_int;
    fn zmq_bind(socket: *mut c_void, address: *const c_char) -> c_int;
    fn zmq_connect(socket: *mut c_void, address: *const c_char) -> c_int;
    fn zmq_send(socket: *mut c_void, octets: *const c_void, length: usize, flags: c_int) -> c_int;
    fn zmq_msg_init(message: *mut RawMessage) -> c_int;
    fn zmq_msg_init_size(message: *mut RawMessage, size: usize) -> c_int;
    fn zmq_msg_data(message: *mut RawMessage) -> *mut c_void;
    fn zmq_msg_size(message: *const RawMessage) -> usize;
    fn zmq_msg_send(message: *mut RawMessage, socket: *mut c_void, flags: c_int) -> c_int;
    fn zmq_msg_recv(message: *mut RawMessage, socket: *mut c_void, flags: c_int) -> c_int;
    fn zmq_msg_close(message: *mut RawMessage) -> c_int;
}

pub(super) fn version() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: three places for three numbers.
    unsafe { zmq_version(&raw mut major, &raw mut minor, &raw mut patch) };
    format!("{major}.{minor}.{patch}")
}

/// A context. It is never ended: the process is.
pub(super) struct Context(*mut c_void);

// SAFETY: "a 0MQ context is thread safe and may be shared among as many application threads as necessary", zmq_ctx_new(3).
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    pub(super) fn new() -> Outcome<Self> {
        // SAFETY: takes nothing.
        let context = unsafe { zmq_ctx_new() };
        if context.is_null() {
            return Err(error());
        }
        // SAFETY: the context is there; the option is a number, and so is what it is set to.
        check(unsafe { zmq_ctx_set(context, MAX_SOCKETS, SOCKETS) })?;
        Ok(Self(context))
    }

    pub(super) fn socket(&self, kind: c_int) -> Outcome<Socket> {
        // SAFETY: the context is never ended.
        let socket = unsafe { zmq_socket(self.0, kind) };
        if socket.is_null() { Err(error()) } else { Ok(Socket(socket)) }
    }
}

/// A socket, used by the thread that has it. It is never closed: the process ends.
pub(super) struct Socket(*mut c_void);

// SAFETY: a socket may move to another thread with a full fence, zmq_socket(3); moving a value between threads has one.
unsafe impl Send for Socket {}

impl Socket {
    pub(super) fn set(&self, option: c_int, value: c_int) -> Outcome<()> {
        let length = size_of::<c_int>();
        // SAFETY: the option is a number, and this is one.
        check(unsafe { zmq_setsockopt(self.0, option, ptr::from_ref(&value).cast(), length) })
    }

    /// Lets everything through.
    pub(super) fn subscribe(&self) -> Outcome<()> {
        // SAFETY: of no octets none is read.
        check(unsafe { zmq_setsockopt(self.0, SUBSCRIBE, ptr::null(), 0) })
    }

    pub(super) fn bind(&self, address: &str) -> Outcome<()> {
        let address = CString::new(address)?;
        // SAFETY: the text ends with a zero and is copied.
        check(unsafe { zmq_bind(self.0, address.as_ptr()) })
    }

    pub(super) fn connect(&self, address: &str) -> Outcome<()> {
        let address = CString::new(address)?;
        // SAFETY: the text ends with a zero and is copied.
        check(unsafe { zmq_connect(self.0, address.as_ptr()) })
    }

    /// Sends a copy of the octets.
    #[inline]
    pub(super) fn send(&self, octets: &[u8]) -> Outcome<()> {
        // SAFETY: so many octets are there, and they are copied.
        check(unsafe { zmq_send(self.0, octets.as_ptr().cast(), octets.len(), 0) })
    }

    #[inline]
    pub(super) fn send_message(&self, message: &mut Message) -> Outcome<()> {
        // SAFETY: the message is initialised; afterwards it is empty, and may be closed.
        check(unsafe { zmq_msg_send(&raw mut message.0, self.0, 0) })
    }

    /// Receives into this message, which lets go of what it had.
    #[inline]
    pub(super) fn receive(&self, message: &mut Message) -> Outcome<()> {
        // SAFETY: the message is initialised.
        check(unsafe { zmq_msg_recv(&raw mut message.0, self.0, 0) })
    }

    /// The same if one is there.
    #[inline]
    pub(super) fn try_receive(&self, message: &mut Message) -> Outcome<bool> {
        // SAFETY: the message is initialised.
        let received = unsafe { zmq_msg_recv(&raw mut message.0, self.0, DONTWAIT) } >= 0;
        // SAFETY: it takes nothing.
        if received || unsafe { zmq_errno() } == EAGAIN { Ok(received) } else { Err(error()) }
    }
}

/// A message that is always initialised.
pub(super) struct Message(RawMessage);

impl Message {
    pub(super) fn new() -> Self {
        let mut message = RawMessage([0; 64]);
        // SAFETY: it is initialised where it lies; it may be moved, as it has no pointer into itself.
        unsafe { zmq_msg_init(&raw mut message) };
        Self(message)
    }

    /// Of so many octets, of which the first ones are these and the others anything.
    pub(super) fn with_head(size: usize, head: [u8; 8]) -> Outcome<Self> {
        let mut message = RawMessage([0; 64]);
        // SAFETY: as above.
        check(unsafe { zmq_msg_init_size(&raw mut message, size) })?;
        if size >= head.len() {
            // SAFETY: there are at least so many octets at that place.
            unsafe {
                ptr::copy_nonoverlapping(head.as_ptr(), zmq_msg_data(&raw mut message).cast(), head.len());
            };
        }
        Ok(Self(message))
    }

    #[inline]
    pub(super) fn octets(&mut self) -> &[u8] {
        // SAFETY: the message is initialised, and borrowed for as long as the slice lives.
        unsafe {
            slice::from_raw_parts(zmq_msg_data(&raw mut self.0).cast(), zmq_msg_size(&raw const self.0))
        }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: the message is initialised, and not used again.
        unsafe { zmq_msg_close(&raw mut self.0) };
    }
}

#[inline]
fn check(result: c_int) -> Outcome<()> {
    if result < 0 { Err(error()) } else { Ok(()) }
}

#[cold]
fn error() -> crate::Error {
    // SAFETY: the text is static.
    let text = unsafe { CStr::from_ptr(zmq_strerror(zmq_errno())) };
    text.to_string_lossy().into()
}
