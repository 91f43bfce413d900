//! Fan-out, receiving end.

use std::time::Duration;

use hubless::{Error, Sub};

use super::check::Check;
use super::layout::end_marker;
use super::line::Line;
use super::load::Load;
use super::receive::Arrivals;
use super::section::{Cpu, Section};
use super::site::{Site, several};
use super::surroundings;
use super::watch::{Limits, watched};
use crate::arguments::perf::Subscribers;
use crate::exit::Outcome;

/// Messages taken in one call.
const MANY: u64 = 256;

pub(super) fn run(arguments: Subscribers) -> Result<Outcome, Outcome> {
    surroundings::prepare(arguments.second.running)?;
    let (site, load) = (Site::new(arguments.place, "sub"), Load::new(arguments.load));
    let subs = several(arguments.sockets, || subscriber(arguments.sockets))?;
    let mut connections = site.connect(&subs)?;
    let total = load.total() * u64::from(arguments.sockets);
    let limits = Limits { peers: 1, patience: Some(arguments.second.timeout), total: Some(total) };
    let mut deliveries = Deliveries::new(load, arguments.sockets);
    let received = watched(&subs, &mut connections, limits, |_| deliveries.complete(Arrivals::new(&subs)));
    let gave_up = received.partial()?;
    let outcome = deliveries.line(&site.transport).print(arguments.second.running)?;
    match gave_up {
        Some(gave_up) => Ok(gave_up),
        None if deliveries.open > 0 => Err(Outcome::Failed("the publisher left before the end".into())),
        None => Ok(outcome),
    }
}

fn subscriber(sockets: u16) -> Result<Sub, Error> {
    let sub = Arrivals::settings(Sub::builder(), sockets).build()?;
    sub.subscribe("")?;
    Ok(sub)
}

/// What has arrived.
#[derive(Debug)]
struct Deliveries {
    load: Load,
    streams: Vec<Stream>,
    /// Streams without an end marker so far.
    open: usize,
    counted: u64,
    wrong: u64,
    section: Option<Section>,
    /// From the first counted message to the last.
    time: Duration,
    cpu: Option<Cpu>,
}

/// What one socket receives.
#[derive(Debug)]
struct Stream {
    check: Check,
    ended: bool,
}

impl Deliveries {
    fn new(load: Load, sockets: u16) -> Self {
        let stream = || Stream { check: Check::new(&load, 1), ended: false };
        Self {
            load,
            streams: (0..sockets).map(|_| stream()).collect(),
            open: sockets.into(),
            counted: 0,
            wrong: 0,
            section: None,
            time: Duration::ZERO,
            cpu: None,
        }
    }

    /// Receives until each socket has seen the end marker.
    fn complete(&mut self, mut arrivals: Arrivals<'_, Sub>) -> Result<(), Error> {
        let result = self.receive(&mut arrivals);
        self.cpu = self.section.and_then(|section| section.cpu());
        result
    }

    fn receive(&mut self, arrivals: &mut Arrivals<'_, Sub>) -> Result<(), Error> {
        while self.open > 0 {
            let before = self.counted;
            arrivals.take(MANY, |socket, body| self.take(socket, body))?;
            // Nobody knows which message is the last, so the clock is read after each call: not for each message.
            if self.counted > before {
                match self.section {
                    Some(section) => self.time = section.time(),
                    None => self.section = Some(Section::begin()),
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, socket: usize, body: &[u8]) {
        let stream = &mut self.streams[socket];
        if body.len() == end_marker(self.load.size) {
            self.open -= usize::from(!stream.ended);
            stream.ended = true;
            return;
        }
        match stream.check.number(body) {
            Some(number) => self.counted += u64::from(number >= self.load.warmup),
            None => self.wrong += 1,
        }
    }

    /// Its figures: of all sockets together.
    fn line(&self, transport: &str) -> Line {
        let all = self.load.count * self.streams.len() as u64;
        Line::new("pubsub", "sub", transport)
            .measured(&self.load, self.counted, self.section.map(|_| self.time))
            .cpu(self.cpu)
            .dropped(all - self.counted)
            .bad(self.wrong)
            .misfit(self.streams.iter().find_map(|stream| stream.check.misfit()))
    }
}
