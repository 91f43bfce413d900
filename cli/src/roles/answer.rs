//! Rep and respondent.

use hubless::{Message, RecvSocket, Request};

use crate::arguments::Answerer;
use crate::exit::Outcome;
use crate::input::fixed;
use crate::output::Output;
use crate::session::Session;
use crate::sockets;
use crate::traffic::Traffic;

pub(super) fn run<S: RecvSocket<Incoming = Request>>(
    socket: &S,
    answerer: &Answerer,
) -> Result<Outcome, Outcome> {
    let traffic = Traffic::begin(answerer.watching.stats, true);
    let answer = fixed(&answerer.content, answerer.bound)?;
    let (answers, output, count) = (socket.clone(), Output::new(answerer.receiving.format), answerer.count);
    Ok(Session::run(socket, &answerer.endpoints, &answerer.limits, false, traffic, |session| {
        let work = move |session: &Session| {
            serve(session, &answers, answer.as_ref(), output, count)?;
            session.done();
            Ok(())
        };
        session.spawn("answer", work).map(drop)
    }))
}

/// Prints and answers `count` requests, or for ever: with `answer`, or each with itself.
fn serve(
    session: &Session,
    socket: &impl RecvSocket<Incoming = Request>,
    answer: Option<&Message>,
    mut output: Output,
    count: Option<u64>,
) -> Result<(), Outcome> {
    let mut answered = 0;
    while count.is_none_or(|count| answered < count) {
        let request = session.progress.attempt(|until| sockets::receive(socket, until))?;
        output.print(&request)?;
        let answer = answer.unwrap_or_else(|| request.message()).clone();
        request.reply(answer)?;
        answered += 1;
    }
    Ok(())
}
