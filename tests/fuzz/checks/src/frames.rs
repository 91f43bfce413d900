use hubless_transport::{FramesError, Message};

/// Frames that are unpacked, at most.
const MOST: usize = 64 * 1024;

/// Bytes are unpacked to the frames that RFC 50 of `ZeroMQ` says, or refused where it knows no such message; what was unpacked is
/// packed to bytes that are unpacked to the same; and no border is lost or moved when bytes are taken off the front.
///
/// The first byte says how many are taken off; the others are what arrives.
pub fn frames(input: &[u8]) {
    let Some((front, packed)) = input.split_first() else { return };
    let expected = expected(packed);
    let unpacked = Message::from(packed).unpack();
    let Ok(message) = unpacked else {
        assert_eq!(unpacked.err(), expected.err(), "of {packed:?}");
        return;
    };
    let expected = expected.expect("what is unpacked is a message");
    assert!(message.frames().eq(expected.iter().copied()), "{packed:?} is {expected:?} and not {message:?}");
    let again = message.pack().expect("as few frames as there were, none of them longer");
    assert!(again.len() <= packed.len().max(1), "{packed:?} has grown to {again:?}");
    assert_eq!(again.unpack().as_ref(), Ok(&message));
    let count = usize::from(*front).min(message.len());
    let mut shortened = message.clone();
    shortened.advance(count);
    assert_eq!(shortened, message[count..]);
    let gone = message.frame_count() - shortened.frame_count();
    assert!(
        shortened.frames().skip(1).eq(expected.iter().copied().skip(gone + 1)),
        "{count} bytes of {message:?}"
    );
    assert!(expected[gone].ends_with(shortened.frame(0).expect("there is one")));
}

/// The frames that the specification says; none of it are one that is empty.
fn expected(packed: &[u8]) -> Result<Vec<&[u8]>, FramesError> {
    let (mut frames, mut rest) = (Vec::new(), packed);
    while let Some((&first, behind)) = rest.split_first() {
        if frames.len() == MOST {
            return Err(FramesError::TooMany);
        }
        let (length, behind) = match (first, behind) {
            (255, [a, b, c, d, behind @ ..]) => {
                ([a, b, c, d].into_iter().fold(0, |length, byte| length << 8 | u64::from(*byte)), behind)
            }
            (255, _) => return Err(FramesError::Truncated),
            (short, behind) => (u64::from(short), behind),
        };
        if length > behind.len() as u64 {
            return Err(FramesError::Truncated);
        }
        let (frame, behind) = behind.split_at(usize::try_from(length).expect("as long as a slice at most"));
        frames.push(frame);
        rest = behind;
    }
    if frames.is_empty() {
        frames.push(&[]);
    }
    Ok(frames)
}
