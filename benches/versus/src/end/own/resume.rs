//! How soon a sender that waits for a slow receiver goes on when that makes room.

use std::thread;
use std::time::Duration;

use hubless::{Pull, Push};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::end::{Figures, Link};
use crate::system::clock;

/// How the receiver goes, and what is sent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Stops {
    /// How often it stops.
    pub count: usize,
    /// How long.
    pub stop: Duration,
    /// Messages that it receives between two stops.
    pub burst: usize,
    /// Octets of a message.
    pub size: usize,
}

/// Receives in bursts; says when each began.
pub(super) fn receive(listen: &str, stops: Stops) -> Outcome<Figures> {
    let pull = Pull::new()?;
    pull.listen(listen)?;
    Link::Lines.ready();
    pull.recv()?;
    let mut starts = Vec::with_capacity(stops.count);
    for _ in 0..stops.count {
        thread::sleep(stops.stop);
        starts.push(clock::nanoseconds());
        for _ in 0..stops.burst {
            pull.recv()?;
        }
    }
    println!("{}", serde_json::to_string(&starts)?);
    thread::spawn(move || while pull.recv().is_ok() {});
    Ok(Figures::new())
}

/// Sends until it is told to stop; says from when till when it waited, wherever that was longer than half a stop.
pub(super) fn send(dial: &str, stops: Stops) -> Outcome<Figures> {
    let push = Push::new()?;
    push.dial(dial)?;
    let long = u64::try_from(stops.stop.as_nanos() / 2).unwrap_or(u64::MAX);
    let body = hubless::Bytes::from(vec![0; stops.size]);
    let heard = crate::end::link::heard();
    let mut waits = Vec::new();
    let mut before = clock::nanoseconds();
    while heard.load(std::sync::atomic::Ordering::Relaxed) == 0 {
        push.send(body.clone())?;
        let after = clock::nanoseconds();
        if after - before > long {
            waits.push((before, after));
        }
        before = after;
    }
    println!("{}", serde_json::to_string(&waits)?);
    Ok(Figures::new())
}
