//! Round trips, asking end.

use std::slice;

use hubless::Req;

use super::latency::RoundTrips;
use super::load::Load;
use super::site::Site;
use super::surroundings;
use super::watch::{Limits, watched};
use crate::arguments::perf;
use crate::exit::Outcome;

pub(super) fn run(arguments: perf::Req) -> Result<Outcome, Outcome> {
    surroundings::prepare(arguments.second.running)?;
    let (site, load) = (Site::new(arguments.place, "req"), Load::new(arguments.load));
    let req = Req::builder().max_message(u64::MAX).build()?;
    let mut connections = site.connect(slice::from_ref(&req))?;
    let patience = arguments.second.timeout;
    let limits = Limits { peers: 1, patience: Some(patience), total: Some(load.total()) };
    let mut trips = RoundTrips::new(arguments.work)?;
    let asked = watched(slice::from_ref(&req), &mut connections, limits, |_| {
        req.wait_for_peers(1, patience)?;
        trips.ask(&req, &load)
    });
    asked.whole()?;
    trips.line("req", &site.transport, &load).print(arguments.second.running)
}
