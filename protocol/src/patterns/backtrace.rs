use hubless_transport::Header;

use crate::patterns::{Incoming, Key, Loss, ProtocolViolation, Verdict};

/// The bit that tells an id from a hop (sp.md section 7).
pub(super) const ID: u32 = 0x8000_0000;

/// Whether a word ends a backtrace.
#[inline]
pub(super) fn is_id(word: u32) -> bool {
    word & ID != 0
}

/// Removes the words up to and including the id, at most `ttl` of them, from the front of a message. The scan ends
/// there, so that a long header costs nothing (sp.md section 12, row 14).
#[inline]
pub(super) fn take_backtrace(incoming: &mut Incoming<'_>, ttl: u8) -> Result<Header, Verdict> {
    take_words(incoming, ttl)?.ok_or(Verdict::Drop(Loss::TooManyHops))
}

/// The same with `None` where there is no id within `most` words.
pub(super) fn take_words(incoming: &mut Incoming<'_>, most: u8) -> Result<Option<Header>, Verdict> {
    let mut backtrace = Header::new();
    for _ in 0..most {
        let word = incoming.take_word().ok_or(Verdict::Close(ProtocolViolation::MalformedHeader))?;
        backtrace.push_word(word);
        if is_id(word) {
            return Ok(Some(backtrace));
        }
    }
    Ok(None)
}

/// Removes the id an answer begins with. An answer that is not for an origin, but on its way through it, is a stray.
#[inline]
pub(super) fn take_id(incoming: &mut Incoming<'_>) -> Result<Key, Verdict> {
    match incoming.take_word() {
        Some(word) if is_id(word) => Ok(word),
        Some(_) => Err(Verdict::Drop(Loss::Stray)),
        None => Err(Verdict::Close(ProtocolViolation::MalformedHeader)),
    }
}
