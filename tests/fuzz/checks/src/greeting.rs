use hubless_protocol::patterns::Role;
use hubless_protocol::wire::handshake::{self, HandshakeError, Progress};

/// The octets of a greeting of which each is judged as it comes.
const JUDGED_AT_ONCE: usize = 4;

/// A greeting is complete when it is the one of the peer, octet for octet, and is refused otherwise: at its first wrong octet,
/// or the end of the field that is wrong; and what was once refused stays so, for the same reason.
///
/// The first octet is the number of the role we have; the others are what arrives.
pub fn greeting(input: &[u8]) {
    let Some((number, received)) = input.split_first() else { return };
    let peer = Role::from_number(u16::from(*number)).map_or(0xffff, |role| role.peer().number());
    let right = handshake::greeting(peer);
    let mut refused = None;
    for length in 0..=received.len().min(2 * right.len()) {
        let arrived = &received[..length];
        let judged = handshake::check(arrived, peer);
        let like = arrived.iter().zip(right).take_while(|(octet, right)| *octet == right).count();
        match judged {
            Ok(Progress::Complete) => assert_eq!(like, right.len(), "{arrived:?} is no greeting"),
            Ok(Progress::NeedMore) => {
                assert!(length < right.len(), "{arrived:?} is all there is to a greeting");
                let tolerated = if like < JUDGED_AT_ONCE { like } else { like | 1 };
                assert!(length <= tolerated, "{arrived:?} went wrong after {like} octets");
            }
            Err(error) => {
                assert!(like < length.min(right.len()), "{arrived:?} is the beginning of a greeting");
                assert_named(error, arrived);
                assert_eq!(*refused.get_or_insert(error), error, "at {arrived:?}");
            }
        }
        assert_eq!(refused, judged.err(), "{arrived:?} was refused and is no longer");
    }
}

/// The reason is the field that is wrong, and its value.
#[track_caller]
fn assert_named(error: HandshakeError, arrived: &[u8]) {
    let field = |at| u16::from_be_bytes([arrived[at], arrived[at + 1]]);
    match error {
        HandshakeError::NotSp => assert!(!arrived.starts_with(b"\0SP")),
        HandshakeError::Version(version) => assert_eq!((version, version == 0), (arrived[3], false)),
        HandshakeError::Protocol(number) => assert_eq!(number, field(4)),
        HandshakeError::Reserved(value) => assert_eq!((value, value == 0), (field(6), false)),
    }
}
