//! Push and pub.

use crate::arguments::Sender;
use crate::exit::Outcome;
use crate::input::Source;
use crate::session::Session;
use crate::sockets::Sends;
use crate::traffic::Traffic;

pub(super) fn run<S: Sends>(socket: &S, sender: Sender) -> Result<Outcome, Outcome> {
    let Sender { endpoints, sending, count, limits, watching } = sender;
    let source = Source::new(&sending, count)?;
    let sends = socket.clone();
    let traffic = Traffic::begin(watching.stats, false);
    Ok(Session::run(socket, &endpoints, &limits, traffic, |session| {
        let work = move |session: &Session| {
            super::await_peers(session, &sends, sending.wait_peers)?;
            let send = |message: hubless::Message| {
                Ok(session.progress.attempt(|until| sends.send(message.clone(), until))?)
            };
            source.send(&session.ending, send)?;
            session.done();
            Ok(())
        };
        session.spawn("send", work).map(drop)
    }))
}
