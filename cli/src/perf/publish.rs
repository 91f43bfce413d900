//! Fan-out, publishing end.

use std::slice;
use std::time::Duration;

use hubless::{Error, Pub};

use super::layout::end_marker;
use super::line::Line;
use super::load::Load;
use super::section::{Cpu, Section};
use super::send::{Lane, Pace};
use super::site::Site;
use super::surroundings;
use super::watch::{Limits, watched};
use crate::arguments::perf::Publisher;
use crate::ending::Ending;
use crate::exit::Outcome;

/// How often the end marker is repeated.
const AGAIN: Duration = Duration::from_millis(10);

pub(super) fn run(arguments: Publisher) -> Result<Outcome, Outcome> {
    surroundings::prepare(arguments.first.running)?;
    let (site, load) = (Site::new(arguments.place, "pub"), Load::new(arguments.load));
    let publisher = Pub::builder().overflow(arguments.overflow.into()).build()?;
    let mut connections = site.connect(slice::from_ref(&publisher))?;
    let patience = arguments.first.timeout;
    let limits =
        Limits { peers: arguments.peers, patience, total: Some(load.total() * u64::from(arguments.peers)) };
    let done = watched(slice::from_ref(&publisher), &mut connections, limits, |ending| {
        publisher.wait_for_peers(arguments.peers.into(), patience.unwrap_or(Duration::MAX))?;
        publish(&publisher, &load, Pace::new(arguments.batch, arguments.work), ending)
    });
    let Published { time, cpu, dropped } = done.whole()?;
    let line = Line::new("pubsub", "pub", &site.transport).measured(&load, load.count, Some(time));
    line.cpu(cpu).dropped(dropped).work(arguments.work).print(arguments.first.running)
}

/// What publishing has shown.
#[derive(Debug)]
struct Published {
    /// Until the last message was handed over.
    time: Duration,
    /// Until the last message had left.
    cpu: Option<Cpu>,
    /// For each subscriber that did not get it.
    dropped: u64,
}

fn publish(publisher: &Pub, load: &Load, pace: Pace, ending: &Ending) -> Result<Published, Error> {
    let mut lane = Lane::new(publisher, load.size, 0, pace);
    lane.send(load.warmup)?;
    // What is dropped from here on is counted, and is to be none of the warm-up.
    drain(publisher, ending);
    let before = publisher.stats().drops.total();
    let section = Section::begin();
    lane.send(load.count)?;
    let time = section.time();
    drain(publisher, ending);
    let (cpu, stats) = (section.cpu(), publisher.stats());
    end(publisher, load.size, ending)?;
    Ok(Published { time, cpu, dropped: stats.drops.total() - before })
}

/// Waits until everything has left: then what is sent next is not dropped and takes no other's place.
fn drain(publisher: &Pub, ending: &Ending) {
    while publisher.stats().send_queue > 0 && ending.wait(AGAIN).is_none() {}
}

/// Repeats the end marker until all subscribers have left.
fn end(publisher: &Pub, size: usize, ending: &Ending) -> Result<(), Error> {
    let marker = vec![0; end_marker(size)];
    while publisher.stats().pipes > 0 {
        match publisher.send(&marker) {
            Ok(()) => {}
            Err(failed) if matches!(failed.error, Error::Closed) => break,
            Err(failed) => return Err(failed.error),
        }
        ending.wait(AGAIN);
    }
    Ok(())
}
