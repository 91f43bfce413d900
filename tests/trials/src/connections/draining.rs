use std::time::Duration;

use hubless::{Error, Message, RecvSocket, Socket};

use super::place::Place;
use super::system::Hands;
use hubless_kit::now;

/// How long nothing may come before it is looked whether it is all there.
pub(super) const TURN: Duration = Duration::from_millis(20);
/// How many looks must find that it is.
const LOOKS: u32 = 5;

/// Takes until all is sent and all that is not lost has come.
pub(super) fn drain(
    (sender, receiver): (&impl Socket, &impl RecvSocket<Incoming = Message>),
    place: &Place<'_>,
    mut take: impl FnMut(&Message),
    sent: impl Fn() -> Option<u64>,
) {
    let (mut came, mut looks) = (0, 0);
    let mut quiet = now();
    while looks < LOOKS && quiet.elapsed() < place.plan.patience {
        match receiver.recv_timeout(TURN) {
            Ok(message) => {
                take(&message);
                came += 1;
                (looks, quiet) = (0, now());
            }
            Err(Error::Timeout { .. }) => {
                let (out, back) = (sender.stats(), receiver.stats());
                let left = out.send_queue == 0 && back.recv_queue == 0;
                let holds = |sent| Hands::of(place, &back).holds(sent, came, out.drops.pipe_lost);
                looks = if left && sent().is_some_and(holds) { looks + 1 } else { 0 };
            }
            Err(error) => panic!("{error}"),
        }
    }
}
