use super::{Framing, IN_BAND, type_octets};

/// The largest body that is left in the read buffer until it is complete. A larger one is read into memory of its
/// own, which saves the copy; a smaller one is not worth the read call.
const DIRECT: u64 = 32 * 1024;

/// The memory that a claim alone is worth.
const STEP: usize = 64 * 1024;

/// Why a stream cannot be read on. Both close the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A frame claims more than the limit.
    TooLarge {
        /// What it claims.
        length: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A frame of a type that does not exist.
    FrameType(u8),
    /// None of the peer's: there is no memory for what has arrived of a large body.
    NoMemory,
}

/// Cuts one byte stream into messages.
#[derive(Debug)]
pub struct Decoder {
    type_octets: usize,
    limit: u64,
    large: Option<LargeBody>,
}

/// The body of a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// The first `length` octets of `window`, which is what there is of the input.
    Front {
        /// The input from the first byte of the body.
        window: &'a [u8],
        /// How long the body is, in bytes.
        length: usize,
    },
    /// Memory of its own.
    Large(Vec<u8>),
}

/// A body that is read into memory of its own.
#[derive(Debug)]
struct LargeBody {
    octets: Vec<u8>,
    length: usize,
}

impl Decoder {
    /// For a stream of this framing. Longer messages than `max_message` octets, the pattern's header included, are a
    /// violation.
    #[inline]
    pub fn new(framing: Framing, max_message: u64) -> Self {
        Self { type_octets: type_octets(framing), limit: max_message, large: None }
    }

    /// Takes the next message from the front of `input` and shortens `input` by exactly what it consumed. `None`:
    /// more octets are needed. A frame with a body of up to 32 KiB stays in `input` until it is complete; a larger
    /// body is consumed as far as it goes and then continues through [`body`](Self::body), or through here. `memory` may
    /// have some for a large body of the length it is told; what it gives is empty, and may have no capacity.
    ///
    /// # Errors
    ///
    /// A [`Violation`] of the protocol: the stream is of no use any more.
    #[inline]
    pub fn next<'a>(
        &mut self,
        input: &mut &'a [u8],
        memory: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<Option<Body<'a>>, Violation> {
        if self.large.is_some() {
            return Ok(self.resume(input)?.map(Body::Large));
        }
        let Some((length, rest)) = self.prefix(input)? else { return Ok(None) };
        // Within u64 until it is known to be small: a claim may exceed usize (sp.md section 12, row 8).
        if length > DIRECT {
            *input = rest;
            return self.start(length, input, memory);
        }
        let Some((length, beyond)) =
            usize::try_from(length).ok().and_then(|length| Some((length, rest.get(length..)?)))
        else {
            return Ok(None);
        };
        *input = beyond;
        Ok(Some(Body::Front { window: rest, length }))
    }

    /// The large body under way, with spare capacity for a read to append to: at least one octet, normally no more
    /// than are missing, never more than 64 KiB or as many as have arrived, whichever is more. `None` when no large
    /// body is under way.
    #[inline]
    pub fn body(&mut self) -> Option<&mut Vec<u8>> {
        let large = self.large.as_mut()?;
        large.make_room(1);
        Some(&mut large.octets)
    }

    /// After a read into [`body`](Self::body): the body if it is complete now, and the octets read beyond it, for
    /// an allocator may give more capacity than asked for.
    #[inline]
    pub fn finish_body(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        let LargeBody { mut octets, length } = self.large.take_if(|large| large.missing() == 0)?;
        let beyond = octets.split_off(length);
        Some((octets, beyond))
    }

    /// Whether a large body is under way.
    #[inline]
    pub fn is_within_body(&self) -> bool {
        self.large.is_some()
    }

    /// How much the next read into [`body`](Self::body) may bring. `None` when no large body is under way.
    #[inline]
    pub fn ahead(&self) -> Option<usize> {
        let large = self.large.as_ref()?;
        let spare = large.octets.capacity().saturating_sub(large.octets.len());
        Some(if spare > 0 { spare } else { large.ahead() })
    }

    /// How many octets are missing of the message under way, of which the input that was not consumed is `rest`. Nothing as long as its
    /// length has not come.
    #[inline]
    pub fn missing(&self, rest: &[u8]) -> Option<usize> {
        if let Some(large) = &self.large {
            return Some(large.missing());
        }
        let (length, body) = self.prefix(rest).ok().flatten()?;
        Some(usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(body.len()))
    }

    /// How many octets of a large body have arrived; none when none is under way.
    #[inline]
    pub fn octets(&self) -> usize {
        self.large.as_ref().map_or(0, |large| large.octets.len())
    }

    /// The length of the frame at the front, judged, and what follows its prefix.
    #[inline]
    fn prefix<'a>(&self, input: &'a [u8]) -> Result<Option<(u64, &'a [u8])>, Violation> {
        let Some((types, rest)) = input.split_at_checked(self.type_octets) else { return Ok(None) };
        if let Some(&other) = types.first()
            && other != IN_BAND
        {
            return Err(Violation::FrameType(other));
        }
        let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
        let length = u64::from_be_bytes(*length);
        if length > self.limit {
            return Err(Violation::TooLarge { length, limit: self.limit });
        }
        Ok(Some((length, rest)))
    }

    #[cold]
    fn start<'a>(
        &mut self,
        length: u64,
        input: &mut &'a [u8],
        memory: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<Option<Body<'a>>, Violation> {
        let Ok(most) = usize::try_from(length) else {
            return Err(Violation::TooLarge { length, limit: usize::MAX as u64 });
        };
        self.large = Some(LargeBody { octets: memory(most), length: most });
        Ok(self.resume(input)?.map(Body::Large))
    }

    /// Moves to the large body what there is of it.
    #[cold]
    fn resume(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, Violation> {
        let Some(large) = self.large.as_mut() else { return Ok(None) };
        let (taken, rest) = input.split_at(large.missing().min(input.len()));
        if !large.make_room(taken.len()) {
            return Err(Violation::NoMemory);
        }
        large.octets.extend_from_slice(taken);
        *input = rest;
        Ok(self.finish_body().map(|(body, _)| body))
    }
}

