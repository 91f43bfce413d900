use std::io;

use crate::KEY;

/// The largest body of a record.
pub(crate) const LARGEST: usize = 4096;
/// Type and length.
const HEAD: usize = 3;
/// What bodies are scrambled with, so that a byte that passes by the layer shows.
const SCRAMBLE: u8 = 0x5a;

/// What two ends say to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Record {
    /// A round of the handshake, with the key of who says it and what it offers.
    Hello { round: u8, key: [u8; KEY], offer: String },
    /// Bytes of the user, plain.
    Data(Vec<u8>),
    /// Asks for a sign of life.
    Ask,
    /// Gives one, for all that were asked for since the last.
    Answer,
}

impl Record {
    pub(crate) fn encode(&self, into: &mut Vec<u8>) {
        let (kind, body) = match self {
            Self::Hello { round, key, offer } => (0, [&[*round][..], key, offer.as_bytes()].concat()),
            Self::Data(plain) => (1, plain.clone()),
            Self::Ask => (2, Vec::new()),
            Self::Answer => (3, Vec::new()),
        };
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
        into.push(kind);
        into.extend(length.to_be_bytes());
        into.extend(body.iter().map(|byte| byte ^ SCRAMBLE));
    }

    /// How long the first record is, with its head, if all of it is here.
    pub(crate) fn length(raw: &[u8]) -> io::Result<Option<usize>> {
        let Some([_, high, low]) = raw.first_chunk::<HEAD>() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length > LARGEST {
            return Err(malformed());
        }
        Ok((raw.len() >= HEAD + length).then_some(HEAD + length))
    }

    /// The record that these bytes are.
    pub(crate) fn decode(raw: &[u8]) -> io::Result<Self> {
        let (head, body) = raw.split_first_chunk::<HEAD>().ok_or_else(malformed)?;
        let plain: Vec<u8> = body.iter().map(|byte| byte ^ SCRAMBLE).collect();
        match (head[0], plain.split_first()) {
            (0, Some((round, rest))) => {
                let (key, offer) = rest.split_first_chunk().ok_or_else(malformed)?;
                let offer = str::from_utf8(offer).map_err(|_| malformed())?.to_owned();
                Ok(Self::Hello { round: *round, key: *key, offer })
            }
            (1, Some(_)) => Ok(Self::Data(plain)),
            (2, None) => Ok(Self::Ask),
            (3, None) => Ok(Self::Answer),
            _ => Err(malformed()),
        }
    }
}

pub(crate) fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "this is no record of the layer")
}
