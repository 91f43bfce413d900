//! `hubless device`: two raw sockets, and messages from one to the other until Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use hubless::{Builder, DeviceReport, Reflects, Socket, raw};

use crate::arguments::Endpoints;
use crate::arguments::device::{Device, Joined};
use crate::clock::now;
use crate::connections::Connections;
use crate::crossing::{Crossing, Ways};
use crate::ending::Ending;
use crate::exit::Outcome;
use crate::interrupt;
use crate::logging;
use crate::losses::Losses;
use crate::session::{LOOK, close};
use crate::traffic::Traffic;

/// Runs the device until its end.
pub(crate) fn run(device: Device) -> Outcome {
    let ending = Arc::<Ending>::default();
    let outcome = interrupt::listen(&ending).and_then(|()| join(device, &ending));
    outcome.unwrap_or_else(|outcome| outcome)
}

fn join(device: Device, ending: &Ending) -> Result<Outcome, Outcome> {
    match device {
        Device::Forwarder(joined) => {
            let (front, back) = (open(raw::Sub::builder(), &joined)?, open(raw::Pub::builder(), &joined)?);
            between(&front, &back, &joined, ending, hubless::Device::forwarder)
        }
        Device::Streamer(joined) => {
            let (front, back) = (open(raw::Pull::builder(), &joined)?, open(raw::Push::builder(), &joined)?);
            between(&front, &back, &joined, ending, hubless::Device::streamer)
        }
        Device::Queue(counting) => {
            let front =
                counting.hops.ttl.into_iter().fold(raw::Rep::builder(), Builder::<raw::Rep>::max_hops);
            let joined = counting.joined;
            let (front, back) = (open(front, &joined)?, open(raw::Req::builder(), &joined)?);
            between(&front, &back, &joined, ending, hubless::Device::queue)
        }
        Device::Survey(counting) => {
            let front = raw::Respondent::builder();
            let front = counting.hops.ttl.into_iter().fold(front, Builder::<raw::Respondent>::max_hops);
            let joined = counting.joined;
            let (front, back) = (open(front, &joined)?, open(raw::Surveyor::builder(), &joined)?);
            between(&front, &back, &joined, ending, hubless::Device::survey)
        }
        Device::Pair(pair) if pair.version_1 => alike(&pair.joined, ending, || {
            pair.hops.ttl.into_iter().fold(raw::PairV1::builder(), Builder::<raw::PairV1>::max_hops)
        }),
        Device::Pair(pair) => alike(&pair.joined, ending, raw::Pair::builder),
        Device::Bus(joined) => alike(&joined, ending, raw::Bus::builder),
    }
}

fn open<S: Socket>(builder: Builder<S>, joined: &Joined) -> Result<S, Outcome> {
    Ok(joined.max_message.into_iter().fold(builder, Builder::max_message).build()?)
}

/// Two sockets that are alike, or one that talks to itself where there is no back.
fn alike<S: Socket + Reflects>(
    joined: &Joined,
    ending: &Ending,
    builder: impl Fn() -> Builder<S>,
) -> Result<Outcome, Outcome> {
    let front = open(builder(), joined)?;
    if joined.sides.has_back() {
        return between(&front, &open(builder(), joined)?, joined, ending, hubless::Device::between);
    }
    let mut front = Side::connect("front", &front, &joined.sides.front())?;
    let mut traffic = Traffic::begin(Ways, joined.watching.stats, false);
    let device = hubless::Device::reflect(front.socket.clone());
    let (outcome, mut report) = pass_on(device, ending, || {
        let seen = Crossing { front: front.socket.stats(), back: None };
        traffic.look(&seen, || front.look());
    })?;
    traffic.clear();
    let outcome = front.close(joined.linger, outcome, &mut report);
    traffic.end(&Crossing { front: front.socket.stats(), back: None });
    logging::tell(format_args!("passed on {report}"));
    Ok(outcome)
}

fn between<F: Socket, B: Socket>(
    front: &F,
    back: &B,
    joined: &Joined,
    ending: &Ending,
    make: impl FnOnce(F, B) -> hubless::Device,
) -> Result<Outcome, Outcome> {
    let mut front = Side::connect("front", front, &joined.sides.front())?;
    let mut back = Side::connect("back", back, &joined.sides.back())?;
    let device = make(front.socket.clone(), back.socket.clone());
    let mut traffic = Traffic::begin(Ways, joined.watching.stats, false);
    let (outcome, mut report) = pass_on(device, ending, || {
        let seen = Crossing { front: front.socket.stats(), back: Some(back.socket.stats()) };
        traffic.look(&seen, || {
            front.look();
            back.look();
        });
    })?;
    traffic.clear();
    let end = now().checked_add(joined.linger);
    let outcome = back.close(joined.linger, outcome, &mut report);
    let left = end.map_or(joined.linger, |end| end.saturating_duration_since(now()));
    let outcome = front.close(left, outcome, &mut report);
    traffic.end(&Crossing { front: front.socket.stats(), back: Some(back.socket.stats()) });
    logging::tell(format_args!("passed on {report}"));
    Ok(outcome)
}

/// Passes messages on until Ctrl-C, and has the connections looked at now and then.
fn pass_on(
    device: hubless::Device,
    ending: &Ending,
    mut look: impl FnMut(),
) -> Result<(Outcome, DeviceReport), Outcome> {
    let device = device.spawn()?;
    let outcome = loop {
        let outcome = ending.wait(LOOK);
        look();
        if outcome.is_some() || device.is_finished() {
            break outcome;
        }
    };
    Ok((outcome.unwrap_or(Outcome::Done), device.stop()?))
}

/// One socket of a device, and what was told of it.
struct Side<S> {
    socket: S,
    connections: Connections,
    losses: Losses,
}

impl<S: Socket> Side<S> {
    fn connect(name: &str, socket: &S, endpoints: &Endpoints) -> Result<Self, Outcome> {
        log::info!("the {name}:");
        let connections = Connections::open(socket, endpoints)?;
        Ok(Self { socket: socket.clone(), connections, losses: Losses::default() })
    }

    fn look(&mut self) {
        self.connections.report();
        self.losses.report(&self.socket.stats());
    }

    /// Adds to the report what is lost by closing.
    fn close(&mut self, linger: Duration, outcome: Outcome, report: &mut DeviceReport) -> Outcome {
        let before = self.socket.stats().drops.total();
        let outcome = close(&self.socket, linger, false, outcome, &mut self.losses);
        report.dropped += self.socket.stats().drops.total().saturating_sub(before);
        outcome
    }
}
