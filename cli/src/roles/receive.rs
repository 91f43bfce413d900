//! Pull and sub.

use hubless::{Message, RecvSocket};

use crate::arguments::Receiver;
use crate::exit::Outcome;
use crate::output::Output;
use crate::session::{Plan, Session};
use crate::sockets;
use crate::traffic::Flow;

pub(super) fn run<S: RecvSocket<Incoming = Message>>(
    socket: &S,
    receiver: &Receiver,
    output: Output,
) -> Outcome {
    let Receiver { endpoints, limits, watching, enough, .. } = receiver;
    let (peers, count) = (socket.clone(), enough.count);
    let plan = Plan { endpoints, limits, watching: *watching, flow: Flow::Receives, keeps: false };
    Session::run(socket, &plan, |session| {
        let work = move |session: &Session| {
            print(session, &peers, output, count)?;
            session.done();
            Ok(())
        };
        session.spawn("receive", work).map(drop)
    })
}

/// Prints `count` messages, or for ever.
pub(super) fn print(
    session: &Session,
    socket: &impl RecvSocket<Incoming = Message>,
    mut output: Output,
    count: Option<u64>,
) -> Result<(), Outcome> {
    let mut received = 0;
    while count.is_none_or(|count| received < count) {
        let message = session.progress.attempt(|until| sockets::receive(socket, until))?;
        output.print(&message)?;
        received += 1;
    }
    Ok(())
}
