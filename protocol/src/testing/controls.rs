//! A pattern that uses controls, tested in the world.

use hubless_transport::Message;

use super::{World, pipe};
use crate::patterns::{
    Effects, Full, Incoming, Pattern, PipeId, ProtocolViolation, Queueing, Refusal, Role, Verdict,
};
use crate::{Control, ControlKind, ControlRefused, PeerInfo, Wire};

const A: PipeId = pipe(0);
const TEST: Wire = Wire::Test { sealed: false };

/// Says to its peer again whatever that subscribes to, at the latest when there is room.
#[derive(Default)]
struct Repeater {
    peer: Option<PeerInfo>,
    unsaid: Vec<Vec<u8>>,
    refused: Vec<ControlRefused>,
}

impl Repeater {
    fn say(&mut self, pipe: PipeId, fx: &mut impl Effects<()>) {
        while let Some(body) = self.unsaid.first() {
            if let Err(refused) = fx.send_control(pipe, Control { kind: ControlKind::Subscribe, body }) {
                self.refused.push(refused);
                return;
            }
            self.unsaid.remove(0);
        }
    }
}

impl Pattern for Repeater {
    type Outgoing = Message;
    type Ticket = ();
    type Origin = ();

    fn role(&self) -> Role {
        Role::Bus
    }

    fn queueing(&self) -> Queueing {
        Queueing::Waiting
    }

    fn pipe_added(
        &mut self,
        _pipe: PipeId,
        peer: &PeerInfo,
        _fx: &mut impl Effects<()>,
    ) -> Result<(), Refusal> {
        self.peer = Some(peer.clone());
        Ok(())
    }

    fn pipe_removed(&mut self, _pipe: PipeId, _fx: &mut impl Effects<()>) {}

    fn pipe_writable(&mut self, pipe: PipeId, fx: &mut impl Effects<()>) {
        self.say(pipe, fx);
    }

    fn message(&mut self, _pipe: PipeId, _incoming: Incoming<'_>, _fx: &mut impl Effects<()>) -> Verdict {
        Verdict::Close(ProtocolViolation::Unexpected)
    }

    fn control(&mut self, pipe: PipeId, control: Control<'_>, fx: &mut impl Effects<()>) -> Verdict {
        self.unsaid.push(control.body.into());
        self.say(pipe, fx);
        Verdict::Accepted
    }

    fn send(&mut self, _body: &mut Message, _fx: &mut impl Effects<()>) -> Result<(), Full> {
        Err(Full)
    }
}

/// A world in which a pattern has a peer that speaks this.
fn world(wire: Wire) -> (World<()>, Repeater, PeerInfo) {
    let (mut world, mut repeater) = (World::new(), Repeater::default());
    let peer = PeerInfo { wire, name: Some((*b"peer").into()), ..PeerInfo::of(Role::Bus) };
    world.try_join_as(&peer, &mut repeater, A, 9).unwrap();
    (world, repeater, peer)
}

fn subscribe(body: &[u8]) -> Control<'_> {
    Control { kind: ControlKind::Subscribe, body }
}

#[test]
fn a_pattern_knows_its_peer_and_controls_go_both_ways() {
    let (mut world, mut repeater, peer) = world(TEST);
    assert_eq!(repeater.peer, Some(peer));
    for body in [b"one", b"two"] {
        assert_eq!(world.hear(&mut repeater, A, subscribe(body)), Verdict::Accepted);
    }
    let said = [b"one", b"two"].map(|body| (A, ControlKind::Subscribe, body.to_vec()));
    assert_eq!(world.said(), said);
    assert_eq!((world.said(), world.deeds()), (vec![], vec![]));
}

#[test]
fn a_control_is_refused_where_others_fill_the_pipe_and_is_sent_when_there_is_room() {
    let (mut world, mut repeater, _) = world(TEST);
    let large = vec![7; 64 * 1024];
    let _ = world.hear(&mut repeater, A, subscribe(&large));
    assert_eq!(world.said().len(), 1, "there is room for one, however large");
    let _ = world.hear(&mut repeater, A, subscribe(b"next"));
    assert_eq!((world.said(), &repeater.refused[..]), (vec![], &[ControlRefused::Full][..]));
    world.drain(&mut repeater, A, 0, false);
    assert_eq!(world.said(), [(A, ControlKind::Subscribe, b"next".to_vec())]);
}

#[test]
fn where_memory_is_exhausted_one_control_waits_in_each_pipe() {
    let (mut world, mut repeater, _) = world(TEST);
    world.exhausted = true;
    (0..3).for_each(|_| _ = world.hear(&mut repeater, A, subscribe(b"x")));
    assert_eq!((world.said().len(), repeater.unsaid.len()), (1, 2));
}

#[test]
fn a_peer_that_speaks_sp_or_has_left_gets_no_controls() {
    let (mut world, mut repeater, _) = world(Wire::Sp);
    let _ = world.hear(&mut repeater, A, subscribe(b"x"));
    assert_eq!(world.said(), []);
    assert_eq!(repeater.refused, [ControlRefused::NoControls]);
    world.leave(&mut repeater, A);
    assert_eq!(world.send_control(A, subscribe(b"x")), Err(ControlRefused::NoControls));
}
