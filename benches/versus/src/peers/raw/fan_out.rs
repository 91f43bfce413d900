//! The floor of a sender to many: messages are gathered once, and what is gathered is written to each in turn, or to the one
//! whose turn it is.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use super::inflow::Inflow;
use super::wire;
use crate::Outcome;
use crate::contestant::Floor;
use crate::end::{Audience, Broadcast, Heard, Link, Reach};

/// Octets of the length before each body.
const LENGTH: usize = 8;
const READ: usize = 64 * 1024;

pub(super) fn publish(
    (listen, floor): (&str, Floor),
    link: &Link,
    subscribers: usize,
    broadcast: &mut Broadcast,
) -> Outcome<()> {
    let at = listen.strip_prefix("tcp://").ok_or("only tcp")?;
    let listener = wire::buffered(TcpListener::bind(at)?, floor)?;
    link.ready();
    let accepted: Outcome<Vec<_>> =
        listener.incoming().take(subscribers).map(|s| wire::undelayed(s?)).collect();
    let mut streams = accepted?;
    let length = (broadcast.size() as u64).to_be_bytes();
    let mut gathered = Vec::with_capacity(2 * floor.write);
    let mut turn = 0;
    while let Some((body, at_once)) = broadcast.next() {
        gathered.extend_from_slice(&length);
        gathered.extend_from_slice(body);
        if at_once || gathered.len() >= floor.write {
            let (first, count) = match broadcast.reach() {
                Reach::All => (0, streams.len()),
                Reach::One => (turn, 1),
            };
            for stream in &mut streams[first..first + count] {
                stream.write_all(&gathered)?;
            }
            turn = (turn + 1) % streams.len();
            gathered.clear();
        }
    }
    Ok(())
}

pub(super) fn subscribe(dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
    let at = dial.strip_prefix("tcp://").ok_or("only tcp")?;
    let message = LENGTH + audience.size();
    let connect = |_| Ok(Inflow::new(TcpStream::connect(at)?, READ, message));
    let inflows: Outcome<Vec<_>> = (0..audience.seats()).map(connect).collect();
    audience.attend(inflows?, |inflow, listener| inflow.read(|message| listener.note(&message[LENGTH..])))
}
