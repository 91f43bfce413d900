use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::wire::{Item, sp::Decoder};

/// What one write call would be offered.
fn offered(encoder: &Encoder) -> Vec<u8> {
    let mut slices = SmallVec::new();
    encoder.slices(&mut slices);
    assert!(slices.len() <= SLICES && slices.iter().all(|slice| !slice.is_empty()));
    slices.iter().flat_map(|slice| slice.iter().copied()).collect()
}

/// Everything there is, written in steps of these sizes.
fn written(encoder: &mut Encoder, sizes: &[usize]) -> Vec<u8> {
    let mut stream = Vec::new();
    for size in sizes.iter().cycle() {
        let offered = offered(encoder);
        if offered.is_empty() {
            break;
        }
        let size = offered.len().min(*size);
        stream.extend_from_slice(&offered[..size]);
        encoder.advance(size);
    }
    assert!(encoder.is_empty() && encoder.messages() == 0);
    stream
}

#[test]
fn the_captured_messages_are_written() {
    let mut encoder = Encoder::new(Framing::Length);
    encoder.push(b"\xd2\x67\x36\xa0", &mut "ping?".into());
    encoder.push_shared(b"", &"wx.rain".into());
    encoder.push(b"\x4d\x4d\xca\xfc\x66\x53\x63\xa1\xd6\xd5\x3e\xfc", &mut "World".into());
    let request = b"\0\0\0\0\0\0\0\x09\xd2\x67\x36\xa0ping?";
    let publication = b"\0\0\0\0\0\0\0\x07wx.rain";
    let reply = b"\0\0\0\0\0\0\0\x11\x4d\x4d\xca\xfc\x66\x53\x63\xa1\xd6\xd5\x3e\xfcWorld";
    assert_eq!(offered(&encoder), [&request[..], publication, reply].concat());

    let mut encoder = Encoder::new(Framing::TypedLength);
    encoder.push(b"\xa7\x10\x61\x37", &mut "pong!".into());
    assert_eq!(offered(&encoder), b"\x01\0\0\0\0\0\0\0\x09\xa7\x10\x61\x37pong!");
}

#[test]
fn a_large_body_is_not_copied() {
    for (framing, large) in [(Framing::Length, 32 * 1024), (Framing::TypedLength, 16 * 1024)] {
        let body = Message::from(vec![7; large]);
        let mut encoder = Encoder::new(framing);
        encoder.push_shared(b"head", &body);
        encoder.push(b"", &mut Message::from(vec![7; large - 1]));
        let mut slices = SmallVec::new();
        encoder.slices(&mut slices);
        assert_eq!(slices.len(), 3);
        assert!(std::ptr::eq(slices[1].as_ptr(), body.as_ptr()));
    }
}

#[test]
fn one_write_is_offered_a_bounded_part() {
    let mut encoder = Encoder::new(Framing::Length);
    encoder.push(b"", &mut vec![7; 1_000_000].into());
    assert_eq!(offered(&encoder).len(), OFFERED);
    encoder.advance(1_000_000);
    assert_eq!(offered(&encoder).len(), 8);
}

#[test]
fn a_message_counts_as_written_with_its_last_byte() {
    let mut encoder = Encoder::new(Framing::Length);
    for body in ["ab", "", "cd"] {
        encoder.push(b"", &mut body.into());
    }
    assert_eq!((encoder.messages(), encoder.bytes()), (3, 28));
    let done = [9, 1, 7, 1, 1].map(|written| encoder.advance(written));
    assert_eq!(done, [0, 1, 0, 1, 0]);
    assert_eq!((encoder.messages(), encoder.bytes()), (1, 9));
    assert_eq!(encoder.advance(9), 1);
    assert!(encoder.is_empty());
}

#[test]
fn a_message_written_in_part_is_recovered_whole() {
    let mut encoder = Encoder::new(Framing::TypedLength);
    let large = vec![7; 100_000];
    encoder.push(b"head", &mut "first".into());
    encoder.push(b"head", &mut large.clone().into());
    encoder.push(b"", &mut large.clone().into());
    encoder.push(b"", &mut "last".into());
    encoder.advance(9 + 9 + 50_000);
    let recovered = encoder.recover();
    assert_eq!(recovered, [[b"head", &large[..]].concat(), large, b"last".to_vec()]);
    assert!(encoder.is_empty() && encoder.recover().is_empty());
    encoder.push(b"", &mut "later".into());
    assert_eq!(offered(&encoder), b"\x01\0\0\0\0\0\0\0\x05later");
}

