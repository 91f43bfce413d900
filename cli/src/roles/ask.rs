//! Req and surveyor: one thread asks, another prints the answers in the order of the questions.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use hubless::Socket;
use hubless::human::count;

use crate::arguments::Asker;
use crate::exit::Outcome;
use crate::input::Source;
use crate::output::Output;
use crate::session::{Plan, Session};
use crate::sockets::{Asked, Asks};
use crate::traffic::Flow;

/// Questions that may be under way at once; more wait.
const UNDER_WAY: usize = 1000;

/// How many answers a question has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answering {
    /// One: as many questions are asked as answers are wanted.
    Once,
    /// One of each peer: how many that are is not known.
    ByMany,
}

pub(super) fn run<S: Socket, A: Asks>(
    socket: &S,
    asks: A,
    answering: Answering,
    asker: Asker,
) -> Result<Outcome, Outcome> {
    let Asker { endpoints, sending, enough, receiving, separation, limits, watching } = asker;
    let count = enough.count;
    let source = Source::new(&sending, &separation, count.filter(|_| answering == Answering::Once))?;
    let (peers, output) = (socket.clone(), Output::new(&receiving, &separation));
    let plan = Plan { endpoints: &endpoints, limits: &limits, watching, flow: Flow::Both, keeps: false };
    Ok(Session::run(socket, &plan, |session| {
        let (questions, open) = sync_channel(UNDER_WAY);
        session.spawn("answers", move |session| {
            print(session, &open, output, count)?;
            session.done();
            Ok(())
        })?;
        let work = move |session: &Session| {
            let result = super::await_peers(session, &peers, sending.wait_peers)
                .and_then(|()| ask(session, &asks, source, &questions));
            if let Err(outcome) = result {
                // Before the other thread sees that no more questions come, and takes it for success.
                session.ending.end(outcome);
            }
            drop(questions);
            Ok(())
        };
        session.spawn("ask", work).map(drop)
    }))
}

fn ask<A: Asks>(
    session: &Session,
    asks: &A,
    source: Source,
    questions: &SyncSender<A::Asked>,
) -> Result<(), Outcome> {
    source.send(&session.ending, |message| {
        let question = session.progress.attempt(|until| asks.ask(message.clone(), until))?;
        // Where nobody takes it, the other thread has ended the run.
        questions.send(question).map_err(|_| Outcome::Done)
    })
}

/// Prints `count` answers, or all there will be.
fn print<A: Asked>(
    session: &Session,
    open: &Receiver<A>,
    mut output: Output,
    count: Option<u64>,
) -> Result<(), Outcome> {
    let mut received = 0;
    for mut question in open {
        while let Some(answer) = session.progress.attempt(|until| question.answer(until))? {
            output.print(&answer)?;
            received += 1;
            if count == Some(received) {
                return Ok(());
            }
        }
    }
    match count {
        Some(count) => Err(too_few(received, count)),
        None => Ok(()),
    }
}

fn too_few(received: u64, wanted: u64) -> Outcome {
    Outcome::TimedOut(format!("gave up: {} of {} answers came", count(received), count(wanted)))
}
