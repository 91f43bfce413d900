use std::io::{self, IoSlice};

use hubless_transport::Stream;

use crate::record::{LARGEST, Record};

/// Bytes that are taken at once.
const ROOM: usize = 64 * 1024;
/// After this many bytes the other end is asked for a sign of life.
const ASKS: usize = 100_000;

/// The writing half.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Encoded, and not written below before `gone`.
    raw: Vec<u8>,
    gone: usize,
    /// Whether the other end is asked for a sign of life.
    asks: bool,
    /// Bytes since it was.
    since: usize,
    /// The other end has asked.
    answers: bool,
    /// Nothing can be written any more, because of this.
    broken: Option<io::ErrorKind>,
}

impl Output {
    pub(crate) fn new(asks: bool) -> Self {
        Self { asks, ..Self::default() }
    }

    pub(crate) fn say(&mut self, record: &Record) {
        record.encode(&mut self.raw);
    }

    /// The other end waits for a sign of life. One will do, however often it asks.
    pub(crate) fn answer(&mut self) {
        self.answers = self.broken.is_none();
    }

    pub(crate) fn has_to_answer(&self) -> bool {
        self.answers
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.answers || self.gone < self.raw.len()
    }

    /// Takes of these what there is room for, once everything before has left; how much.
    pub(crate) fn take(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if let Some(kind) = self.broken {
            return Err(kind.into());
        }
        if self.is_waiting() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let mut taken = 0;
        for piece in slices.iter().flat_map(|slice| slice.chunks(LARGEST)) {
            let piece = &piece[..piece.len().min(ROOM - taken)];
            if piece.is_empty() {
                break;
            }
            self.say(&Record::Data(piece.to_vec()));
            taken += piece.len();
        }
        self.since += taken;
        if self.asks && self.since >= ASKS {
            self.since = 0;
            self.say(&Record::Ask);
        }
        Ok(taken)
    }

    /// Takes nothing more, and what is left goes nowhere.
    pub(crate) fn end(&mut self) {
        let kind = self.broken.unwrap_or(io::ErrorKind::BrokenPipe);
        *self = Self { broken: Some(kind), ..Self::default() };
    }

    /// Writes everything below.
    pub(crate) fn flush(&mut self, below: &dyn Stream) -> io::Result<()> {
        let flushed = self.write_all(below);
        if let Err(error) = &flushed
            && error.kind() != io::ErrorKind::WouldBlock
        {
            self.broken = Some(error.kind());
        }
        flushed
    }

    fn write_all(&mut self, below: &dyn Stream) -> io::Result<()> {
        while self.is_waiting() {
            if std::mem::take(&mut self.answers) {
                self.say(&Record::Answer);
            }
            match below.write(&[IoSlice::new(&self.raw[self.gone..])])? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => self.gone += count,
            }
            if self.gone == self.raw.len() {
                self.raw.clear();
                self.gone = 0;
            }
        }
        Ok(())
    }
}
