//! Throughput, sending end.

use std::time::Duration;

use hubless::human::counted;
use hubless::{Error, Push};

use super::line::Line;
use super::load::Load;
use super::section::Section;
use super::send::{Lane, Pace, send_all};
use super::site::{Site, several};
use super::surroundings;
use super::watch::{Limits, watched};
use crate::arguments::perf;
use crate::exit::Outcome;

pub(super) fn run(arguments: perf::Push) -> Result<Outcome, Outcome> {
    let (push, second) = (arguments.pipeline, arguments.second);
    surroundings::prepare(second.running)?;
    let (site, load) = (Site::new(push.place, "push"), Load::new(push.load));
    let pace = Pace::new(push.batch, arguments.work);
    let pushes = several(push.lanes.sockets, Push::new)?;
    let mut connections = site.connect(&pushes)?;
    let limits =
        Limits { peers: push.lanes.peers, patience: Some(second.timeout), total: Some(load.total()) };
    let section = watched(&pushes, &mut connections, limits, |_| {
        for socket in &pushes {
            socket.wait_for_peers(push.lanes.peers.into(), second.timeout)?;
        }
        send(&pushes, &load, pace)
    });
    let section = section.whole()?;
    let dropped = close(&pushes, second.timeout)?;
    let line = Line::new("pipeline", "push", &site.transport);
    let line = line.measured(&load, load.count, Some(section.time())).cpu(section.cpu()).dropped(dropped);
    let outcome = line.work(arguments.work).print(second.running)?;
    Ok(if dropped == 0 {
        outcome
    } else {
        Outcome::TimedOut(format!("gave up: {} lost", counted(dropped, "message")))
    })
}

/// Sends the whole load over all sockets together. What is measured has begun with the first message after the warm-up.
pub(super) fn send(pushes: &[Push], load: &Load, pace: Pace) -> Result<Section, Error> {
    let lanes = pushes.len() as u64;
    let lane = |(lane, push)| Lane::new(push, load.size, lane, pace);
    let mut senders: Vec<_> = (0..).zip(pushes).map(lane).collect();
    send_all(&mut senders, |lane| load.share(lane, lanes).warmup)?;
    let section = Section::begin();
    send_all(&mut senders, |lane| load.share(lane, lanes).count)?;
    Ok(section)
}

/// Waits until everything is handed to the system. How many messages were lost.
pub(super) fn close(pushes: &[Push], patience: Duration) -> Result<u64, Error> {
    for push in pushes {
        push.close(patience)?;
    }
    Ok(pushes.iter().map(|push| push.stats().drops.total()).sum())
}
