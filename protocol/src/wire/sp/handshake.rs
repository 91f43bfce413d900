//! The greeting of SP: what each side sends first, and what is accepted (sp.md section 3).

/// How many octets each side sends before its first message.
pub const GREETING: usize = 8;

/// The start of every greeting, up to the version.
const MAGIC: [u8; 3] = [0, b'S', b'P'];

/// How far a greeting has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All well so far; octets are missing.
    NeedMore,
    /// The peer is the one we talk to. What follows the greeting are its first frames.
    Complete,
}

/// Why a peer is not one to talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeError {
    /// It speaks something else.
    NotSp,
    /// It speaks an SP that does not exist yet.
    Version(u8),
    /// The reserved octets are not zero.
    Reserved(u16),
    /// It is the wrong end or another pattern; this is its number.
    Protocol(u16),
}

/// What an endpoint with this number sends first (sp.md section 2).
pub fn greeting(protocol: u16) -> [u8; GREETING] {
    let [high, low] = protocol.to_be_bytes();
    [MAGIC[0], MAGIC[1], MAGIC[2], 0, high, low, 0, 0]
}

/// Checks what has arrived so far, which may be less or more than a greeting.
///
/// # Errors
///
/// The first byte that is wrong is an error at once (sp.md section 12, row 1). A field of two bytes is checked when both are
/// there, so that the error can name its value.
pub fn check(received: &[u8], expected: u16) -> Result<Progress, HandshakeError> {
    if received.iter().zip(MAGIC).any(|(octet, right)| *octet != right) {
        return Err(HandshakeError::NotSp);
    }
    match received.get(3) {
        None | Some(0) => {}
        Some(version) => return Err(HandshakeError::Version(*version)),
    }
    match field(received, 4) {
        Some(protocol) if protocol != expected => return Err(HandshakeError::Protocol(protocol)),
        _ => {}
    }
    match field(received, 6) {
        None => Ok(Progress::NeedMore),
        Some(0) => Ok(Progress::Complete),
        Some(reserved) => Err(HandshakeError::Reserved(reserved)),
    }
}

/// The two octets at `at` as a number, once they are there.
fn field(received: &[u8], at: usize) -> Option<u16> {
    received.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REP: u16 = 0x31;

    #[test]
    fn a_greeting_is_eight_octets_with_the_number_of_the_sender() {
        assert_eq!(greeting(0x30), [0x00, 0x53, 0x50, 0x00, 0x00, 0x30, 0x00, 0x00]);
        assert_eq!(greeting(0x0640), [0x00, 0x53, 0x50, 0x00, 0x06, 0x40, 0x00, 0x00]);
    }

    #[test]
    fn the_greeting_of_the_peer_is_accepted_octet_by_octet_and_with_frames_behind_it() {
        let received = [&greeting(REP)[..], &[0; 20]].concat();
        for length in 0..GREETING {
            assert_eq!(check(&received[..length], REP), Ok(Progress::NeedMore));
        }
        for length in GREETING..received.len() {
            assert_eq!(check(&received[..length], REP), Ok(Progress::Complete));
        }
    }

    #[test]
    fn other_protocols_are_refused_at_the_first_wrong_octet() {
        for other in
            [&b"GET / HTTP/1.1"[..], &[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f], &[0x16, 3], b"\0SQ", b"\0T"]
        {
            assert_eq!(check(other, REP), Err(HandshakeError::NotSp));
        }
        assert_eq!(check(b"G", REP), Err(HandshakeError::NotSp));
        assert_eq!(check(&[0xff], REP), Err(HandshakeError::NotSp));
    }

    #[test]
    fn another_version_and_reserved_octets_are_refused() {
        assert_eq!(check(b"\0SP\x01", REP), Err(HandshakeError::Version(1)));
        assert_eq!(check(b"\0SP\0\0\x31\0\x02", REP), Err(HandshakeError::Reserved(2)));
        assert_eq!(check(b"\0SP\0\0\x31\x01\0", REP), Err(HandshakeError::Reserved(0x0100)));
    }

    #[test]
    fn another_pattern_and_our_own_end_are_refused_with_their_number() {
        for number in [0x30, 0x60, 0x10, 0x11, 0x0640, 0, 0xffff] {
            let whole = greeting(number);
            assert_eq!(check(&whole, REP), Err(HandshakeError::Protocol(number)));
            assert_eq!(check(&whole[..6], REP), Err(HandshakeError::Protocol(number)));
        }
        assert_eq!(check(&greeting(0x11), 0x10), Err(HandshakeError::Protocol(0x11)));
    }
}
