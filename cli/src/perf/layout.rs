//! How a body of a measured message looks, the same at both ends.
//!
//! First its number, in 8 bytes, the lowest first; in a shorter body as many of them as fit. The upper 16 bits of the
//! number are the lane, which is the sender's socket. Then bytes that depend on their position alone.

/// Bytes of the number.
pub(super) const NUMBER: usize = size_of::<u64>();
/// Where the lane begins in the number.
pub(super) const LANE_SHIFT: u32 = 48;

/// The byte at this position behind the number.
#[expect(clippy::cast_possible_truncation, reason = "it is below 251")]
pub(super) fn byte(position: usize) -> u8 {
    // A prime, so that a body that is shifted by a power of two is not taken for a whole one.
    (position % 251) as u8
}

/// The length of the message that says that no more come: one that no message has.
pub(super) fn end_marker(size: usize) -> usize {
    usize::from(size == 0)
}