#[test]
fn what_is_withdrawn_is_not_written_and_what_was_begun_is_finished() {
    let large = vec![7; 100_000];
    for first in [b"first".to_vec(), large.clone()] {
        let mut encoder = Encoder::new(Framing::TypedLength);
        for body in [first.clone(), b"second".to_vec(), large.clone()] {
            encoder.push(b"head", &mut body.into());
        }
        let begun = offered(&encoder)[..11].to_vec();
        encoder.advance(11);
        assert_eq!(encoder.withdraw(), [b"headsecond".to_vec(), [b"head", &large[..]].concat()]);
        assert_eq!(encoder.withdraw(), Vec::<Message>::new());
        encoder.push(b"", &mut "later".into());
        let stream = [begun, written(&mut encoder, &[7])].concat();
        let (mut decoder, mut input) = (Decoder::new(Framing::TypedLength, u64::MAX), &stream[..]);
        let mut next = || decoder.next(&mut input, |_| Vec::new()).map(|body| body.map(Item::into_message));
        assert_eq!(next(), Ok(Some([b"head", &first[..]].concat().into())));
        assert_eq!(next(), Ok(Some("later".into())));
        assert!(input.is_empty());
    }
}

#[test]
fn memory_is_reused_although_the_queue_is_never_empty() {
    let mut encoder = Encoder::new(Framing::Length);
    for _ in 0..10_000 {
        encoder.push(b"", &mut Message::from(&[7; 992]));
        if encoder.bytes() > 10_000 {
            encoder.advance(1000);
        }
    }
    let kept: usize = encoder.closed.iter().map(|segment| segment.chunk.capacity()).sum();
    assert!(kept + encoder.open.capacity() + encoder.spare.capacity() <= 6 * CHUNK);
}

#[test]
fn an_empty_queue_keeps_no_more_memory_than_asked() {
    let mut encoder = Encoder::new(Framing::Length);
    (0..200).for_each(|_| encoder.push(b"", &mut Message::from(&[7; 1000])));
    encoder.recycle(4096);
    assert_eq!(encoder.messages(), 200);
    encoder.advance(encoder.bytes());
    encoder.recycle(4096);
    assert!(encoder.open.capacity() + encoder.spare.capacity() <= 4096);
}

#[derive(Debug, Clone)]
struct Sample {
    header: Vec<u8>,
    body: Vec<u8>,
    shared: bool,
}

impl Sample {
    fn push(&self, encoder: &mut Encoder) {
        let mut body = Message::from(&self.body[..]);
        if self.shared {
            encoder.push_shared(&self.header, &body);
        } else {
            encoder.push(&self.header, &mut body);
        }
    }

    fn payload(&self) -> Vec<u8> {
        [&self.header[..], &self.body].concat()
    }
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let length = prop_oneof![6 => 0..200_usize, 2 => 16_000..33_000_usize, 1 => 33_000..150_000_usize];
    let body = (length, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]);
    let sample = (vec(any::<u8>(), 0..20), body, any::<bool>());
    vec(sample.prop_map(|(header, body, shared)| Sample { header, body, shared }), 0..12)
}

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![Just(Framing::Length), Just(Framing::TypedLength)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_is_what_is_read(
        framing in framing(),
        samples in samples(),
        sizes in vec(prop_oneof![1_000..2_000_usize, 1..100_000_usize], 1..10),
    ) {
        let mut encoder = Encoder::new(framing);
        for sample in &samples {
            sample.push(&mut encoder);
        }
        let bytes = encoder.bytes();
        let stream = written(&mut encoder, &sizes);
        prop_assert_eq!(stream.len(), bytes);
        let (mut decoder, mut input) = (Decoder::new(framing, u64::MAX), &stream[..]);
        for sample in &samples {
            let body = decoder.next(&mut input, |_| Vec::new()).map(|body| body.map(Item::into_message));
            prop_assert_eq!(body, Ok(Some(sample.payload().into())));
        }
        prop_assert!(input.is_empty());
    }

    #[test]
    fn written_and_recovered_messages_are_all_there_were(
        framing in framing(),
        samples in samples(),
        later in samples(),
        sizes in vec(0..60_000_usize, 0..10),
    ) {
        let mut encoder = Encoder::new(framing);
        for sample in &samples {
            sample.push(&mut encoder);
        }
        let mut later_ones = later.iter();
        let (mut done, mut total) = (0, samples.len());
        for size in sizes {
            done += encoder.advance(size.min(offered(&encoder).len()));
            if let Some(sample) = later_ones.next() {
                sample.push(&mut encoder);
                total += 1;
            }
            prop_assert_eq!(encoder.messages(), total - done);
        }
        let payloads: Vec<_> = samples.iter().chain(&later).take(total).map(Sample::payload).collect();
        prop_assert_eq!(encoder.recover(), &payloads[done..]);
    }
}
