//! Rep and respondent.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use hubless::{Message, RecvSocket, Request};

use crate::arguments::Replier;
use crate::complaints::Complaints;
use crate::exec::{Exec, Failure, keep_endings};
use crate::exit::Outcome;
use crate::input::fixed;
use crate::output::Output;
use crate::session::{Plan, Session};
use crate::sockets;
use crate::traffic::Flow;

pub(super) fn run<S: RecvSocket<Incoming = Request>>(
    socket: &S,
    replier: &Replier,
) -> Result<Outcome, Outcome> {
    let answers = Answers::of(replier)?;
    let workers = answers.workers(replier);
    let output = Output::new(&replier.receiving, &replier.separation);
    let desk = Arc::new(Desk {
        answers,
        count: replier.enough.count,
        taken: AtomicU64::new(0),
        working: AtomicUsize::new(workers),
        complaints: Complaints::default(),
    });
    let plan = Plan {
        endpoints: &replier.endpoints,
        limits: &replier.limits,
        watching: replier.watching,
        flow: Flow::Both,
        keeps: false,
    };
    Ok(Session::run(socket, &plan, |session| {
        for _ in 0..workers {
            let (socket, output, desk) = (socket.clone(), output.clone(), Arc::clone(&desk));
            session.spawn("answer", move |session| desk.serve(session, &socket, output))?;
        }
        Ok(())
    }))
}

/// Where answers come from.
#[derive(Debug)]
enum Answers {
    /// Each request is its own.
    Echo,
    Fixed(Message),
    Command(Exec),
}

impl Answers {
    fn of(replier: &Replier) -> Result<Self, Outcome> {
        if let Some(command) = &replier.executing.exec {
            keep_endings().map_err(|error| Outcome::failed("cannot wait for commands", error))?;
            let (command, at_most) = (command.clone(), replier.executing.exec_timeout);
            return Ok(Self::Command(Exec { command, at_most, most_bytes: replier.bound.bytes() }));
        }
        Ok(fixed(&replier.content, replier.bound)?.map_or(Self::Echo, Self::Fixed))
    }

    /// How many requests are answered at once.
    fn workers(&self, replier: &Replier) -> usize {
        match self {
            Self::Echo | Self::Fixed(_) => 1,
            Self::Command(_) => replier
                .executing
                .jobs
                .map_or_else(|| thread::available_parallelism().map_or(1, NonZero::get), usize::from),
        }
    }

    fn answer(&self, request: &Request, session: &Session) -> Result<Message, Failure> {
        match self {
            Self::Echo => Ok(request.message().clone()),
            Self::Fixed(answer) => Ok(answer.clone()),
            Self::Command(exec) => {
                session.progress.busy(|| exec.answer(request, &session.ending)).map(Message::from)
            }
        }
    }
}

/// What the threads that answer share.
#[derive(Debug)]
struct Desk {
    answers: Answers,
    /// How many answers are wanted.
    count: Option<u64>,
    /// How many of them were given, or will be by a thread that waits for a request.
    taken: AtomicU64,
    /// Threads that have not finished.
    working: AtomicUsize,
    complaints: Complaints,
}

impl Desk {
    /// Prints and answers requests until enough are answered by all threads together. One that cannot be answered does not count.
    fn serve(
        &self,
        session: &Session,
        socket: &impl RecvSocket<Incoming = Request>,
        mut output: Output,
    ) -> Result<(), Outcome> {
        while self.count.is_none_or(|count| self.taken.fetch_add(1, Ordering::Relaxed) < count) {
            while !self.serve_one(session, socket, &mut output)? {}
        }
        if self.working.fetch_sub(1, Ordering::AcqRel) == 1 {
            session.done();
        }
        Ok(())
    }

    /// Whether the next request was answered.
    fn serve_one(
        &self,
        session: &Session,
        socket: &impl RecvSocket<Incoming = Request>,
        output: &mut Output,
    ) -> Result<bool, Outcome> {
        let request = session.progress.attempt(|until| sockets::receive(socket, until))?;
        output.print(&request)?;
        match self.answers.answer(&request, session) {
            Ok(answer) => {
                request.reply(answer)?;
                Ok(true)
            }
            // It is reported elsewhere how the program ends.
            Err(Failure::Ending) => Err(Outcome::Done),
            Err(failure) => {
                self.complaints.warn("a request was not answered", &failure);
                Ok(false)
            }
        }
    }
}
