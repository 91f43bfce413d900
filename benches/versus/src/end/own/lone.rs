//! How long a single message takes one way, when nothing else is under way: it carries the time at which it was sent, by the
//! clock that all processes of a machine share.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use hubless::{Pull, Push};

use crate::Outcome;
use crate::end::letters::{number_of, write_number};
use crate::end::{Figures, Link, percentiles};
use crate::system::clock;

const SIZE: usize = 64;
/// Silence before each message.
const SILENCE: Duration = Duration::from_millis(5);
/// The time of a message that is not timed.
const NEVER: u64 = 0;

pub(super) fn send(dial: &str, count: usize, before: usize) -> Outcome<Figures> {
    let push = Push::new()?;
    push.dial(dial)?;
    each(count, before, |body| Ok(push.send(body)?))
}

pub(super) fn receive(listen: &str, count: usize) -> Outcome<Figures> {
    let pull = Pull::new()?;
    pull.listen(listen)?;
    Link::Lines.ready();
    timed(count, |body| {
        body.copy_from_slice(&pull.recv()?);
        Ok(())
    })
}

/// The floor: each message is a write.
pub(super) fn write(dial: &str, count: usize, before: usize) -> Outcome<Figures> {
    let mut stream = TcpStream::connect(dial.strip_prefix("tcp://").ok_or("only tcp")?)?;
    stream.set_nodelay(true)?;
    each(count, before, |body| Ok(stream.write_all(body)?))
}

pub(super) fn read(listen: &str, count: usize) -> Outcome<Figures> {
    let listener = TcpListener::bind(listen.strip_prefix("tcp://").ok_or("only tcp")?)?;
    Link::Lines.ready();
    let (mut stream, _) = listener.accept()?;
    timed(count, |body| Ok(stream.read_exact(body)?))
}

fn each(count: usize, before: usize, mut send: impl FnMut(&[u8]) -> Outcome<()>) -> Outcome<Figures> {
    let mut body = [0; SIZE];
    for _ in 0..count {
        thread::sleep(SILENCE);
        write_number(&mut body, NEVER);
        for _ in 0..before {
            send(&body)?;
        }
        write_number(&mut body, clock::nanoseconds());
        send(&body)?;
    }
    Link::Lines.hold();
    Ok(Figures::new())
}

fn timed(count: usize, mut receive: impl FnMut(&mut [u8; SIZE]) -> Outcome<()>) -> Outcome<Figures> {
    let mut body = [0; SIZE];
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        receive(&mut body)?;
        let now = clock::nanoseconds();
        if let Some(sent) = number_of(&body).filter(|sent| *sent != NEVER) {
            taken.push(u32::try_from(now.saturating_sub(sent)).unwrap_or(u32::MAX));
        }
    }
    Ok(percentiles(taken))
}
