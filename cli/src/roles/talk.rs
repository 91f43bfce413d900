//! Pair and bus: one thread sends, another prints what comes.

use std::thread::JoinHandle;

use hubless::{Message, RecvSocket, SendSocket};

use crate::arguments::{Sending, Talker};
use crate::exit::Outcome;
use crate::input::Source;
use crate::output::Output;
use crate::session::{Plan, Session};
use crate::sockets;
use crate::traffic::Flow;

pub(super) fn run<S>(socket: &S, keeps: bool, talker: Talker) -> Result<Outcome, Outcome>
where
    S: SendSocket<Outgoing = Message> + RecvSocket<Incoming = Message>,
{
    let Talker { endpoints, sending, enough, receiving, separation, limits, watching } = talker;
    let source = Source::new(&sending, &separation, None)?;
    // A single message is sent in any case; lines and repetitions may go on long after enough was received.
    let single = source.is_single();
    let (sends, receives, output) = (socket.clone(), socket.clone(), Output::new(&receiving, &separation));
    let (peers, count) = (sending.wait_peers, enough.count);
    let plan = Plan { endpoints: &endpoints, limits: &limits, watching, flow: Flow::Both, keeps };
    Ok(Session::run(socket, &plan, |session| {
        let sender = session.spawn("send", move |session| {
            send(session, &sends, source, &sending)?;
            if count.is_none() {
                session.done();
            }
            Ok(())
        })?;
        let sent = single.then_some(sender);
        let work = move |session: &Session| {
            let printed = super::receive::print(session, &receives, output, count);
            if let Err(Outcome::TimedOut(_)) = printed {
                // Without peers nothing could come, and that is what the user needs to know.
                super::await_peers(session, &receives, peers)?;
            }
            printed?;
            sent.map_or(Ok(()), JoinHandle::join).unwrap_or_else(|_| unreachable!("its panics are caught"));
            session.done();
            Ok(())
        };
        session.spawn("receive", work).map(drop)
    }))
}

fn send(
    session: &Session,
    socket: &impl SendSocket<Outgoing = Message>,
    source: Source,
    sending: &Sending,
) -> Result<(), Outcome> {
    super::await_peers(session, socket, sending.wait_peers)?;
    source.send(&session.ending, |message| {
        Ok(session.progress.attempt(|until| sockets::send(socket, message.clone(), until))?)
    })
}