impl LargeBody {
    #[inline]
    fn missing(&self) -> usize {
        self.length.saturating_sub(self.octets.len())
    }

    /// What is set aside beyond what has arrived, when that is used up.
    #[inline]
    fn ahead(&self) -> usize {
        STEP.max(self.octets.len()).min(self.missing())
    }

    /// Makes room for `wanted` octets that are there or about to be read. Memory grows with the octets that have
    /// arrived, not with the claim (sp.md section 12, row 9).
    #[inline]
    fn make_room(&mut self, wanted: usize) -> bool {
        if self.octets.capacity().saturating_sub(self.octets.len()) < wanted {
            return self.octets.try_reserve_exact(self.ahead().max(wanted)).is_ok();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use hubless_transport::Message;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    impl Body<'_> {
        pub(in crate::wire) fn into_message(self) -> Message {
            match self {
                Self::Front { window, length } => Message::from_front(window, length),
                Self::Large(octets) => octets.into(),
            }
        }
    }

    const LIMIT: u64 = 1 << 20;

    fn prefix(framing: Framing, length: u64) -> Vec<u8> {
        let types: &[u8] = if framing == Framing::TypedLength { &[1] } else { &[] };
        [types, &length.to_be_bytes()].concat()
    }

    fn encoded(framing: Framing, bodies: &[Vec<u8>]) -> Vec<u8> {
        bodies.iter().flat_map(|body| [prefix(framing, body.len() as u64), body.clone()].concat()).collect()
    }

    /// Takes everything out of `input` that is there.
    fn drain(decoder: &mut Decoder, input: &mut &[u8]) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(message) = decoder.next(input, |_| Vec::new()).unwrap() {
            messages.push(message.into_message());
        }
        messages
    }

