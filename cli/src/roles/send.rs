//! Push and pub.

use hubless::{Message, SendSocket};

use crate::arguments::Sender;
use crate::exit::Outcome;
use crate::input::Source;
use crate::session::{Plan, Session};
use crate::sockets;
use crate::traffic::Flow;

/// A socket that keeps its messages loses none while it is open, so that one dropped at its end is a failure.
pub(super) fn run<S: SendSocket<Outgoing = Message>>(
    socket: &S,
    keeps: bool,
    sender: Sender,
) -> Result<Outcome, Outcome> {
    let Sender { endpoints, sending, enough, separation, limits, watching } = sender;
    let source = Source::new(&sending, &separation, enough.count)?;
    let sends = socket.clone();
    let plan = Plan { endpoints: &endpoints, limits: &limits, watching, flow: Flow::Sends, keeps };
    Ok(Session::run(socket, &plan, |session| {
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
