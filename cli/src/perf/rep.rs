//! Round trips, answering end.

use std::slice;

use hubless::{Error, Rep};

use super::line::Line;
use super::section::{Cpu, Section};
use super::site::Site;
use super::surroundings;
use super::watch::{Limits, watched};
use crate::arguments::perf;
use crate::exit::Outcome;

pub(super) fn run(arguments: perf::Rep) -> Result<Outcome, Outcome> {
    surroundings::prepare(arguments.first.running)?;
    let site = Site::new(arguments.place, "rep");
    let rep = Rep::builder().max_message(u64::MAX).build()?;
    let mut connections = site.connect(slice::from_ref(&rep))?;
    let limits = Limits { peers: 1, patience: arguments.first.timeout, total: None };
    let mut answers = Answers::default();
    let answered = watched(slice::from_ref(&rep), &mut connections, limits, |_| answers.echo(&rep));
    let gave_up = answered.partial()?;
    let line = Line { count: answers.count, ..Line::new("reqrep", "rep", &site.transport) };
    let outcome = line.cpu(answers.cpu).dropped(rep.stats().drops.total()).print(arguments.first.running)?;
    Ok(gave_up.unwrap_or(outcome))
}

/// What was answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    count: u64,
    cpu: Option<Cpu>,
}

impl Answers {
    /// Answers every request with itself until the socket is closed. What is measured begins with the first.
    pub(super) fn echo(&mut self, rep: &Rep) -> Result<(), Error> {
        let mut request = rep.recv()?;
        let section = Section::begin();
        let end = loop {
            let answer = request.message().clone();
            if let Err(failed) = request.reply(answer) {
                break failed.error;
            }
            self.count += 1;
            match rep.recv() {
                Ok(next) => request = next,
                Err(error) => break error,
            }
        };
        self.cpu = section.cpu();
        Err(end)
    }
}
