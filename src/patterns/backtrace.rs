use hubless_transport::{Header, Message, Packet};

use crate::patterns::{Breach, Key, Loss, Verdict};

/// The bit that tells an id from a hop (sp.md section 7).
pub(crate) const ID: u32 = 0x8000_0000;

/// Whether a word ends a backtrace.
pub(crate) fn is_id(word: u32) -> bool {
    word & ID != 0
}

/// Removes the words up to and including the id, at most `ttl` of them, from the front of a message. The scan ends
/// there, so that a long header costs nothing (sp.md section 12, row 14).
#[inline]
pub(crate) fn take_backtrace(packet: &mut Packet, ttl: u8) -> Result<Header, Verdict> {
    take_words(packet, ttl)?.ok_or(Verdict::Drop(Loss::TooManyHops))
}

/// The same with `None` where there is no id within `most` words.
pub(crate) fn take_words(packet: &mut Packet, most: u8) -> Result<Option<Header>, Verdict> {
    let mut backtrace = Header::new();
    for _ in 0..most {
        let word = packet.take_word().ok_or(Verdict::Close(Breach::MalformedHeader))?;
        backtrace.push_word(word);
        if is_id(word) {
            return Ok(Some(backtrace));
        }
    }
    Ok(None)
}

/// Removes the id an answer begins with. An answer that is not for an origin, but on its way through it, is a stray.
#[inline]
pub(crate) fn take_id(packet: &mut Packet) -> Result<Key, Verdict> {
    match packet.take_word() {
        Some(word) if is_id(word) => Ok(word),
        Some(_) => Err(Verdict::Drop(Loss::Stray)),
        None => Err(Verdict::Close(Breach::MalformedHeader)),
    }
}

/// What is left of a packet as one message: the user's. A header that goes on after the words that were taken is no
/// header but the start of the body, as it would be on a byte stream.
#[inline]
pub(crate) fn into_body(packet: Packet) -> Message {
    let Packet { header, body, .. } = packet;
    if header.is_empty() { body } else { [header.as_slice(), &body].concat().into() }
}
