use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use hubless_protocol::patterns::{
    Effects, Full, Inbox, Incoming, Pattern, PipeId, Queueing, Refusal, Role, Verdict,
};
use hubless_protocol::{Control, ControlKind, ControlRefused, PeerInfo, Wire};

use super::wait::SOON;
use crate::engine::{Context, Fx, Listed, ListedPattern, Socket, SocketOptions, Typed, Until};
use crate::{Error, Message};

/// A pattern that has one peer and gives its user all that comes, in order: messages, and what is said beside them.
#[derive(Debug, Default)]
pub(super) struct Speaker {
    pub(super) peer: Option<PipeId>,
    pub(super) knows: Option<PeerInfo>,
    /// How often it was told of room.
    pub(super) told: usize,
}

/// What has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Came {
    Message(Vec<u8>),
    Control(ControlKind, Vec<u8>),
}

impl Pattern for Speaker {
    type Outgoing = Message;
    type Ticket = ();
    type Origin = Option<ControlKind>;

    fn role(&self) -> Role {
        Role::Bus
    }

    fn queueing(&self) -> Queueing {
        Queueing::Waiting
    }

    fn pipe_added(
        &mut self,
        pipe: PipeId,
        peer: &PeerInfo,
        _fx: &mut impl Effects<Self::Origin>,
    ) -> Result<(), Refusal> {
        (self.peer, self.knows) = (Some(pipe), Some(peer.clone()));
        Ok(())
    }

    fn pipe_removed(&mut self, _pipe: PipeId, _fx: &mut impl Effects<Self::Origin>) {
        self.peer = None;
    }

    fn pipe_writable(&mut self, _pipe: PipeId, _fx: &mut impl Effects<Self::Origin>) {
        self.told += 1;
    }

    fn message(
        &mut self,
        pipe: PipeId,
        incoming: Incoming<'_>,
        fx: &mut impl Effects<Self::Origin>,
    ) -> Verdict {
        fx.deliver(Inbox::Socket, pipe, None, incoming.into_body());
        Verdict::Accepted
    }

    fn control(
        &mut self,
        pipe: PipeId,
        control: Control<'_>,
        fx: &mut impl Effects<Self::Origin>,
    ) -> Verdict {
        fx.deliver(Inbox::Socket, pipe, Some(control.kind), control.body.into());
        Verdict::Accepted
    }

    fn send(&mut self, body: &mut Message, fx: &mut impl Effects<Self::Origin>) -> Result<(), Full> {
        fx.push(self.peer.ok_or(Full)?, &[], body)
    }
}

impl Listed for Speaker {
    fn list(typed: Typed<Self>) -> ListedPattern {
        ListedPattern::Unlisted(Box::new(typed))
    }

    fn find(listed: &mut ListedPattern) -> Option<&mut Typed<Self>> {
        let ListedPattern::Unlisted(unlisted) = listed else { return None };
        let any: &mut dyn Any = &mut **unlisted;
        any.downcast_mut()
    }
}

/// A socket of it.
pub(super) type Speaks = Arc<Socket<Speaker>>;

/// Opens one that speaks this, with room for this many messages.
pub(super) fn speaker(context: &Context, wire: Wire, room: usize) -> Speaks {
    let mut options = SocketOptions { wire, ..SocketOptions::default() };
    (options.send_buffer.messages, options.send_buffer.bytes) = (room, usize::MAX);
    Arc::new(context.open(Speaker::default(), options))
}

/// Two that talk to each other.
pub(super) fn pair(context: &Context, wires: [Wire; 2], address: &str) -> (Speaks, Speaks) {
    let [listens, dials] = wires.map(|wire| speaker(context, wire, 1000));
    let at = context.listen(&listens, hubless_transport::Listenable::listening(address)).unwrap();
    let dialer = context.dial(&dials, hubless_transport::Dialable::dialing(at.address())).unwrap();
    for socket in [&listens, &dials] {
        socket.wait_for_peers(1, SOON).unwrap();
    }
    // Their endpoints stay until they are closed.
    std::mem::forget((at, dialer));
    (listens, dials)
}

pub(super) fn send(socket: &Speaks, body: Vec<u8>) {
    let until = || Some(Until::after(socket.clock, Some(SOON)));
    socket.send(body.into(), until, false).unwrap();
}

/// Sends without waiting; whether there was room.
pub(super) fn try_send(socket: &Speaks, body: Vec<u8>) -> bool {
    match socket.send(body.into(), || None, false) {
        Ok(()) => true,
        Err((Error::Full, _)) => false,
        Err((error, _)) => panic!("{error}"),
    }
}

/// Does this to the pipe of one that has its peer, in one step.
pub(super) fn in_one_step<T>(
    socket: &Speaks,
    act: impl FnOnce(&mut Fx<'_, Option<ControlKind>>, PipeId) -> T,
) -> T {
    socket.with_pattern(|speaker, fx| act(fx, speaker.peer.expect("a peer"))).unwrap()
}

pub(super) fn say(socket: &Speaks, kind: ControlKind, body: &[u8]) -> Result<(), ControlRefused> {
    in_one_step(socket, |fx, peer| fx.send_control(peer, Control { kind, body }))
}

pub(super) fn recv(socket: &Speaks) -> Came {
    let until = || Some(Until::after(socket.clock, Some(SOON)));
    let received = socket.recv(until, |received| (received.origin, received.body.to_vec()), |error| error);
    match received.unwrap() {
        (None, body) => Came::Message(body),
        (Some(kind), body) => Came::Control(kind, body),
    }
}

pub(super) fn close(socket: &Speaks) {
    socket.close(Duration::ZERO);
}
