use hubless_transport::Message;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::wire::large_body::{LIKELY, STEP};

impl Item<'_> {
    pub(in crate::wire) fn into_message(self) -> Message {
        match self {
            Self::Front { window, length } => Message::from_front(window, length),
            Self::Large(bytes) => bytes.into(),
            Self::Control(control) => panic!("SP has no {control:?}"),
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
    assert!(buffer.is_empty() && decoder.bytes() == 0);
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
    assert_eq!(message.map(|body| body.map(Item::into_message)), Ok(Some(Message::new())));
    assert_eq!(input.len(), 1);
}

#[test]
fn a_claim_over_the_limit_is_refused_as_soon_as_its_prefix_is_there() {
    for framing in [Framing::Length, Framing::TypedLength] {
        for length in [LIMIT + 1, 1 << 32, 1 << 63, u64::MAX] {
            let claim = prefix(framing, length);
            let mut decoder = Decoder::new(framing, LIMIT);
            assert_eq!(decoder.next(&mut &claim[..claim.len() - 1], |_| Vec::new()), Ok(None));
            let refusal = Err(DecodeError::TooLarge { length, limit: LIMIT });
            assert_eq!(decoder.next(&mut &claim[..], |_| Vec::new()), refusal);
        }
    }
    let mut decoder = Decoder::new(Framing::Length, 10);
    let refusal = Err(DecodeError::TooLarge { length: 11, limit: 10 });
    assert_eq!(decoder.next(&mut &prefix(Framing::Length, 11)[..], |_| Vec::new()), refusal);
    assert_eq!(decoder.next(&mut &prefix(Framing::Length, 10)[..], |_| Vec::new()), Ok(None));
}

#[test]
fn a_type_byte_other_than_1_is_refused_at_once() {
    for byte in [0, 2, 255] {
        let mut decoder = Decoder::new(Framing::TypedLength, LIMIT);
        assert_eq!(decoder.next(&mut &[byte][..], |_| Vec::new()), Err(DecodeError::FrameType(byte)));
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
        assert!(decoder.bytes() == 0 && decoder.body().is_none());
    }
    assert!(matches!(decoder.next(&mut &stream[..], |_| Vec::new()), Ok(Some(_))));
}

#[test]
fn a_large_body_that_is_read_no_further_has_a_few_times_set_aside_what_came_of_it() {
    for arrived in [1, 1000, 10_000] {
        let mut decoder = Decoder::new(Framing::Length, u64::MAX);
        let input = [prefix(Framing::Length, 1 << 40), vec![7; arrived]].concat();
        assert_eq!(decoder.next(&mut &input[..], |_| Vec::new()), Ok(None));
        let set_aside = decoder.large.as_ref().unwrap().bytes.capacity();
        assert!(set_aside <= arrived * (LIKELY + 1), "{set_aside} bytes for {arrived}");
        assert!(
            decoder.ahead().unwrap() >= STEP && decoder.body().unwrap().capacity() >= STEP,
            "to be read on"
        );
    }
}

#[test]
fn memory_for_a_large_body_grows_with_what_has_arrived() {
    let mut decoder = Decoder::new(Framing::Length, u64::MAX);
    let mut input = &[&prefix(Framing::Length, 1 << 40)[..], &[7; 100]].concat()[..];
    assert_eq!(decoder.next(&mut input, |_| Vec::new()), Ok(None));
    assert!(input.is_empty() && decoder.bytes() == 100);
    loop {
        let body = decoder.body().unwrap();
        let (arrived, spare) = (body.len(), body.capacity() - body.len());
        assert!(spare >= 1 && spare <= arrived.max(STEP), "{spare} bytes spare, {arrived} arrived");
        if arrived > 3_000_000 {
            break;
        }
        body.resize(arrived + spare.min(50_000), 7);
        assert!(decoder.finish_body().is_none());
    }
}

#[test]
fn bytes_read_beyond_a_large_body_are_handed_out() {
    let mut decoder = Decoder::new(Framing::Length, LIMIT);
    assert_eq!(decoder.next(&mut &prefix(Framing::Length, 40_000)[..], |_| Vec::new()), Ok(None));
    let body = decoder.body().unwrap();
    body.resize(40_000, 7);
    body.extend_from_slice(b"next");
    assert_eq!(decoder.finish_body(), Some((vec![7; 40_000], b"next".to_vec())));
    assert!(decoder.bytes() == 0 && decoder.finish_body().is_none());
}

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![Just(Framing::Length), Just(Framing::TypedLength)]
}

/// Bodies of all sizes, those around the bound of the direct ones among them.
fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let length = prop_oneof![6 => 0..200_usize, 2 => 32_760..32_776_usize, 1 => 60_000..300_000_usize];
    vec((length, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]), 0..6)
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
    fn small_messages_arrive_byte_by_byte_or_seven_at_a_time(
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
