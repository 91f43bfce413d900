use hubless_protocol::wire::{Codec, DecodeError, Decoder, Framing, Item};

use crate::written::assert_written;

/// The limits a stream may be read with, chosen by the input.
const LIMITS: [u64; 5] = [u64::MAX, 0, 9, 64 * 1024, 1 << 20];

/// What a claim alone may cost.
const STEP: usize = 64 * 1024;

/// What a stream comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    messages: Vec<Vec<u8>>,
    error: Option<DecodeError>,
}

/// A stream is cut into the same messages and ends in the same error whether it arrives in one piece or in many, and
/// those are the ones docs/sp.md says. Memory is taken for bytes that have arrived, not for those that were claimed. What
/// was read is written as the same bytes again.
///
/// The first byte chooses framing and limit; the others are the stream.
pub fn stream(input: &[u8]) {
    let Some((choice, stream)) = input.split_first() else { return };
    let framing = if choice & 1 == 1 { Framing::TypedLength } else { Framing::Length };
    let limit = LIMITS[usize::from(choice >> 1) % LIMITS.len()];
    let (expected, length) = expected(framing, limit, stream);
    for piece in [usize::MAX, 1, 7] {
        for direct in [false, true] {
            let reader = Reader::new(framing, limit, direct);
            assert_eq!(reader.read(stream, piece), expected, "in pieces of {piece}, direct: {direct}");
        }
    }
    assert_written(framing, &expected.messages, &stream[..length]);
}

/// What a stream comes to by docs/sp.md sections 4 and 5, and the length of its whole messages.
fn expected(framing: Framing, limit: u64, stream: &[u8]) -> (Outcome, usize) {
    let (mut outcome, mut rest) = (Outcome::default(), stream);
    loop {
        let whole = stream.len() - rest.len();
        match next(framing, limit, &mut rest) {
            Ok(Some(message)) => outcome.messages.push(message),
            Ok(None) => return (outcome, whole),
            Err(error) => {
                outcome.error = Some(error);
                return (outcome, whole);
            }
        }
    }
}

/// Removes the first message.
fn next(framing: Framing, limit: u64, stream: &mut &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
    let mut rest = *stream;
    if framing == Framing::TypedLength {
        match rest.split_first() {
            None => return Ok(None),
            Some((1, after)) => rest = after,
            Some((other, _)) => return Err(DecodeError::FrameType(*other)),
        }
    }
    let Some((length, rest)) = rest.split_at_checked(8) else { return Ok(None) };
    let length = length.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
    if length > limit {
        return Err(DecodeError::TooLarge { length, limit });
    }
    if length > rest.len() as u64 {
        return Ok(None);
    }
    let (body, rest) = rest.split_at(usize::try_from(length).expect("as long as a slice at most"));
    *stream = rest;
    Ok(Some(body.to_vec()))
}

/// Reads a stream as the engine does.
struct Reader {
    decoder: Decoder,
    /// Large bodies are read where they are to be, rather than passed through the buffer.
    direct: bool,
    buffer: Vec<u8>,
    outcome: Outcome,
}

impl Reader {
    fn new(framing: Framing, limit: u64, direct: bool) -> Self {
        let decoder = Decoder::new(Codec::Sp, framing, limit);
        Self { decoder, direct, buffer: Vec::new(), outcome: Outcome::default() }
    }

    /// What a stream comes to that arrives in pieces of this size.
    fn read(mut self, mut stream: &[u8], piece: usize) -> Outcome {
        while !stream.is_empty() && self.outcome.error.is_none() {
            let arrives = piece.min(stream.len());
            let taken = if self.direct { self.read_body(&stream[..arrives]) } else { 0 };
            let taken = if taken == 0 { self.read_buffer(&stream[..arrives]) } else { taken };
            stream = &stream[taken..];
        }
        self.outcome
    }

    /// Reads into the large body that is under way, if one is.
    fn read_body(&mut self, piece: &[u8]) -> usize {
        let Some(body) = self.decoder.body() else { return 0 };
        let room = body.capacity() - body.len();
        assert!(room > 0, "a read of nothing looks like the end");
        assert!(room <= STEP.max(body.len()), "{room} bytes for a claim, of which {} are here", body.len());
        let taken = piece.len().min(room);
        body.extend_from_slice(&piece[..taken]);
        if let Some((body, beyond)) = self.decoder.finish_body() {
            self.outcome.messages.push(body);
            self.read_buffer(&beyond);
        }
        taken
    }

    /// Reads into the buffer, and takes out all that there is.
    fn read_buffer(&mut self, piece: &[u8]) -> usize {
        self.buffer.extend_from_slice(piece);
        let mut rest = &self.buffer[..];
        let before = rest.len();
        self.decoder.open(&mut rest);
        assert_eq!(rest.len(), before, "SP has nothing to open");
        loop {
            match self.decoder.next(&mut rest, |_| Vec::new()) {
                Ok(Some(Item::Front { window, length })) => {
                    self.outcome.messages.push(window[..length].to_vec());
                }
                Ok(Some(Item::Large(body))) => {
                    let spare = body.capacity() - body.len();
                    assert!(spare <= STEP.max(body.len()), "{spare} bytes too many");
                    self.outcome.messages.push(body);
                }
                Ok(Some(Item::Control(control))) => panic!("SP has no {control:?}"),
                Ok(None) => break,
                Err(error) => {
                    self.outcome.error = Some(error);
                    break;
                }
            }
        }
        let parsed = self.buffer.len() - rest.len();
        self.buffer.drain(..parsed);
        piece.len()
    }
}
