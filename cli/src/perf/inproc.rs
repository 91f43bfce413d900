//! Both ends in one process.

use std::time::Duration;
use std::{slice, thread};

use hubless::{Error, Pull, Push, Rep, Req};

use super::latency::RoundTrips;
use super::load::Load;
use super::receive::Arrivals;
use super::reception::Reception;
use super::rep::Answers;
use super::send::Pace;
use super::watch::{Limits, watched};
use super::{push, surroundings};
use crate::arguments::perf::{InprocLatency, InprocThroughput, Lanes};
use crate::exit::Outcome;

const TRANSPORT: &str = "inproc";
const ADDRESS: &str = "inproc://hubless-perf";
/// How long closing may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// There is nobody to wait for; who has left has failed.
fn limits(load: &Load) -> Limits {
    Limits { peers: 1, patience: None, total: Some(load.total()) }
}

/// PUSH to PULL, a thread each.
pub(super) fn throughput(arguments: &InprocThroughput) -> Result<Outcome, Outcome> {
    surroundings::prepare(arguments.running)?;
    let (load, batch) = (Load::new(arguments.load), arguments.batch);
    let (pull, push) = (Pull::new()?, Push::new()?);
    pull.listen(ADDRESS)?;
    push.dial(ADDRESS)?;
    let mut reception = Reception::new(load, batch.batch, Lanes { sockets: 1, peers: 1 });
    let (pulls, pushes) = (slice::from_ref(&pull), slice::from_ref(&push));
    let dropped = thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let sent = push::send(pushes, &load, Pace::new(batch, arguments.work));
            // Whatever became of it: who receives must see an end.
            push::close(pushes, PATIENCE).and_then(|dropped| sent.map(|_| dropped))
        });
        watched(pulls, &mut [], limits(&load), |_| reception.complete(Arrivals::new(pulls))).partial()?;
        Ok::<_, Outcome>(sender.join().unwrap_or(Err(Error::Closed))?)
    })?;
    reception.line("inproc-thr", TRANSPORT).dropped(dropped).work(arguments.work).print(arguments.running)
}

/// REQ to REP, a thread each.
pub(super) fn latency(arguments: &InprocLatency) -> Result<Outcome, Outcome> {
    surroundings::prepare(arguments.running)?;
    let load = Load::new(arguments.load);
    let (rep, req) = (Rep::new()?, Req::new()?);
    rep.listen(ADDRESS)?;
    req.dial(ADDRESS)?;
    let mut trips = RoundTrips::new(arguments.work)?;
    thread::scope(|scope| {
        scope.spawn(|| {
            let end = Answers::default().echo(&rep);
            log::debug!("no more answers: {end:?}");
        });
        let asked = watched(slice::from_ref(&req), &mut [], limits(&load), |_| trips.ask(&req, &load));
        // Whatever became of it: who answers must see an end.
        rep.close(PATIENCE)?;
        asked.whole()
    })?;
    trips.line("inproc-lat", TRANSPORT, &load).print(arguments.running)
}
