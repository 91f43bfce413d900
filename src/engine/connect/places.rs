//! The one place of a socket that has one peer at a time. Nobody is greeted who would then be refused: a peer that has our greeting
//! believes that it is in, sends, and loses what it sent.
//!
//! So a handshake seeks the place before our greeting goes out, at a listener when the peer has said who it is, and has it until
//! it is a pipe or is over. A peer that comes to a listener while the place is taken is held, for half of the time of its
//! handshake: it may be the one that was here, come back before the end of its old pipe is found. A peer that comes while we dial
//! is refused at once, since two that dial each other would hold each other for ever. A dialer whose socket has a peer does
//! not dial.
//!
//! The background thread alone fills the place, so what it has looked at stays so. Others empty it: the pattern forgets a pipe
//! first, and the notice of that comes afterwards, so one that was held before the notice is found by it.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::sys::ids::SocketId;

/// What a handshake has of the place it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The socket takes any number of peers.
    Nothing,
    Wanted,
    /// It waits for the place.
    Held,
    /// The place is kept for it.
    Kept,
}

/// The place of one socket.
#[derive(Debug, Default)]
struct Place {
    /// The handshake that has it.
    kept: Option<usize>,
    /// Handshakes that wait for it, oldest first.
    held: VecDeque<usize>,
    /// Dialers that wait for it.
    dialers: BTreeSet<usize>,
}

/// Places that somebody has or waits for.
#[derive(Debug, Default)]
pub(crate) struct Places(HashMap<SocketId, Place>);

impl Places {
    /// The handshake that has this socket's place.
    pub(crate) fn keeper(&self, socket: SocketId) -> Option<usize> {
        self.0.get(&socket)?.kept
    }

    /// This handshake has the place from now on.
    pub(crate) fn keep(&mut self, socket: SocketId, handshake: usize) {
        self.0.entry(socket).or_default().kept = Some(handshake);
    }

    /// This handshake waits for the place.
    pub(crate) fn hold(&mut self, socket: SocketId, handshake: usize) {
        self.0.entry(socket).or_default().held.push_back(handshake);
    }

    /// This dialer waits for the place.
    pub(crate) fn defer(&mut self, socket: SocketId, dialer: usize) {
        self.0.entry(socket).or_default().dialers.insert(dialer);
    }

    /// Whether anybody waits for the place.
    pub(crate) fn is_sought(&self, socket: SocketId) -> bool {
        self.0.get(&socket).is_some_and(|place| !place.held.is_empty() || !place.dialers.is_empty())
    }

    /// The handshake that has waited longest waits no more.
    pub(crate) fn take_held(&mut self, socket: SocketId) -> Option<usize> {
        self.0.get_mut(&socket)?.held.pop_front()
    }

    /// No dialer waits any more; which ones did.
    pub(crate) fn take_dialers(&mut self, socket: SocketId) -> BTreeSet<usize> {
        self.0.get_mut(&socket).map(|place| std::mem::take(&mut place.dialers)).unwrap_or_default()
    }

    /// A handshake is over, one way or another.
    pub(crate) fn forget_handshake(&mut self, socket: SocketId, handshake: usize) {
        let Some(place) = self.0.get_mut(&socket) else { return };
        place.held.retain(|other| *other != handshake);
        place.kept.take_if(|kept| *kept == handshake);
        self.tidy(socket);
    }

    /// A dialer is closed.
    pub(crate) fn forget_dialer(&mut self, socket: SocketId, dialer: usize) {
        let Some(place) = self.0.get_mut(&socket) else { return };
        place.dialers.remove(&dialer);
        self.tidy(socket);
    }

    fn tidy(&mut self, socket: SocketId) {
        if !self.is_sought(socket) && self.keeper(socket).is_none() {
            self.0.remove(&socket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_longest_comes_first_and_who_is_gone_never() {
        let mut places = Places::default();
        places.keep(1, 10);
        for handshake in 11..14 {
            places.hold(1, handshake);
        }
        places.forget_handshake(1, 11);
        assert_eq!((places.keeper(1), places.keeper(2)), (Some(10), None));
        places.forget_handshake(1, 10);
        assert_eq!(places.keeper(1), None);
        assert_eq!([(); 3].map(|()| places.take_held(1)), [Some(12), Some(13), None]);
    }

    #[test]
    fn nothing_is_kept_of_a_socket_whose_place_nobody_has_or_wants() {
        let mut places = Places::default();
        places.keep(1, 10);
        places.hold(1, 11);
        places.defer(1, 5);
        places.forget_dialer(1, 5);
        places.forget_handshake(1, 11);
        assert!(!places.is_sought(1));
        places.forget_handshake(1, 10);
        assert!(places.0.is_empty());
    }
}
