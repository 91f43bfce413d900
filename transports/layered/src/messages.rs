use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hubless_transport::mio::Registry;
use hubless_transport::{Acknowledged, Link, Message, Messages, Packet, Peer, Stream, Unfinished, Wait};

use crate::stream::Layered;

/// Bytes of messages that are taken at once, or one message.
const ROOM: usize = 64 * 1024;
/// What one read has room for.
const READ: usize = 16 * 1024;
/// The length in front of a message.
const HEAD: usize = 4;

/// Whole messages over a layered stream.
#[derive(Debug)]
pub(crate) struct Whole {
    below: Layered,
    /// The largest message that is put together.
    most: u64,
    /// What was read and is no whole message yet.
    incoming: Mutex<Vec<u8>>,
    /// What was taken and not written below.
    outgoing: Mutex<Vec<u8>>,
}

impl Whole {
    pub(crate) fn new(below: Layered, most: u64) -> Self {
        Self { below, most, incoming: Mutex::default(), outgoing: Mutex::default() }
    }

    /// How long the first message is, once that is known.
    fn length(&self, raw: &[u8]) -> io::Result<Option<usize>> {
        let Some(head) = raw.first_chunk::<HEAD>() else { return Ok(None) };
        let length = u32::from_be_bytes(*head);
        if u64::from(length) > self.most {
            let why = format!("a message of {length} bytes, and the limit is {}", self.most);
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(usize::try_from(length).ok())
    }
}

impl Link for Whole {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        self.below.watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.below.unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        self.below.establish()
    }

    fn peer(&self) -> Peer {
        let mut peer = self.below.peer();
        peer.address = peer.address.replacen("layered", "whole", 1);
        peer
    }

    fn descriptors(&self) -> usize {
        self.below.descriptors()
    }

    fn buffers(&self) -> bool {
        true
    }

    fn flush(&self) -> io::Result<()> {
        let mut outgoing = lock(&self.outgoing);
        while !outgoing.is_empty() {
            self.below.flush()?;
            let taken = self.below.write(&[IoSlice::new(&outgoing)])?;
            outgoing.drain(..taken);
        }
        self.below.flush()
    }

    fn wants_write(&self) -> bool {
        !lock(&self.outgoing).is_empty() || self.below.wants_write()
    }

    fn shutdown(&self) {
        let _ = self.flush();
        lock(&self.outgoing).clear();
        self.below.shutdown();
    }

    fn acknowledged(&self) -> Acknowledged {
        self.below.acknowledged()
    }
}

impl Messages for Whole {
    fn offered(&self) -> String {
        self.below.offered()
    }

    fn recv(&self, into: &mut VecDeque<Packet>, most: usize) -> io::Result<usize> {
        let mut raw = lock(&self.incoming);
        let (mut at, mut count) = (0, 0);
        let outcome = loop {
            let rest = &raw[at..];
            match self.length(rest) {
                Err(error) => break Err(error),
                Ok(Some(length)) if rest.len() >= HEAD + length => {
                    into.push_back(Message::from(&rest[HEAD..HEAD + length]).into());
                    at += HEAD + length;
                    count += 1;
                    if count == most {
                        break Ok(count);
                    }
                    continue;
                }
                Ok(_) if count > 0 => break Ok(count),
                Ok(_) => {}
            }
            raw.reserve(READ);
            match self.below.read(&mut raw) {
                Ok(0) => break Ok(0),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        raw.drain(..at);
        outcome
    }

    fn send(&self, from: &mut VecDeque<Packet>) -> io::Result<usize> {
        if self.wants_write() {
            self.flush()?;
        }
        // Refused here, and not at the next flush, where the connection is broken.
        self.below.write(&[])?;
        let mut outgoing = lock(&self.outgoing);
        let mut count = 0;
        while outgoing.len() < ROOM
            && let Some(packet) = from.pop_front()
        {
            let length = u32::try_from(packet.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
            outgoing.extend(length.to_be_bytes());
            outgoing.extend_from_slice(packet.header.as_slice());
            outgoing.extend_from_slice(&packet.body);
            count += 1;
        }
        Ok(count)
    }

    fn unfinished(&self) -> Unfinished {
        let raw = lock(&self.incoming);
        let missing =
            self.length(&raw).ok().flatten().map(|length| (HEAD + length).saturating_sub(raw.len()));
        Unfinished::new(raw.len(), missing)
    }

    fn reports_room_when_asked(&self) -> bool {
        true
    }
}

fn lock<T>(half: &Mutex<T>) -> MutexGuard<'_, T> {
    half.lock().unwrap_or_else(PoisonError::into_inner)
}
