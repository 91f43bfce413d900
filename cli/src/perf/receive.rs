//! Receiving, as fast as it goes, over one socket or several.

use std::time::Duration;

use hubless::{Builder, Error, Message, RecvSocket};

/// How long one waits for one of several sockets when none has anything: another may have, meanwhile.
const MOMENT: Duration = Duration::from_millis(1);

/// What arrives at any of some sockets, on one thread. A lone socket is waited for; several are looked at in turn.
#[derive(Debug)]
pub(super) struct Arrivals<'a, S> {
    sockets: &'a [S],
    turn: usize,
}

impl<'a, S: RecvSocket<Incoming = Message>> Arrivals<'a, S> {
    pub(super) fn new(sockets: &'a [S]) -> Self {
        Self { sockets, turn: 0 }
    }

    /// The settings that one of `sockets` sockets needs.
    pub(super) fn settings(builder: Builder<S>, sockets: u16) -> Builder<S> {
        let builder = builder.max_message(u64::MAX);
        if sockets > 1 { builder.recv_timeout(Duration::ZERO) } else { builder }
    }

    /// Waits until something has arrived, and gives each message of at most `most` to `take`, with the number of its
    /// socket. How many.
    #[inline]
    pub(super) fn take(&mut self, most: u64, mut take: impl FnMut(usize, &[u8])) -> Result<u64, Error> {
        match self.sockets {
            [socket] if most == 1 => {
                take(0, &socket.recv()?);
                Ok(1)
            }
            [socket] => Ok(each(0, &socket.recv_many(size(most))?, &mut take)),
            _ => self.take_in_turn(most, take),
        }
    }

    fn take_in_turn(&mut self, most: u64, mut take: impl FnMut(usize, &[u8])) -> Result<u64, Error> {
        let mut looked = 0;
        loop {
            let turn = self.turn;
            self.turn = (turn + 1) % self.sockets.len();
            let socket = &self.sockets[turn];
            // After a look at all that found nothing, it waits.
            let first =
                if looked < self.sockets.len() { socket.try_recv() } else { socket.recv_timeout(MOMENT) };
            looked += 1;
            match first {
                Ok(first) => take(turn, &first),
                Err(Error::Empty | Error::Timeout { .. }) => continue,
                Err(error) => return Err(error),
            }
            // What came with it is taken without waiting, as the setting says.
            return match socket.recv_many(size(most - 1)) {
                Ok(more) => Ok(1 + each(turn, &more, &mut take)),
                Err(Error::Timeout { .. }) => Ok(1),
                Err(error) => Err(error),
            };
        }
    }
}

fn each(socket: usize, messages: &[Message], take: &mut impl FnMut(usize, &[u8])) -> u64 {
    for message in messages {
        take(socket, message);
    }
    messages.len() as u64
}

fn size(most: u64) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX)
}
