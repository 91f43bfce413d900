//! Sockets and messages made of the C functions of NNG.

#![allow(unsafe_code, reason = "a C library is called; each block says why it may be")]

use std::ffi::{CStr, CString, c_int};
use std::{ptr, slice};

use nng_sys as sys;

use crate::Outcome;

const NONBLOCK: c_int = sys::NNG_FLAG_NONBLOCK.cast_signed();
const EAGAIN: c_int = 8;

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Pub,
    Sub,
    Push,
    Pull,
    Req,
    Rep,
}

pub(super) fn init() -> Outcome<()> {
    // SAFETY: without parameters it takes its own.
    let result = unsafe { sys::nng_init(ptr::null()) };
    if result == sys::nng_err::NNG_OK {
        Ok(())
    } else {
        Err(format!("NNG does not start: {result:?}").into())
    }
}

pub(super) fn version() -> String {
    // SAFETY: the text is static.
    unsafe { CStr::from_ptr(sys::nng_version()) }.to_string_lossy().into()
}

/// A socket; any thread may use it. It is never closed: the process ends.
pub(super) struct Socket(sys::nng_socket);

impl Socket {
    pub(super) fn open(kind: Kind) -> Outcome<Self> {
        let mut socket = sys::nng_socket::default();
        let place = &raw mut socket;
        // SAFETY: a place for a socket.
        check(unsafe {
            match kind {
                Kind::Pub => sys::nng_pub0_open(place),
                Kind::Sub => sys::nng_sub0_open(place),
                Kind::Push => sys::nng_push0_open(place),
                Kind::Pull => sys::nng_pull0_open(place),
                Kind::Req => sys::nng_req0_open(place),
                Kind::Rep => sys::nng_rep0_open(place),
            }
        })?;
        Ok(Self(socket))
    }

    /// Gives it queues of so many messages, where its kind has them.
    pub(super) fn buffer(&self, messages: c_int) -> Outcome<()> {
        let (send, receive) = (sys::NNG_OPT_SENDBUF.as_ptr(), sys::NNG_OPT_RECVBUF.as_ptr());
        // SAFETY: both names end with a zero.
        let results = unsafe {
            [
                sys::nng_socket_set_int(self.0, send.cast(), messages),
                sys::nng_socket_set_int(self.0, receive.cast(), messages),
            ]
        };
        if results.contains(&0) { Ok(()) } else { check(results[0]) }
    }

    /// Lets everything through.
    pub(super) fn subscribe(&self) -> Outcome<()> {
        // SAFETY: of no octets none is read.
        check(unsafe { sys::nng_sub0_socket_subscribe(self.0, ptr::null(), 0) })
    }

    pub(super) fn listen(&self, address: &str) -> Outcome<()> {
        let address = CString::new(address)?;
        // SAFETY: the text ends with a zero and is copied; nobody wants the listener.
        check(unsafe { sys::nng_listen(self.0, address.as_ptr(), ptr::null_mut(), 0) })
    }

    pub(super) fn dial(&self, address: &str) -> Outcome<()> {
        let address = CString::new(address)?;
        // SAFETY: as above.
        check(unsafe { sys::nng_dial(self.0, address.as_ptr(), ptr::null_mut(), 0) })
    }

    /// Sends a copy of the octets.
    #[inline]
    pub(super) fn send(&self, octets: &[u8]) -> Outcome<()> {
        // SAFETY: so many octets are there, and they are copied.
        check(unsafe { sys::nng_send(self.0, octets.as_ptr().cast_mut().cast(), octets.len(), 0) })
    }

    #[inline]
    pub(super) fn send_message(&self, message: Message) -> Outcome<()> {
        // SAFETY: the message is valid; if it is taken it is forgotten here.
        check(unsafe { sys::nng_sendmsg(self.0, message.0, 0) })?;
        std::mem::forget(message);
        Ok(())
    }

    #[inline]
    pub(super) fn receive(&self) -> Outcome<Message> {
        let mut message = ptr::null_mut();
        // SAFETY: a place for a message.
        check(unsafe { sys::nng_recvmsg(self.0, &raw mut message, 0) })?;
        Ok(Message(message))
    }

    /// The same if one is there.
    #[inline]
    pub(super) fn try_receive(&self) -> Outcome<Option<Message>> {
        let mut message = ptr::null_mut();
        // SAFETY: as above.
        match unsafe { sys::nng_recvmsg(self.0, &raw mut message, NONBLOCK) } {
            EAGAIN => Ok(None),
            result => check(result).map(|()| Some(Message(message))),
        }
    }
}

/// A message of its own.
pub(super) struct Message(*mut sys::nng_msg);

impl Message {
    /// Of so many octets, of which the first ones are these and the others anything.
    pub(super) fn with_head(size: usize, head: [u8; 8]) -> Outcome<Self> {
        let mut message = ptr::null_mut();
        // SAFETY: a place for a message.
        check(unsafe { sys::nng_msg_alloc(&raw mut message, size) })?;
        if size >= head.len() {
            // SAFETY: there are at least so many octets at that place.
            unsafe { ptr::copy_nonoverlapping(head.as_ptr(), sys::nng_msg_body(message).cast(), head.len()) };
        }
        Ok(Self(message))
    }

    #[inline]
    pub(super) fn octets(&self) -> &[u8] {
        // SAFETY: the message is valid for as long as the slice is borrowed.
        unsafe { slice::from_raw_parts(sys::nng_msg_body(self.0).cast(), sys::nng_msg_len(self.0)) }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: the message is valid, and not used again.
        unsafe { sys::nng_msg_free(self.0) };
    }
}

#[inline]
fn check(result: c_int) -> Outcome<()> {
    if result == 0 { Ok(()) } else { Err(format!("NNG error {result}").into()) }
}
