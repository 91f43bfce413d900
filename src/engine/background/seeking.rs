//! The background thread's part in who has the one place of a socket: see `places`.

use std::sync::Arc;

use hubless_protocol::patterns::{Refusal, Time};
use hubless_transport::Connection;

use super::connect::places::Need;
use super::control::managed_socket::ManagedSocket;
use super::sys::catch_panic::catch_panic;
use super::sys::ids::EndpointId;
use super::sys::ids::SocketId;
use super::worker::Worker;
use crate::monitor::Failure;

impl Worker {
    /// A handshake has come to where its peer is greeted.
    pub(super) fn seek_place(&mut self, key: usize) {
        let Some(handshaking) = self.handshakes.get(key) else { return };
        let (socket, is_dialed) = (Arc::clone(&handshaking.socket), handshaking.handshake.is_dialed());
        let mut refusal = self.refusal(&*socket);
        if refusal.is_none() {
            self.withdraw_calls(&*socket);
            refusal = self.refusal(&*socket).or_else(|| self.called_itself(key));
        }
        let Some(refusal) = refusal else {
            self.places.keep(socket.id(), key);
            return self.go_on_with_need(key, Need::Kept);
        };
        let keeper = self.places.keeper(socket.id()).and_then(|keeper| self.handshakes.get(keeper));
        if is_dialed || keeper.is_some_and(|keeper| keeper.handshake.is_dialed()) {
            self.handshake_failed(key, refusal.into());
        } else {
            self.hold(key);
        }
    }

    /// Why a socket would take no further peer.
    pub(super) fn refusal(&self, socket: &dyn ManagedSocket) -> Option<Refusal> {
        let kept = || self.places.keeper(socket.id()).map(|_| Refusal::AlreadyPaired);
        socket.refusal().or_else(kept)
    }

    /// A dialer waits for the place of its socket; `false` where it need not.
    pub(super) fn defer_dialer(&mut self, key: usize) -> bool {
        let Some(dialing) = self.dialers.get(&key) else { return false };
        let Some(refusal) = self.refusal(&*dialing.socket) else { return false };
        let failure = Failure::from(refusal);
        self.no_connection(key, &failure);
        true
    }

    /// A pipe or a handshake of this socket is gone, so its place may be free. The one that waits for it is seen to when everything
    /// else is done.
    pub(super) fn place_may_be_free(&mut self, socket: SocketId) {
        if self.places.is_sought(socket) {
            self.vacant.push(socket);
        }
    }

    /// The next place that may be free is filled.
    pub(super) fn fill_next(&mut self, _: Time) -> bool {
        let Some(id) = self.vacant.pop() else { return false };
        self.fill_place(id);
        true
    }

    /// Gives a free place to the one that has waited longest, a peer before a dialer.
    fn fill_place(&mut self, id: SocketId) {
        let Some(socket) = self.managed(id) else { return };
        while self.refusal(&*socket).is_none()
            && let Some(key) = self.places.take_held(id)
        {
            self.go_on_with_need(key, Need::Wanted);
        }
        if self.refusal(&*socket).is_none() {
            for dialer in self.places.take_dialers(id) {
                self.dial_now(dialer);
            }
        }
    }

    fn go_on_with_need(&mut self, key: usize, need: Need) {
        if let Some(handshaking) = self.handshakes.get_mut(key) {
            handshaking.handshake.need = need;
        }
        self.go_on_with_handshake(key);
    }

    /// A dialer over a transport of whole messages has no greeting to hold back: once a listener has taken its call, that
    /// listener believes that it is in. So before the place goes to somebody else, those that were taken have it, and the
    /// others hang up.
    fn withdraw_calls(&mut self, socket: &dyn ManagedSocket) {
        let dialers = self.dialers.values().filter(|dialing| dialing.socket.id() == socket.id());
        let calls: Vec<usize> = dialers.filter_map(|dialing| dialing.handshake).collect();
        for key in calls {
            if self.is_call(key) {
                self.go_on_with_handshake(key);
            }
            if self.is_call(key) && self.refusal(socket).is_none() {
                self.handshake_failed(key, Failure::AlreadyPaired);
            }
        }
    }

    /// Whether this is the other end of a call that was just withdrawn.
    fn called_itself(&mut self, key: usize) -> Option<Refusal> {
        let handshake = &mut self.handshakes.get_mut(key)?.handshake;
        let is_whole = matches!(*handshake.connection, Connection::Messages(_)) && !handshake.is_dialed();
        let left = is_whole && catch_panic(|| handshake.has_left()).unwrap_or(true);
        left.then_some(Refusal::AlreadyPaired)
    }

    /// Whether this handshake is a call that no listener has taken yet.
    fn is_call(&self, key: usize) -> bool {
        self.handshakes.get(key).map(|handshaking| &handshaking.handshake).is_some_and(|handshake| {
            matches!(*handshake.connection, Connection::Messages(_))
                && handshake.is_dialed()
                && !handshake.is_established()
        })
    }

    /// Has a handshake wait for the place, half of its time at most: the peer is to hear that it is refused while it still
    /// waits.
    fn hold(&mut self, key: usize) {
        let now = self.clock.now();
        let Some(handshaking) = self.handshakes.get_mut(key) else { return };
        handshaking.handshake.need = Need::Held;
        handshaking.evictable = None;
        let socket = handshaking.socket.id();
        let at = now.after(handshaking.time / 2);
        self.hasten(key, at);
        self.places.hold(socket, key);
        self.go_on_with_handshake(key);
    }

    /// The failure of a dialer whose socket has its peer: it waits until that has left, and tries again now and then.
    pub(super) fn is_deferred(&mut self, endpoint: EndpointId, failure: &Failure) {
        if let (EndpointId::Dialer(key), Failure::AlreadyPaired) = (endpoint, failure)
            && let Some(dialing) = self.dialers.get_mut(&key)
        {
            dialing.give_up_round();
            self.places.defer(dialing.socket.id(), key);
        }
    }
}