    /// Has a stream arrive in reads of these sizes, over and over; bodies are read directly where `direct` says so.
    fn decoded(framing: Framing, stream: &[u8], cuts: &[usize], direct: bool) -> Vec<Message> {
        let mut decoder = Decoder::new(framing, LIMIT);
        let (mut messages, mut buffer, mut stream) = (Vec::new(), Vec::new(), stream);
        for cut in cuts.iter().cycle() {
            if stream.is_empty() {
                break;
            }
            let (arrived, rest) = stream.split_at((*cut).min(stream.len()));
            match decoder.body() {
                Some(body) if direct => {
                    assert!(body.capacity() > body.len());
                    let read = (*cut).min(body.capacity() - body.len()).min(stream.len());
                    body.extend_from_slice(&stream[..read]);
                    stream = &stream[read..];
                    if let Some((message, beyond)) = decoder.finish_body() {
                        messages.push(message.into());
                        buffer.extend(beyond);
                    }
                }
                _ => {
                    buffer.extend_from_slice(arrived);
                    stream = rest;
                }
            }
            let mut input = &buffer[..];
            messages.extend(drain(&mut decoder, &mut input));
            buffer = input.to_vec();
        }
        assert!(buffer.is_empty() && decoder.octets() == 0);
        messages
    }

    #[test]
    fn the_captured_messages_are_read() {
        let request = b"\0\0\0\0\0\0\0\x09\xd2\x67\x36\xa0ping?";
        let publication = b"\0\0\0\0\0\0\0\x07wx.rain";
        let survey = b"\0\0\0\0\0\0\0\x08\x8f\x18\xa5\x1awho?";
        let pair = b"\0\0\0\0\0\0\0\x06\0\0\0\x01yo";
        let stream = [&request[..], publication, survey, pair].concat();
        let bodies = [&b"\xd2\x67\x36\xa0ping?"[..], b"wx.rain", b"\x8f\x18\xa5\x1awho?", b"\0\0\0\x01yo"];
        assert_eq!(drain(&mut Decoder::new(Framing::Length, LIMIT), &mut &stream[..]), bodies);

        let over_ipc = b"\x01\0\0\0\0\0\0\0\x09\xa7\x10\x61\x37ping?";
        let messages = drain(&mut Decoder::new(Framing::TypedLength, LIMIT), &mut &over_ipc[..]);
        assert_eq!(messages, [b"\xa7\x10\x61\x37ping?"]);
    }

    #[test]
    fn an_empty_message_is_a_message() {
        let mut input = &[0; 9][..];
        let message = Decoder::new(Framing::Length, LIMIT).next(&mut input, |_| Vec::new());
        assert_eq!(message.map(|body| body.map(Body::into_message)), Ok(Some(Message::new())));
        assert_eq!(input.len(), 1);
    }

    #[test]
    fn a_claim_over_the_limit_is_refused_as_soon_as_its_prefix_is_there() {
        for framing in [Framing::Length, Framing::TypedLength] {
            for length in [LIMIT + 1, 1 << 32, 1 << 63, u64::MAX] {
                let claim = prefix(framing, length);
                let mut decoder = Decoder::new(framing, LIMIT);
                assert_eq!(decoder.next(&mut &claim[..claim.len() - 1], |_| Vec::new()), Ok(None));
                let refusal = Err(Violation::TooLarge { length, limit: LIMIT });
                assert_eq!(decoder.next(&mut &claim[..], |_| Vec::new()), refusal);
            }
        }
        let mut decoder = Decoder::new(Framing::Length, 10);
        let refusal = Err(Violation::TooLarge { length: 11, limit: 10 });
        assert_eq!(decoder.next(&mut &prefix(Framing::Length, 11)[..], |_| Vec::new()), refusal);
        assert_eq!(decoder.next(&mut &prefix(Framing::Length, 10)[..], |_| Vec::new()), Ok(None));
    }

    #[test]
    fn a_type_octet_other_than_1_is_refused_at_once() {
        for octet in [0, 2, 255] {
            let mut decoder = Decoder::new(Framing::TypedLength, LIMIT);
            assert_eq!(decoder.next(&mut &[octet][..], |_| Vec::new()), Err(Violation::FrameType(octet)));
        }
    }

