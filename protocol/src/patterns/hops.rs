use crate::patterns::{Incoming, Loss, ProtocolViolation, Verdict};

/// The most a PAIR v1 word may count; its other bytes are zero (sp.md section 8.6).
pub(super) const MOST_HOPS: u32 = 255;

/// Removes the word with which every PAIR v1 message begins, and returns how many hops lie behind it.
#[inline]
pub(super) fn take_hop(incoming: &mut Incoming<'_>, ttl: u8) -> Result<u32, Verdict> {
    match incoming.take_word() {
        Some(hops) if hops <= u32::from(ttl) => Ok(hops),
        Some(hops) if hops <= MOST_HOPS => Err(Verdict::Drop(Loss::TooManyHops)),
        _ => Err(Verdict::Close(ProtocolViolation::MalformedHeader)),
    }
}
