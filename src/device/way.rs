//! One way of a device.

use crate::engine::Flag;
use crate::error::Error;
use crate::socket::End;

/// What became of the messages of one way.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) passed: u64,
    /// Taken, and not passed on: there was no room until the end.
    pub(super) held: u64,
}

/// Carries messages until it is cancelled or one of the sockets is closed.
pub(super) fn carry(from: &dyn End, to: &dyn End, off: &Flag) -> Result<Carried, Error> {
    let mut carried = Carried::default();
    let mut packets = Vec::new();
    loop {
        unless_closed(from.take(off, &mut packets))?;
        if packets.is_empty() {
            return Ok(carried);
        }
        let (given, outcome) = to.give(off, &mut packets);
        let held = packets.len() - given;
        packets.clear();
        carried.passed += given as u64;
        carried.held += held as u64;
        unless_closed(outcome)?;
        if held > 0 {
            return Ok(carried);
        }
    }
}

/// A closed socket is an end like any other.
fn unless_closed(outcome: Result<(), Error>) -> Result<(), Error> {
    match outcome {
        Err(Error::Closed) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use hubless_transport::{Header, Packet};

    use super::*;
    use crate::engine::CloseHook;

    /// Gives batches of these sizes and then is as `then` says; has room for this many messages.
    struct Socket {
        batches: Mutex<Vec<usize>>,
        then: fn() -> Result<(), Error>,
        room: Mutex<usize>,
    }

    impl Socket {
        fn new(batches: &[usize], then: fn() -> Result<(), Error>, room: usize) -> Self {
            let batches = batches.iter().rev().copied().collect();
            Self { batches: Mutex::new(batches), then, room: Mutex::new(room) }
        }
    }

    impl End for Socket {
        fn take(&self, _: &Flag, into: &mut Vec<Packet>) -> Result<(), Error> {
            assert!(into.is_empty(), "what was given is still there");
            let Some(size) = self.batches.lock().unwrap().pop() else { return (self.then)() };
            into.extend((0..size).map(|_| Packet::new(Header::new(), "x".into())));
            Ok(())
        }

        fn give(&self, _: &Flag, packets: &mut [Packet]) -> (usize, Result<(), Error>) {
            let mut room = self.room.lock().unwrap();
            let given = packets.len().min(*room);
            *room -= given;
            (given, if given < packets.len() { (self.then)() } else { Ok(()) })
        }

        fn cancel_waits(&self, _: &Flag) {}

        fn when_closed(&self, _: &Arc<CloseHook>) {}

        fn drops(&self) -> u64 {
            0
        }
    }

    fn carried(from: &Socket, to: &Socket) -> Result<Carried, Error> {
        carry(from, to, &Flag::default())
    }

    #[test]
    fn everything_is_passed_on_until_there_is_nothing_more_or_the_socket_is_closed() {
        for then in [|| Ok(()), || Err(Error::Closed)] {
            let (from, to) = (Socket::new(&[1, 64, 3], then, 0), Socket::new(&[], || Ok(()), 100));
            assert_eq!(carried(&from, &to).unwrap(), Carried { passed: 68, held: 0 });
        }
    }

    #[test]
    fn what_finds_no_room_is_counted_and_nothing_more_is_taken() {
        for then in [|| Ok(()), || Err(Error::Closed)] {
            let (from, to) = (Socket::new(&[4, 4, 4], || Ok(()), 0), Socket::new(&[], then, 6));
            assert_eq!(carried(&from, &to).unwrap(), Carried { passed: 6, held: 2 });
            assert_eq!(*from.batches.lock().unwrap(), [4]);
        }
    }

    #[test]
    fn other_ends_are_errors() {
        let dead = || Err(Error::Dead);
        let (from, to) = (Socket::new(&[1], dead, 0), Socket::new(&[], dead, 9));
        assert!(matches!(carried(&from, &to), Err(Error::Dead)));
        let (from, to) = (Socket::new(&[1], || Ok(()), 0), Socket::new(&[], dead, 0));
        assert!(matches!(carried(&from, &to), Err(Error::Dead)));
    }
}
