//! Pull and sub.

use hubless::{Message, RecvSocket};

use crate::arguments::Receiver;
use crate::exit::Outcome;
use crate::output::Output;
use crate::session::Session;
use crate::sockets;
use crate::traffic::Traffic;

pub(super) fn run<S: RecvSocket<Incoming = Message>>(socket: &S, receiver: &Receiver) -> Outcome {
    let Receiver { endpoints, receiving, count, limits, watching } = receiver;
    let (peers, output, count) = (socket.clone(), Output::new(receiving.format), *count);
    let traffic = Traffic::begin(watching.stats, true);
    Session::run(socket, endpoints, limits, false, traffic, |session| {
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
