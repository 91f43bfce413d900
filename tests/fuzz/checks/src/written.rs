use hubless_protocol::wire::{Codec, Encoder, Framing};
use hubless_transport::Message;
use smallvec::SmallVec;

/// These messages are written as these bytes, however many a write takes, and however the bytes of a message are shared
/// between header and body; and what was not written comes back.
pub(crate) fn assert_written(framing: Framing, messages: &[Vec<u8>], bytes: &[u8]) {
    for (words, most) in [(0, usize::MAX), (1, 1000), (2, 7)] {
        let mut encoder = queued(framing, messages, 4 * words);
        assert_eq!((encoder.bytes(), encoder.messages()), (bytes.len(), messages.len()));
        let mut written = Vec::new();
        let mut left = 0;
        while !encoder.is_empty() {
            let piece = offered(&mut encoder, most);
            left += encoder.advance(piece.len());
            written.extend(piece);
            assert_eq!(encoder.messages(), messages.len() - left);
        }
        assert!(written == bytes, "what is written is not what was read");
    }
    let mut encoder = queued(framing, messages, 4);
    let left = encoder.advance(bytes.len() / 2);
    let back: Vec<Vec<u8>> = encoder.recover().iter().map(|packet| packet.body.to_vec()).collect();
    assert!(back == messages[left..], "what was not written does not come back");
}

fn queued(framing: Framing, messages: &[Vec<u8>], header: usize) -> Encoder {
    let mut encoder = Encoder::new(Codec::Sp, framing);
    for message in messages {
        let (header, body) = message.split_at(header.min(message.len()));
        encoder.push(header, &mut Message::from(body));
    }
    encoder
}

/// What a write takes of what it is offered.
fn offered(encoder: &mut Encoder, most: usize) -> Vec<u8> {
    let mut slices = SmallVec::new();
    encoder.slices(&mut slices);
    let bytes = slices.iter().flat_map(|slice| slice.iter().copied());
    let piece: Vec<u8> = bytes.take(most).collect();
    assert!(!piece.is_empty(), "nothing is offered of what is there");
    piece
}
