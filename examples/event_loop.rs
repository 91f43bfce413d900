//! A socket in somebody else's event loop: a mio loop watches it beside whatever else it
//! watches.
//!
//! mio is edge-triggered: after each event, receive until there is nothing, or no other
//! event comes.

use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use hubless::{Error, Pull, Push};
use mio::{Events, Interest, Poll, Token};

const JOBS: Token = Token(0);
const COUNT: usize = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jobs = Pull::new()?;
    let at = jobs.listen("tcp://127.0.0.1:0")?;
    thread::spawn(move || produce(at.address()));

    let mut poll = Poll::new()?;
    let mut ready = jobs.recv_ready()?;
    poll.registry().register(&mut ready, JOBS, Interest::READABLE)?;
    let mut events = Events::with_capacity(16);
    let (mut received, mut turns) = (0, 0);
    while received < COUNT {
        match poll.poll(&mut events, Some(Duration::from_secs(10))) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            outcome => outcome?,
        }
        for event in &events {
            match event.token() {
                JOBS => received += drain(&jobs)?,
                other => println!("another source is ready: {other:?}"),
            }
            turns += 1;
        }
    }
    println!("{received} jobs in {turns} turns of the loop");
    Ok(())
}

/// Receives what there is; how much.
fn drain(jobs: &Pull) -> Result<usize, Error> {
    let mut count = 0;
    loop {
        match jobs.try_recv() {
            Ok(_job) => count += 1,
            Err(Error::Empty) => return Ok(count),
            Err(other) => return Err(other),
        }
    }
}

fn produce(at: &str) -> Result<(), Error> {
    let push = Push::new()?;
    push.dial(at)?;
    push.send_many((0..COUNT).map(|job| job.to_string()))?;
    push.close(Duration::from_secs(10)).map(drop)
}