    #[test]
    fn a_small_frame_stays_in_the_input_until_it_is_complete() {
        let stream = encoded(Framing::Length, &[vec![7; 32 * 1024]]);
        let mut decoder = Decoder::new(Framing::Length, LIMIT);
        for length in [0, 7, 8, 100, stream.len() - 1] {
            let mut input = &stream[..length];
            assert_eq!(decoder.next(&mut input, |_| Vec::new()), Ok(None));
            assert_eq!(input.len(), length);
            assert!(decoder.octets() == 0 && decoder.body().is_none());
        }
        assert!(matches!(decoder.next(&mut &stream[..], |_| Vec::new()), Ok(Some(_))));
    }

    #[test]
    fn memory_for_a_large_body_grows_with_what_has_arrived() {
        let mut decoder = Decoder::new(Framing::Length, u64::MAX);
        let mut input = &[&prefix(Framing::Length, 1 << 40)[..], &[7; 100]].concat()[..];
        assert_eq!(decoder.next(&mut input, |_| Vec::new()), Ok(None));
        assert!(input.is_empty() && decoder.octets() == 100);
        loop {
            let body = decoder.body().unwrap();
            let (arrived, spare) = (body.len(), body.capacity() - body.len());
            assert!(spare >= 1 && spare <= arrived.max(STEP), "{spare} octets spare, {arrived} arrived");
            if arrived > 3_000_000 {
                break;
            }
            body.resize(arrived + spare.min(50_000), 7);
            assert!(decoder.finish_body().is_none());
        }
    }

    #[test]
    fn octets_read_beyond_a_large_body_are_handed_out() {
        let mut decoder = Decoder::new(Framing::Length, LIMIT);
        assert_eq!(decoder.next(&mut &prefix(Framing::Length, 40_000)[..], |_| Vec::new()), Ok(None));
        let body = decoder.body().unwrap();
        body.resize(40_000, 7);
        body.extend_from_slice(b"next");
        assert_eq!(decoder.finish_body(), Some((vec![7; 40_000], b"next".to_vec())));
        assert!(decoder.octets() == 0 && decoder.finish_body().is_none());
    }

    fn framing() -> impl Strategy<Value = Framing> {
        prop_oneof![Just(Framing::Length), Just(Framing::TypedLength)]
    }

    /// Bodies of all sizes, those around the bound of the direct ones among them.
    fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let length = prop_oneof![6 => 0..200_usize, 2 => 32_760..32_776_usize, 1 => 60_000..300_000_usize];
        vec((length, any::<u8>()).prop_map(|(length, octet)| vec![octet; length]), 0..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn how_a_stream_is_cut_makes_no_difference(
            framing in framing(),
            bodies in bodies(),
            cuts in vec(prop_oneof![1..10_usize, 1..100_000_usize], 1..20),
            direct in any::<bool>(),
        ) {
            let stream = encoded(framing, &bodies);
            prop_assert_eq!(decoded(framing, &stream, &cuts, direct), bodies.clone());
            prop_assert_eq!(decoded(framing, &stream, &[stream.len().max(1)], direct), bodies);
        }

        #[test]
        fn small_messages_arrive_octet_by_octet_or_seven_at_a_time(
            framing in framing(),
            bodies in vec(vec(any::<u8>(), 0..100), 0..10),
        ) {
            let stream = encoded(framing, &bodies);
            for cut in [1, 7] {
                prop_assert_eq!(decoded(framing, &stream, &[cut], true), bodies.clone());
            }
        }

        #[test]
        fn noise_never_panics(framing in framing(), noise in vec(any::<u8>(), 0..200), zeros in 0..10_usize) {
            let noise = [vec![0; zeros], noise].concat();
            let mut decoder = Decoder::new(framing, LIMIT);
            let mut input = &noise[..];
            while let Ok(Some(_)) = decoder.next(&mut input, |_| Vec::new()) {}
        }
    }
}
