//! Several pipes, several sockets, several threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hubless::{Error, Message, Pull, Push};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::end::letters::Stream;
use crate::end::{Figures, Letters, Link, as_figure};

/// Messages that a thread takes from one socket before it looks at the next, or at what the others have taken.
const TURN: u64 = 256;
/// How long a thread waits that has found nothing at any socket, before it looks at the others again.
const MOMENT: Duration = Duration::from_millis(1);

/// How many sockets, and threads at each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub sockets: usize,
    pub threads: usize,
}

/// One thread sends from all sockets in turn, or several from the only one. Each socket connects to all addresses.
pub(super) fn send(dial: &[String], shape: Shape, stream: Stream) -> Outcome<Figures> {
    let socket = |_| {
        let push = Push::new()?;
        for address in dial {
            push.dial(address)?;
        }
        push.wait_for_peers(dial.len(), Duration::from_secs(5))?;
        Ok(push)
    };
    let sockets: Outcome<Vec<_>> = (0..shape.sockets).map(socket).collect();
    let sockets = sockets?;
    let each = (stream.warm + stream.count).div_ceil(shape.threads as u64);
    thread::scope(|scope| {
        let send = || {
            let mut letters = Letters::new(Stream { warm: 0, count: each, ..stream });
            let mut turns = sockets.iter().cycle();
            while let (Some(letter), Some(push)) = (letters.next(), turns.next()) {
                push.send(Message::from(letter))?;
            }
            Outcome::Ok(())
        };
        let threads: Vec<_> = (0..shape.threads).map(|_| scope.spawn(send)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("panicked".into())))
    })?;
    Link::Lines.hold();
    Ok(Figures::new())
}

/// What all threads have received together.
struct Total {
    seen: AtomicU64,
    stream: Stream,
}

/// One thread receives from all sockets in turn, or several from the only one.
pub(super) fn receive(listen: &[String], shape: Shape, stream: Stream) -> Outcome<Figures> {
    let socket = |address: &String| {
        let pull = Pull::new()?;
        pull.listen(address)?;
        Ok(pull)
    };
    let sockets: Outcome<Vec<_>> = listen.iter().map(socket).collect();
    let sockets = sockets?;
    Link::Lines.ready();
    let total = Total { seen: AtomicU64::new(0), stream };
    let times: Outcome<Vec<_>> = thread::scope(|scope| {
        let take = || total.take(&sockets);
        let threads: Vec<_> = (0..shape.threads).map(|_| scope.spawn(take)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("panicked".into()))).collect()
    });
    let times = times?;
    let began = times.iter().filter_map(|(began, _)| *began).min();
    let ended = times.iter().filter_map(|(_, ended)| *ended).max();
    let seconds = began.zip(ended).map_or(0.0, |(began, ended)| (ended - began).as_secs_f64());
    let measured = total.seen.into_inner() - stream.warm;
    Ok(Figures::from([
        ("messages", as_figure(measured)),
        ("seconds", seconds),
        ("rate", as_figure(measured) / seconds),
    ]))
}

impl Total {
    /// Takes turns at the sockets until all have everything; when the warm-up was over and when the last came, as far as
    /// this thread has seen it.
    fn take(&self, sockets: &[Pull]) -> Outcome<(Option<Instant>, Option<Instant>)> {
        let end = self.stream.warm + self.stream.count;
        let (mut began, mut ended) = (None, None);
        let mut in_vain = 0;
        for pull in sockets.iter().cycle() {
            let mut taken = 0;
            while taken < TURN {
                let waits = in_vain >= sockets.len();
                let received = if waits { pull.recv_timeout(MOMENT) } else { pull.try_recv() };
                match received {
                    Ok(_) => (taken, in_vain) = (taken + 1, 0),
                    Err(Error::Empty | Error::Timeout { .. }) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            in_vain += usize::from(taken == 0);
            let before = self.seen.fetch_add(taken, Ordering::Relaxed);
            let now = (taken > 0).then(Instant::now);
            if before <= self.stream.warm && before + taken > self.stream.warm {
                began = now;
            }
            ended = now.or(ended);
            if before + taken >= end {
                break;
            }
        }
        Ok((began, ended))
    }
}
