//! Throughput, receiving end.

use hubless::Pull;

use super::load::Load;
use super::receive::Arrivals;
use super::reception::Reception;
use super::site::{Site, several};
use super::surroundings;
use super::watch::{Limits, watched};
use crate::arguments::perf;
use crate::exit::Outcome;

pub(super) fn run(arguments: perf::Pull) -> Result<Outcome, Outcome> {
    let (pull, first) = (arguments.pipeline, arguments.first);
    surroundings::prepare(first.running)?;
    let (site, lanes) = (Site::new(pull.place, "pull"), pull.lanes);
    let pulls = several(lanes.sockets, || Arrivals::settings(Pull::builder(), lanes.sockets).build())?;
    let mut connections = site.connect(&pulls)?;
    let load = Load::new(pull.load);
    let limits = Limits { peers: lanes.peers, patience: first.timeout, total: Some(load.total()) };
    let mut reception = Reception::new(load, pull.batch.batch, lanes);
    let received = watched(&pulls, &mut connections, limits, |_| reception.complete(Arrivals::new(&pulls)));
    let gave_up = received.partial()?;
    let outcome = reception.line("pull", &site.transport).print(first.running)?;
    Ok(gave_up.unwrap_or(outcome))
}
