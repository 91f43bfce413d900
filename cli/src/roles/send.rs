//! Push and pub.

use hubless::{Message, SendSocket};

use crate::arguments::Sender;
use crate::exit::Outcome;
use crate::input::Source;
use crate::session::Session;
use crate::sockets;
use crate::traffic::Traffic;

/// A socket that keeps its messages loses none while it is open, so that one dropped at its end is a failure.
pub(super) fn run<S: SendSocket<Outgoing = Message>>(
    socket: &S,
    keeps: bool,
    sender: Sender,
) -> Result<Outcome, Outcome> {
    let Sender { endpoints, sending, count, limits, watching } = sender;
    let source = Source::new(&sending, count)?;
    let sends = socket.clone();
    let traffic = Traffic::begin(watching.stats, false);
    Ok(Session::run(socket, &endpoints, &limits, keeps, traffic, |session| {
        let work = move |session: &Session| {
            super::await_peers(session, &sends, sending.wait_peers)?;
            let send = |message: Message| {
                Ok(session.progress.attempt(|until| sockets::send(&sends, message.clone(), until))?)
            };
            source.send(&session.ending, send)?;
            session.done();
            Ok(())
        };
        session.spawn("send", work).map(drop)
    }))
}
