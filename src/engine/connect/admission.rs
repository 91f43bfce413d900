//! Who is let in: between the peer's greeting and ours a listener may be told to ask. A connection becomes a pipe only with an
//! [`Admitted`], and this file alone makes one.
//!
//! The judge runs on the background thread, without any lock. An answer that is given later comes as a command, from whichever
//! thread, and finds its handshake by key and serial number, or finds it gone: the deadline of the handshake goes on.

use hubless_transport::Admission;

use super::sys::contained::Contained;

/// The right to become a pipe.
#[derive(Debug)]
pub(crate) struct Admitted(());

/// What stands between a peer and its pipe.
#[derive(Debug)]
pub(crate) enum AdmissionState {
    /// Nothing, or nothing any more.
    Open,
    /// Somebody who has yet to be asked.
    Guarded(Contained<Admission>),
    /// Somebody who was asked and has not answered.
    Waiting,
}

impl AdmissionState {
    pub(crate) fn of(admission: Option<&Contained<Admission>>) -> Self {
        admission.map_or(Self::Open, |admission| Self::Guarded(admission.clone()))
    }

    /// Lets through, if it is open.
    pub(crate) fn pass(&self) -> Option<Admitted> {
        matches!(self, Self::Open).then_some(Admitted(()))
    }
}
