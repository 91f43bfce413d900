use std::io;

use hubless_transport::Stream;

use crate::record::Record;

/// Room for one read of what is below.
const ROOM: usize = 16 * 1024;

/// The reading half.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// Read from below, and not looked at before `at`.
    raw: Vec<u8>,
    at: usize,
    /// Decoded, and not handed out before `given`.
    plain: Vec<u8>,
    given: usize,
    /// This read has found all there is below. What an earlier one has found says nothing: more may have come, and its edge been
    /// reported.
    drained: bool,
    ended: bool,
}

impl Input {
    /// The next record, reading from below if need be; none at the end, which may be within one.
    pub(crate) fn record(&mut self, below: &dyn Stream) -> io::Result<Option<Record>> {
        loop {
            if let Some(length) = Record::length(&self.raw[self.at..])? {
                let record = Record::decode(&self.raw[self.at..self.at + length])?;
                self.at += length;
                return Ok(Some(record));
            }
            if self.ended {
                return Ok(None);
            }
            self.raw.drain(..self.at);
            self.at = 0;
            self.raw.reserve(ROOM);
            let room = self.raw.capacity() - self.raw.len();
            match below.read(&mut self.raw) {
                Ok(0) => (self.ended, self.drained) = (true, false),
                Ok(count) => self.drained = count < room && below.short_read_drains(),
                Err(error) => {
                    self.drained = error.kind() == io::ErrorKind::WouldBlock;
                    return Err(error);
                }
            }
        }
    }

    /// A read begins.
    pub(crate) fn begin(&mut self) {
        self.drained = false;
    }

    /// Keeps what was decoded.
    pub(crate) fn keep(&mut self, plain: Vec<u8>) {
        (self.plain, self.given) = (plain, 0);
    }

    /// Hands out what fits; how much.
    pub(crate) fn give(&mut self, into: &mut Vec<u8>) -> usize {
        let rest = &self.plain[self.given..];
        let count = rest.len().min(into.capacity() - into.len());
        into.extend_from_slice(&rest[..count]);
        self.given += count;
        count
    }

    pub(crate) fn has_more(&self) -> bool {
        self.given < self.plain.len() || matches!(Record::length(&self.raw[self.at..]), Ok(Some(_)) | Err(_))
    }

    pub(crate) fn is_drained(&self) -> bool {
        self.drained
    }
}
