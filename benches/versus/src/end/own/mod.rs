//! Ends of what is measured of hubless alone, and beside the floor where there is one.

mod fairness;
mod lone;
mod resume;
mod several;
mod spin;

use hubless::Rep;
use serde::{Deserialize, Serialize};

use super::letters::Stream;
use super::{Figures, Link};
use crate::Outcome;
pub use fairness::{FLOODED, Quiet};
pub use resume::Stops;
pub use several::Shape;

/// More connections than any crowd has.
const CROWD: usize = 20_000;

/// What such an end does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Own {
    /// Answers one of many that are connected.
    CrowdedRep {
        listen: String,
    },
    /// Sends from several sockets or threads.
    Senders {
        dial: Vec<String>,
        shape: Shape,
        stream: Stream,
    },
    /// Receives with several sockets or threads, a socket for each address.
    Receivers {
        listen: Vec<String>,
        shape: Shape,
        stream: Stream,
    },
    /// Sends a message with the time now and then, each after so many others.
    LoneSender {
        dial: String,
        count: usize,
        before: usize,
    },
    /// Compares that time with its own.
    LoneReceiver {
        listen: String,
        count: usize,
        raw: bool,
    },
    LoneWriter {
        dial: String,
        count: usize,
        before: usize,
    },
    /// Receives in bursts.
    SlowReceiver {
        listen: String,
        stops: Stops,
    },
    /// Sends, and notes where it had to wait.
    BlockedSender {
        dial: String,
        stops: Stops,
    },
    /// Receives more slowly than anybody sends.
    LateReceiver {
        listen: String,
    },
    /// Two threads send on one socket, a hot one and a slow one.
    Contenders {
        dial: String,
    },
    /// A socket that is flooded, and something quiet beside it.
    Neighbours {
        flooded: String,
        quiet: Quiet,
    },
    /// Uses a processor.
    Spin,
}

pub(super) fn run(own: Own) -> Outcome<Figures> {
    match own {
        Own::CrowdedRep { listen } => crowded_rep(&listen),
        Own::Senders { dial, shape, stream } => several::send(&dial, shape, stream),
        Own::Receivers { listen, shape, stream } => several::receive(&listen, shape, stream),
        Own::LoneSender { dial, count, before } => lone::send(&dial, count, before),
        Own::LoneWriter { dial, count, before } => lone::write(&dial, count, before),
        Own::LoneReceiver { listen, count, raw: false } => lone::receive(&listen, count),
        Own::LoneReceiver { listen, count, raw: true } => lone::read(&listen, count),
        Own::SlowReceiver { listen, stops } => resume::receive(&listen, stops),
        Own::BlockedSender { dial, stops } => resume::send(&dial, stops),
        Own::LateReceiver { listen } => fairness::receive_slowly(&listen),
        Own::Contenders { dial } => fairness::contend(&dial),
        Own::Neighbours { flooded, quiet } => fairness::neighbours(&flooded, quiet),
        Own::Spin => spin::run(),
    }
}

fn crowded_rep(listen: &str) -> Outcome<Figures> {
    let rep = Rep::builder().max_connections(CROWD).build()?;
    rep.listen(listen)?;
    Link::Lines.ready();
    loop {
        let request = rep.recv()?;
        let answer = request.message().clone();
        request.reply(answer)?;
    }
}
