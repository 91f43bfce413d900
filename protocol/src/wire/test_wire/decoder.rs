use std::collections::VecDeque;

use super::{CONTROLS, Direction, Keys, MAX_CONTROL, MESSAGE, PREFIX};
use crate::wire::codec::DecodeError;
use crate::wire::item::Item;
use crate::wire::large_body::LargeBody;
use crate::{Control, ControlKind};

/// A larger body is read into memory of its own.
const DIRECT: usize = 32 * 1024;

/// Cuts a stream into items.
#[derive(Debug)]
pub struct Decoder {
    direction: Direction,
    limit: u64,
    /// Opened, oldest first.
    opened: VecDeque<(u8, Vec<u8>)>,
    /// The body of the control that was given last.
    said: Vec<u8>,
    /// A large message under way, and its checksum.
    large: Option<(u32, LargeBody)>,
    error: Option<DecodeError>,
}

/// What stands in front of a payload.
struct Prefix {
    tag: u8,
    length: usize,
    check: u32,
}

impl Decoder {
    pub(in crate::wire) fn new(keys: Keys, limit: u64) -> Self {
        let direction = Direction { sealed: keys.sealed, key: keys.receive, number: 0 };
        let (opened, said) = (VecDeque::new(), Vec::new());
        Self { direction, limit, opened, said, large: None, error: None }
    }

    pub(in crate::wire) fn open(&mut self, input: &mut &[u8]) {
        while self.direction.sealed && self.large.is_none() && self.error.is_none() {
            match self.open_next(input) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => self.error = Some(error),
            }
        }
    }

    /// Opens one unit that is not large; whether there was one.
    fn open_next(&mut self, input: &mut &[u8]) -> Result<bool, DecodeError> {
        let Some((prefix, rest)) = self.prefix(input)? else { return Ok(false) };
        if prefix.length > DIRECT && prefix.tag == MESSAGE {
            return Ok(false);
        }
        let Some((payload, rest)) = rest.split_at_checked(prefix.length) else { return Ok(false) };
        let mut payload = payload.to_vec();
        self.decode(&prefix, &mut payload)?;
        self.opened.push_back((prefix.tag, payload));
        *input = rest;
        Ok(true)
    }

    pub(in crate::wire) fn next<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        memory: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<Option<Item<'a>>, DecodeError> {
        self.open(input);
        if self.opened.is_empty() && self.large.is_some() {
            self.resume(input)?;
        }
        if let Some((tag, payload)) = self.opened.pop_front() {
            let Some(kind) = kind(tag) else { return Ok(Some(Item::Large(payload))) };
            self.said = payload;
            return Ok(Some(Item::Control(Control { kind, body: &self.said })));
        }
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.large.is_some() {
            return Ok(None);
        }
        let Some((prefix, rest)) = self.prefix(input)? else { return Ok(None) };
        if prefix.length > DIRECT && prefix.tag == MESSAGE {
            *input = rest;
            self.large =
                Some((prefix.check, LargeBody { bytes: memory(prefix.length), length: prefix.length }));
            self.resume(input)?;
            let whole = self.opened.pop_front().map(|(_, payload)| payload);
            return Ok(whole.map(Item::Large));
        }
        let Some((payload, beyond)) = rest.split_at_checked(prefix.length) else { return Ok(None) };
        // What is sealed was opened above.
        self.decode(&prefix, &mut payload.to_vec())?;
        *input = beyond;
        Ok(Some(match kind(prefix.tag) {
            Some(kind) => Item::Control(Control { kind, body: payload }),
            None => Item::Front { window: rest, length: prefix.length },
        }))
    }

    pub(in crate::wire) fn body(&mut self) -> Option<&mut Vec<u8>> {
        let (_, large) = self.large.as_mut()?;
        large.make_room_to_read();
        Some(&mut large.bytes)
    }

    /// One that cannot be opened is told of by the next call of `open` or `next`.
    pub(in crate::wire) fn finish_body(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        let (check, large) = self.large.take_if(|(_, large)| large.missing() == 0)?;
        let (mut body, beyond) = large.finish();
        let prefix = Prefix { tag: MESSAGE, length: body.len(), check };
        match self.decode(&prefix, &mut body) {
            Ok(()) => Some((body, beyond)),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    pub(in crate::wire) fn is_within_body(&self) -> bool {
        self.large.is_some()
    }

    pub(in crate::wire) fn ahead(&self) -> Option<usize> {
        self.large.as_ref().map(|(_, large)| large.next_read())
    }

    pub(in crate::wire) fn missing(&self, rest: &[u8]) -> Option<usize> {
        if !self.opened.is_empty() {
            return Some(0);
        }
        if let Some((_, large)) = &self.large {
            return Some(large.missing());
        }
        let (prefix, payload) = self.prefix(rest).ok().flatten()?;
        Some(prefix.length.saturating_sub(payload.len()))
    }

    pub(in crate::wire) fn bytes(&self) -> usize {
        let opened: usize = self.opened.iter().map(|(_, payload)| payload.len()).sum();
        opened + self.large.as_ref().map_or(0, |(_, large)| large.bytes.len())
    }

    /// Moves to the large body what there is of it.
    fn resume(&mut self, input: &mut &[u8]) -> Result<(), DecodeError> {
        let Some((_, large)) = &mut self.large else { return Ok(()) };
        if !large.take_from(input) {
            return Err(DecodeError::NoMemory);
        }
        if let Some((body, _)) = self.finish_body() {
            self.opened.push_back((MESSAGE, body));
        }
        self.error.map_or(Ok(()), Err)
    }

    fn decode(&mut self, prefix: &Prefix, payload: &mut [u8]) -> Result<(), DecodeError> {
        // What cannot be opened is of no type.
        let genuine = self.direction.decode(prefix.tag, prefix.check, payload);
        if genuine { Ok(()) } else { Err(DecodeError::FrameType(prefix.tag)) }
    }

    fn prefix<'a>(&self, input: &'a [u8]) -> Result<Option<(Prefix, &'a [u8])>, DecodeError> {
        let Some((&[tag, a, b, c, d, check @ ..], rest)) = input.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([a, b, c, d]);
        let limit = match kind(tag) {
            Some(_) => MAX_CONTROL as u64,
            None if tag == MESSAGE => self.limit,
            None => return Err(DecodeError::FrameType(tag)),
        };
        if u64::from(length) > limit {
            return Err(DecodeError::TooLarge { length: length.into(), limit });
        }
        let (length, check) = (length as usize, u32::from_be_bytes(check));
        Ok(Some((Prefix { tag, length, check }, rest)))
    }
}

fn kind(tag: u8) -> Option<ControlKind> {
    CONTROLS.get(usize::from(tag.checked_sub(1)?)).copied()
}
