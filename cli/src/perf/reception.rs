//! What a pull has received.

use std::time::Duration;

use hubless::{Error, Message, RecvSocket};

use super::check::Check;
use super::line::Line;
use super::load::Load;
use super::receive::Arrivals;
use super::section::{Cpu, Section};
use crate::arguments::perf::Lanes;

/// Everything that is to come, as far as it has come.
#[derive(Debug)]
pub(super) struct Reception {
    load: Load,
    batch: u64,
    /// One for each socket.
    checks: Vec<Check>,
    received: u64,
    wrong: u64,
    /// How long it took, once everything is there.
    taken: Option<(Duration, Option<Cpu>)>,
}

impl Reception {
    pub(super) fn new(load: Load, batch: u32, lanes: Lanes) -> Self {
        let checks = (0..lanes.sockets).map(|_| Check::new(&load, lanes.peers)).collect();
        Self { load, batch: batch.into(), checks, received: 0, wrong: 0, taken: None }
    }

    /// Receives all of it.
    pub(super) fn complete<S: RecvSocket<Incoming = Message>>(
        &mut self,
        mut arrivals: Arrivals<'_, S>,
    ) -> Result<(), Error> {
        self.receive(&mut arrivals, self.load.warmup + 1)?;
        let section = Section::begin();
        self.receive(&mut arrivals, self.load.total())?;
        // A single message takes no time from the first to the last.
        let time = if self.load.count > 1 { section.time() } else { Duration::ZERO };
        self.taken = Some((time, section.cpu()));
        Ok(())
    }

    /// Receives until there are this many.
    fn receive<S: RecvSocket<Incoming = Message>>(
        &mut self,
        arrivals: &mut Arrivals<'_, S>,
        until: u64,
    ) -> Result<(), Error> {
        let Self { batch, checks, received, wrong, .. } = self;
        while *received < until {
            let most = (until - *received).min(*batch);
            *received += arrivals.take(most, |socket, body| {
                *wrong += u64::from(checks[socket].number(body).is_none());
            })?;
        }
        Ok(())
    }

    /// Its figures; without times if not everything has come.
    pub(super) fn line(&self, role: &'static str, transport: &str) -> Line {
        let count = self.received.saturating_sub(self.load.warmup);
        let missing = self.load.total() - self.received;
        Line::new("pipeline", role, transport)
            .measured(&self.load, count, self.taken.map(|(time, _)| time))
            .cpu(self.taken.and_then(|(_, cpu)| cpu))
            .bad(self.wrong + missing)
            .misfit(self.checks.iter().find_map(Check::misfit))
    }
}
