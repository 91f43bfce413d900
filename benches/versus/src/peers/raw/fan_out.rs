//! The floor of a publisher: messages are gathered once, and what is gathered is written to each in turn.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use super::wire;
use crate::Outcome;
use crate::end::{Audience, Broadcast, Heard, Link};

/// Octets of the length before each body.
const LENGTH: usize = 8;
/// Octets that are gathered before they are written.
const WRITE: usize = 60_000;
const READ: usize = 64 * 1024;

pub(super) fn publish(
    listen: &str,
    link: &Link,
    subscribers: usize,
    broadcast: &mut Broadcast,
) -> Outcome<()> {
    let listener = TcpListener::bind(listen.strip_prefix("tcp://").ok_or("only tcp")?)?;
    link.ready();
    let accepted: Outcome<Vec<_>> =
        listener.incoming().take(subscribers).map(|s| wire::undelayed(s?)).collect();
    let mut streams = accepted?;
    let length = (broadcast.size() as u64).to_be_bytes();
    let mut gathered = Vec::with_capacity(2 * WRITE);
    while let Some((body, at_once)) = broadcast.next() {
        gathered.extend_from_slice(&length);
        gathered.extend_from_slice(body);
        if at_once || gathered.len() >= WRITE {
            for stream in &mut streams {
                stream.write_all(&gathered)?;
            }
            gathered.clear();
        }
    }
    Ok(())
}

/// A connection, and what has arrived on it of a message that is not whole.
struct Inflow {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

pub(super) fn subscribe(dial: &str, audience: &Arc<Audience>) -> Outcome<Vec<Heard>> {
    let at = dial.strip_prefix("tcp://").ok_or("only tcp")?;
    let connect = |_| Ok(Inflow { stream: TcpStream::connect(at)?, buffer: vec![0; READ], filled: 0 });
    let inflows: Outcome<Vec<_>> = (0..audience.seats()).map(connect).collect();
    let message = LENGTH + audience.size();
    audience.attend(inflows?, |inflow, listener| {
        let read = inflow.stream.read(&mut inflow.buffer[inflow.filled..])?;
        if read == 0 {
            return Err("the publisher has gone".into());
        }
        let filled = inflow.filled + read;
        let mut messages = inflow.buffer[..filled].chunks_exact(message);
        for message in messages.by_ref() {
            listener.note(&message[LENGTH..]);
        }
        inflow.filled = messages.remainder().len();
        inflow.buffer.copy_within(filled - inflow.filled..filled, 0);
        Ok(())
    })
}
