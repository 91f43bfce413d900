//! Two that share something: two threads a full socket, a flooded socket and a quiet one the background thread.

use std::thread;
use std::time::{Duration, Instant};

use hubless::{Bytes, Error, Pull, Push, Rep, Surveyor};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::end::rhythm::Rhythm;
use crate::end::{Figures, Link, as_figure, percentiles};
use crate::peers;

/// Bytes of a message: large, so that little time is needed to fill the queues of either end and of the system.
const SIZE: usize = 16 * 1024;
/// What the receiver of a full socket does with each message.
const WORK: Duration = Duration::from_micros(100);
/// Until everything is full.
const FILLING: Duration = Duration::from_millis(500);
/// Between two messages of the slow thread.
const BETWEEN: Duration = Duration::from_millis(2);
const TIMED: usize = 200;
/// Who waits as long as this starves.
const LONGEST: Duration = Duration::from_secs(1);
/// The whole measurement takes no longer than this, though a thread starves.
const LENGTH: Duration = Duration::from_secs(5);
/// Messages that are taken from the flooded socket at once.
const TURN: usize = 256;
/// What the line of an end says when the flood has begun.
pub const FLOODED: &str = "flooded";
const TIMER: Duration = Duration::from_millis(2);

/// What goes on beside a flooded socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quiet {
    /// Requests are answered at this address.
    Answers(String),
    /// A timer is set again and again, and its own process says how late it fires.
    Timer,
}

/// Sends from two threads, of which one is slow; how long that one waits for room.
pub(super) fn contend(dial: &str) -> Outcome<Figures> {
    let push = Push::new()?;
    push.dial(dial)?;
    let body = Bytes::from(vec![b'v'; SIZE]);
    let hot = (push.clone(), body.clone());
    thread::spawn(move || while hot.0.send(hot.1.clone()).is_ok() {});
    thread::sleep(FILLING);
    let (began, before) = (Instant::now(), push.stats().sent);
    let mut waits = Vec::with_capacity(TIMED);
    while waits.len() < TIMED && began.elapsed() < LENGTH {
        thread::sleep(BETWEEN);
        let asked = Instant::now();
        match push.send_timeout(body.clone(), LONGEST) {
            Ok(()) => {}
            Err(refused) if matches!(refused.error, Error::Timeout { .. }) => {}
            Err(refused) => return Err(refused.error.into()),
        }
        waits.push(u32::try_from(asked.elapsed().as_nanos()).unwrap_or(u32::MAX));
    }
    let sent = push.stats().sent - before;
    let microseconds_each = began.elapsed().as_secs_f64() * 1e6 / as_figure(sent);
    let mut figures = percentiles(waits);
    // There are two threads, so that a fair wait is that for two messages.
    let shares = figures["p99"] / (2.0 * microseconds_each);
    figures.insert("shares", shares);
    Ok(figures)
}

/// Receives more slowly than anybody sends.
pub(super) fn receive_slowly(listen: &str) -> Outcome<Figures> {
    let pull = Pull::new()?;
    pull.listen(listen)?;
    Link::Lines.ready();
    for number in 0.. {
        pull.recv()?;
        Rhythm::Paced(WORK).wait(number);
    }
    Ok(Figures::new())
}

/// Takes a flood, and does something quiet beside it. Nobody blocks in a call: both sockets are served by the background thread.
pub(super) fn neighbours(flooded: &str, quiet: Quiet) -> Outcome<Figures> {
    let runtime = peers::runtime()?;
    let pull = Pull::new()?;
    pull.listen(flooded)?;
    runtime.spawn(async move {
        if pull.recv_async().await.is_ok() {
            println!("{FLOODED}");
        }
        while pull.recv_many_async(TURN).await.is_ok() {}
    });
    runtime.block_on(async {
        match quiet {
            Quiet::Answers(listen) => answer(&listen).await,
            Quiet::Timer => time().await,
        }
    })
}

async fn answer(listen: &str) -> Outcome<Figures> {
    let rep = Rep::new()?;
    rep.listen(listen)?;
    Link::Lines.ready();
    loop {
        let request = rep.recv_async().await?;
        let answer = request.message().clone();
        request.reply(answer)?;
    }
}

/// The deadline of a survey that nobody answers.
async fn time() -> Outcome<Figures> {
    let surveyor = Surveyor::new()?;
    Link::Lines.ready();
    Link::Lines.hold();
    let mut taken = Vec::with_capacity(TIMED);
    for _ in 0..TIMED {
        let began = Instant::now();
        let mut survey = surveyor.survey("", TIMER)?;
        if survey.recv_async().await?.is_some() {
            return Err("somebody answered".into());
        }
        taken.push(u32::try_from(began.elapsed().as_nanos()).unwrap_or(u32::MAX));
    }
    Ok(percentiles(taken))
}
