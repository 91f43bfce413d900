//! A second wire protocol, for tests alone: it has controls, and can seal what it writes, so that what was encoded is of no use to
//! anybody but the peer, who opens it in the order in which it was sealed. This is no cryptography.
//!
//! An end that dials says `P`, or `S` where it wants to seal, and the number of its role; one that listens also hears SP, and
//! answers in whatever it hears. Behind that come units: a tag, the length of the payload in four bytes, a checksum in four bytes, and
//! the payload. The checksum of a sealed unit depends on the key of its direction and on how many units came before.

mod decoder;
mod encoder;
mod greeting;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use greeting::Greeting;

use crate::ControlKind;

/// What stands in front of a payload.
pub(super) const PREFIX: usize = 9;
/// The tag of a message; controls have those behind it.
const MESSAGE: u8 = 0;
const CONTROLS: [ControlKind; 4] =
    [ControlKind::Subscribe, ControlKind::Cancel, ControlKind::Ping, ControlKind::Pong];
/// No control is longer.
const MAX_CONTROL: usize = 64 * 1024;

/// What both ends have agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    pub(super) sealed: bool,
    send: u64,
    receive: u64,
}

/// One direction: its key, and how many units have gone that way.
#[derive(Debug)]
struct Direction {
    sealed: bool,
    key: u64,
    number: u64,
}

impl Direction {
    /// Makes plain what is sealed, or the reverse, where there is a seal. What the checksum of this unit begins with.
    fn mask(&mut self, payload: &mut [u8]) -> u64 {
        if !self.sealed {
            return self.key;
        }
        self.number = self.number.wrapping_add(1);
        let mut stream = self.key ^ self.number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let begin = stream;
        for chunk in payload.chunks_mut(8) {
            stream = (stream ^ stream >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            chunk.iter_mut().zip(stream.to_be_bytes()).for_each(|(byte, random)| *byte ^= random);
        }
        begin
    }

    /// The unit of this payload.
    fn encode(&mut self, tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        let mut unit = Vec::with_capacity(PREFIX + length);
        unit.push(tag);
        unit.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        unit.extend([0; 4]);
        for part in parts {
            unit.extend_from_slice(part);
        }
        let plain = checksum(tag, &unit[PREFIX..]);
        let begin = self.mask(&mut unit[PREFIX..]);
        unit[5..PREFIX].copy_from_slice(&keyed(plain, begin).to_be_bytes());
        unit
    }

    /// Opens a payload in place; whether it is what its peer has sealed, in its turn.
    fn decode(&mut self, tag: u8, check: u32, payload: &mut [u8]) -> bool {
        let begin = self.mask(payload);
        keyed(checksum(tag, payload), begin) == check
    }
}

fn checksum(tag: u8, payload: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    payload.iter().fold(step(0xcbf2_9ce4_8422_2325, &tag), step)
}

fn keyed(sum: u64, begin: u64) -> u32 {
    let mixed = (sum ^ begin).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::from_be_bytes(*mixed.to_be_bytes().first_chunk().unwrap_or(&[0; 4]))
}
