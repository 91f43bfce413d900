use hubless_protocol::Role;
use hubless_protocol::wire::handshake::{Handshake, Refusal, Step};
use hubless_protocol::wire::{Form, Greeting, Turn, greeting as of_role};

/// The bytes of a greeting of which each is judged as it comes.
const JUDGED_AT_ONCE: usize = 4;

/// A greeting is complete when it is the one of the peer, byte for byte, and is refused otherwise: at its first wrong byte,
/// or the end of the field that is wrong; and what was once refused stays so, for the same reason. What comes behind it is kept. It
/// is all the same in how many pieces it comes, and whether we greet first.
///
/// The first byte is the number of the role we have; the others are what arrives.
pub fn greeting(input: &[u8]) {
    let Some((number, received)) = input.split_first() else { return };
    let Some(role) = Role::from_number(u16::from(*number)) else { return };
    let [peer] = *role.peers() else { return };
    let right = of_role(peer);
    let (mut hears, mut speaks) = (machine(role, Turn::HearsFirst), machine(role, Turn::SpeaksFirst));
    let mut refused = None;
    for length in 0..=received.len().min(2 * right.len()) {
        let arrived = &received[..length];
        let newest = &arrived[length.saturating_sub(1)..];
        let judged = speaks.advance(newest);
        assert_eq!(is_known(&judged), is_known(&machine(role, Turn::SpeaksFirst).advance(arrived)));
        assert_hears_alike(&hears.advance(newest), &judged, length == right.len());
        let like = arrived.iter().zip(right).take_while(|(byte, right)| *byte == right).count();
        match judged {
            Ok(Step::Done(session)) => {
                assert_eq!((session.peer.role, like), (peer, right.len()), "{arrived:?} is no greeting");
                assert_eq!(hears.outgoing(), b"");
            }
            Ok(Step::NeedMore) => {
                assert!(length < right.len(), "{arrived:?} is all there is to a greeting");
                let tolerated = if like < JUDGED_AT_ONCE { like } else { like | 1 };
                assert!(length <= tolerated, "{arrived:?} went wrong after {like} bytes");
            }
            Ok(Step::Ask(_)) => panic!("one that speaks first asks"),
            Err(refusal) => {
                assert!(like < length.min(right.len()), "{arrived:?} is the beginning of a greeting");
                assert_named(refusal, arrived);
                assert_eq!(*refused.get_or_insert(refusal), refusal, "at {arrived:?}");
            }
        }
        assert_eq!(refused, judged_refusal(&speaks.advance(&[])), "{arrived:?} was refused and is no longer");
    }
    let taken = received.len().min(2 * right.len());
    assert_eq!(speaks.surplus(), received[right.len().min(taken)..taken]);
}

fn machine(role: Role, turn: Turn) -> Greeting {
    Greeting::new(role, Form::Greeting, turn)
}

fn judged_refusal(judged: &Result<Step, Refusal>) -> Option<Refusal> {
    judged.as_ref().err().copied()
}

/// Whether the peer is known, or why it is refused.
fn is_known(judged: &Result<Step, Refusal>) -> Result<bool, Refusal> {
    judged.as_ref().map(|step| *step != Step::NeedMore).map_err(|refusal| *refusal)
}

/// One that hears first asks where the other is done, and once.
#[track_caller]
fn assert_hears_alike(hears: &Result<Step, Refusal>, speaks: &Result<Step, Refusal>, complete: bool) {
    match (hears, speaks) {
        (Ok(Step::Ask(asked)), Ok(Step::Done(session))) => assert!(complete && *asked == session.peer),
        (Ok(Step::NeedMore), Ok(Step::Done(_))) => assert!(!complete),
        _ => assert_eq!(hears, speaks),
    }
}

/// The reason is the field that is wrong, and its value.
#[track_caller]
fn assert_named(refusal: Refusal, arrived: &[u8]) {
    let field = |at| u16::from_be_bytes([arrived[at], arrived[at + 1]]);
    match refusal {
        Refusal::UnknownProtocol => assert!(!arrived.starts_with(b"\0SP")),
        Refusal::UnknownVersion(version) => assert_eq!((version, version == 0), (arrived[3], false)),
        Refusal::WrongPattern(number) => assert_eq!(number, field(4)),
        Refusal::ReservedBytes(value) => assert_eq!((value, value == 0), (field(6), false)),
    }
}
