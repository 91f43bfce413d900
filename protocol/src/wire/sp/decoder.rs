use super::{Framing, IN_BAND, type_bytes};
use crate::wire::codec::DecodeError;
use crate::wire::item::Item;
use crate::wire::large_body::LargeBody;

/// The largest body that is left in the read buffer until it is complete. A larger one is read into memory of its
/// own, which saves the copy; a smaller one is not worth the read call.
const DIRECT: u64 = 32 * 1024;

/// Cuts one byte stream into messages: SP has nothing else.
#[derive(Debug)]
pub struct Decoder {
    type_bytes: usize,
    limit: u64,
    large: Option<LargeBody>,
}

impl Decoder {
    /// For a stream of this framing. Longer messages than `max_message` bytes, the pattern's header included, are
    /// refused.
    #[inline]
    pub fn new(framing: Framing, max_message: u64) -> Self {
        Self { type_bytes: type_bytes(framing), limit: max_message, large: None }
    }

    /// Takes the next message from the front of `input` and shortens `input` by exactly what it consumed. `None`:
    /// more bytes are needed. A frame with a body of up to 32 KiB stays in `input` until it is complete; a larger
    /// body is consumed as far as it goes and then continues through [`body`](Self::body), or through here. `memory` may
    /// have some for a large body of the length it is told; what it gives is empty, and may have no capacity.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`]: the stream is of no use any more.
    #[inline]
    pub fn next<'a>(
        &mut self,
        input: &mut &'a [u8],
        memory: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<Option<Item<'a>>, DecodeError> {
        if self.large.is_some() {
            return Ok(self.resume(input)?.map(Item::Large));
        }
        let Some((length, rest)) = self.prefix(input)? else { return Ok(None) };
        // Within u64 until it is known to be small: a claim may exceed usize (sp.md section 12, row 8).
        if length > DIRECT {
            *input = rest;
            return self.start(length, input, memory);
        }
        let Some((length, beyond)) =
            usize::try_from(length).ok().and_then(|length| Some((length, rest.get(length..)?)))
        else {
            return Ok(None);
        };
        *input = beyond;
        Ok(Some(Item::Front { window: rest, length }))
    }

    /// The large body under way, with spare capacity for a read to append to: at least one byte, normally no more
    /// than are missing, never more than 64 KiB or as many as have arrived, whichever is more. `None` when no large
    /// body is under way.
    #[inline]
    pub fn body(&mut self) -> Option<&mut Vec<u8>> {
        let large = self.large.as_mut()?;
        large.make_room_to_read();
        Some(&mut large.bytes)
    }

    /// After a read into [`body`](Self::body): the body if it is complete now, and the bytes read beyond it, for
    /// an allocator may give more capacity than asked for.
    #[inline]
    pub fn finish_body(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        self.large.take_if(|large| large.missing() == 0).map(LargeBody::finish)
    }

    /// Whether a large body is under way.
    #[inline]
    pub fn is_within_body(&self) -> bool {
        self.large.is_some()
    }

    /// How much the next read into [`body`](Self::body) may bring. `None` when no large body is under way.
    #[inline]
    pub fn ahead(&self) -> Option<usize> {
        self.large.as_ref().map(LargeBody::next_read)
    }

    /// How many bytes are missing of the message under way, of which the input that was not consumed is `rest`. Nothing as long as its
    /// length has not come.
    #[inline]
    pub fn missing(&self, rest: &[u8]) -> Option<usize> {
        if let Some(large) = &self.large {
            return Some(large.missing());
        }
        let (length, body) = self.prefix(rest).ok().flatten()?;
        Some(usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(body.len()))
    }

    /// How many bytes of a large body have arrived; none when none is under way.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.large.as_ref().map_or(0, |large| large.bytes.len())
    }

    /// The length of the frame at the front, judged, and what follows its prefix.
    #[inline]
    fn prefix<'a>(&self, input: &'a [u8]) -> Result<Option<(u64, &'a [u8])>, DecodeError> {
        let Some((types, rest)) = input.split_at_checked(self.type_bytes) else { return Ok(None) };
        if let Some(&other) = types.first()
            && other != IN_BAND
        {
            return Err(DecodeError::FrameType(other));
        }
        let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
        let length = u64::from_be_bytes(*length);
        if length > self.limit {
            return Err(DecodeError::TooLarge { length, limit: self.limit });
        }
        Ok(Some((length, rest)))
    }

    #[cold]
    fn start<'a>(
        &mut self,
        length: u64,
        input: &mut &'a [u8],
        memory: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<Option<Item<'a>>, DecodeError> {
        let Ok(most) = usize::try_from(length) else {
            return Err(DecodeError::TooLarge { length, limit: usize::MAX as u64 });
        };
        self.large = Some(LargeBody { bytes: memory(most), length: most });
        Ok(self.resume(input)?.map(Item::Large))
    }

    /// Moves to the large body what there is of it.
    #[cold]
    fn resume(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
        let Some(large) = self.large.as_mut() else { return Ok(None) };
        if !large.take_from(input) {
            return Err(DecodeError::NoMemory);
        }
        Ok(self.finish_body().map(|(body, _)| body))
    }
}

#[cfg(test)]
mod tests;
