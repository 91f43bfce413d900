use proptest::collection::vec;
use proptest::prelude::*;

use hubless_transport::Packet;
use smallvec::SmallVec;

use super::*;
use crate::wire::handshake::{Step, begin};
use crate::wire::{DecodeError, Form, Item, Turn};
use crate::{Control, ControlKind, ControlRefused, Role, Wire};

/// What happens to a queue, and what is read of it.
#[derive(Debug, Clone)]
enum Event {
    Message(Vec<u8>, Vec<u8>),
    Control(ControlKind, Vec<u8>),
    /// A write takes so much of what it is offered.
    Write(usize),
}

/// What has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Arrived {
    Message(Vec<u8>),
    Control(ControlKind, Vec<u8>),
}

/// One end writes, the other reads.
struct Wired {
    encoder: Encoder,
    decoder: Decoder,
    stream: Vec<u8>,
    arrived: Vec<Arrived>,
    /// What is sealed is opened as soon as it is there, or large bodies are read where they are to be.
    opens: bool,
    direct: bool,
}

/// What two ends agree on that speak this.
fn codecs(wire: Wire) -> (Codec, Codec) {
    let mut dialer = begin(wire, Role::Push, Form::Greeting, Turn::SpeaksFirst);
    let mut listener = begin(wire, Role::Pull, Form::Greeting, Turn::HearsFirst);
    let (mut sent, mut done) = (Vec::new(), [None, None]);
    for _ in 0..20 {
        for (place, machine) in [&mut dialer, &mut listener].into_iter().enumerate() {
            let input: Vec<u8> = std::mem::take(&mut sent);
            match machine.advance(&input).unwrap() {
                Step::Done(session) => done[place] = Some(session.codec),
                Step::Ask(_) => machine.admit(),
                Step::NeedMore => {}
            }
            // A byte at a time.
            sent = machine.outgoing().iter().copied().take(1).collect();
            machine.sent(sent.len());
        }
    }
    (done[0].unwrap(), done[1].unwrap())
}

const WIRES: [Wire; 3] = [Wire::Sp, Wire::Test { sealed: false }, Wire::Test { sealed: true }];

impl Wired {
    fn new(wire: Wire) -> Self {
        let (codec, theirs) = codecs(wire);
        let (encoder, decoder) =
            (Encoder::new(codec, Framing::Length), Decoder::new(theirs, Framing::Length, u64::MAX));
        Self { encoder, decoder, stream: Vec::new(), arrived: Vec::new(), opens: false, direct: false }
    }

    fn sealed() -> Self {
        Self::new(Wire::Test { sealed: true })
    }

    /// Each of these ways to read each of these wires.
    fn all() -> impl Iterator<Item = Self> {
        let ways = [(false, false), (true, false), (true, true)];
        WIRES
            .into_iter()
            .flat_map(move |wire| ways.map(|(opens, direct)| Self { opens, direct, ..Self::new(wire) }))
    }

    fn push_control(&mut self, kind: ControlKind, body: &[u8]) -> Result<(), ControlRefused> {
        self.encoder.push_control(Control { kind, body })
    }

    fn write(&mut self, most: usize) -> usize {
        let mut slices = SmallVec::new();
        self.encoder.slices(&mut slices);
        let offered: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(most).collect();
        drop(slices);
        let done = self.encoder.advance(offered.len());
        self.stream.extend(offered);
        self.read();
        done
    }

    fn write_all(&mut self) {
        while !self.encoder.is_empty() {
            self.write(usize::MAX);
        }
    }

    fn read(&mut self) {
        if self.direct
            && let Some(body) = self.decoder.body()
        {
            let room = (body.capacity() - body.len()).min(self.stream.len());
            body.extend(self.stream.drain(..room));
            if let Some((body, beyond)) = self.decoder.finish_body() {
                self.arrived.push(Arrived::Message(body));
                self.stream.splice(..0, beyond);
            }
        }
        let mut input = &self.stream[..];
        if self.opens {
            self.decoder.open(&mut input);
        }
        while let Some(item) = self.decoder.next(&mut input, |_| Vec::new()).unwrap() {
            self.arrived.push(match item {
                Item::Front { window, length } => Arrived::Message(window[..length].to_vec()),
                Item::Large(body) => Arrived::Message(body),
                Item::Control(control) => Arrived::Control(control.kind, control.body.to_vec()),
            });
        }
        self.stream = input.to_vec();
    }

    fn messages(&self) -> Vec<Vec<u8>> {
        let payload = |arrived: &Arrived| match arrived {
            Arrived::Message(payload) => Some(payload.clone()),
            Arrived::Control(..) => None,
        };
        self.arrived.iter().filter_map(payload).collect()
    }

    fn controls(&self) -> Vec<Arrived> {
        self.arrived.iter().filter(|arrived| !matches!(arrived, Arrived::Message(_))).cloned().collect()
    }
}

#[test]
fn what_the_handshake_agrees_on_chooses_the_codec() {
    let sp = codecs(Wire::Sp);
    assert_eq!(sp, (Codec::Sp, Codec::Sp));
    assert!(!sp.0.seals() && !sp.0.has_controls());
    assert_eq!(sp.0.prefix(Framing::TypedLength), 9);
    for sealed in [false, true] {
        let (ours, theirs) = codecs(Wire::Test { sealed });
        assert!([ours, theirs].iter().all(|codec| codec.has_controls() && codec.seals() == sealed));
    }
}

#[test]
fn a_listener_that_hears_sp_speaks_sp() {
    let mut listener = begin(Wire::Test { sealed: true }, Role::Pull, Form::Greeting, Turn::HearsFirst);
    assert!(matches!(listener.advance(&crate::wire::greeting(Role::Push)), Ok(Step::Ask(_))));
    listener.admit();
    let Ok(Step::Done(session)) = listener.advance(&[]) else { panic!("not done") };
    assert_eq!(session.codec, Codec::Sp);
}

#[test]
fn sp_has_no_controls() {
    let mut wired = Wired::new(Wire::Sp);
    assert_eq!(wired.push_control(ControlKind::Ping, b""), Err(ControlRefused::NoControls));
    assert!(wired.encoder.is_empty());
}

#[test]
fn a_control_goes_in_front_of_the_next_message_and_not_into_one_that_was_begun() {
    let message = |text: &str| Arrived::Message(text.into());
    let topic = |topic: &str| Arrived::Control(ControlKind::Subscribe, topic.into());
    for wire in &WIRES[1..] {
        let mut wired = Wired::new(*wire);
        for body in ["first", "second"] {
            wired.encoder.push_shared(b"", &body.into());
        }
        assert_eq!(wired.write(7), 0);
        assert!(wired.encoder.is_cut());
        wired.push_control(ControlKind::Subscribe, b"one").unwrap();
        wired.push_control(ControlKind::Subscribe, b"two").unwrap();
        wired.encoder.push_shared(b"", &"third".into());
        wired.write_all();
        let mut expected = vec![message("first"), message("second"), message("third")];
        // What is sealed is written as it is.
        let place = if *wire == (Wire::Test { sealed: true }) { 2 } else { 1 };
        expected.splice(place..place, [topic("one"), topic("two")]);
        assert_eq!(wired.arrived, expected);
    }
}

#[test]
fn a_control_alone_is_written_and_is_no_message() {
    for wire in &WIRES[1..] {
        let mut wired = Wired::new(*wire);
        let control = Control { kind: ControlKind::Cancel, body: b"topic" };
        wired.encoder.push_control(control).unwrap();
        let size = |encoder: &Encoder| (encoder.messages(), encoder.bytes(), encoder.controls());
        assert_eq!(size(&wired.encoder), (0, 0, control.cost()));
        assert!(!wired.encoder.is_empty());
        assert_eq!(wired.write(3), 0);
        assert_eq!(size(&wired.encoder), (0, 0, control.cost()));
        assert!(!wired.encoder.is_cut(), "a control is not sent again");
        assert!(wired.encoder.recover().is_empty() && wired.encoder.is_empty());
    }
}

#[test]
fn sealed_messages_come_back_as_they_were_pushed() {
    let mut wired = Wired::sealed();
    wired.encoder.push_shared(b"head", &"body".into());
    wired.push_control(ControlKind::Subscribe, b"topic").unwrap();
    wired.write(20);
    let packet = Packet::new(b"head"[..].into(), "body".into());
    assert_eq!(wired.encoder.recover(), [packet]);
}

#[test]
fn what_was_sealed_cannot_be_read_and_is_refused_in_another_place() {
    let mut wired = Wired::sealed();
    let secret = "what nobody else may read";
    let mut units = Vec::new();
    for _ in 0..2 {
        wired.encoder.push_shared(b"", &secret.into());
        let mut slices = SmallVec::new();
        wired.encoder.slices(&mut slices);
        let unit: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        drop(slices);
        wired.encoder.advance(unit.len());
        assert!(!unit.windows(4).any(|part| secret.as_bytes().windows(4).any(|plain| plain == part)));
        units.push(unit);
    }
    for opens in [false, true] {
        let stream = [&units[0][..], &units[0][..]].concat();
        let (mut decoder, mut input) = (Wired::sealed().decoder, &stream[..]);
        if opens {
            decoder.open(&mut input);
        }
        let first = decoder.next(&mut input, |_| Vec::new());
        assert_eq!(first, Ok(Some(Item::Large(secret.into()))));
        for _ in 0..2 {
            assert_eq!(decoder.next(&mut input, |_| Vec::new()), Err(DecodeError::FrameType(0)));
        }
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![8 => vec(any::<u8>(), 0..30), 3 => vec(any::<u8>(), 1000..3000), 1 => vec(any::<u8>(), 32_000..40_000)]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let kind = prop_oneof![
        Just(ControlKind::Subscribe),
        Just(ControlKind::Cancel),
        Just(ControlKind::Ping),
        Just(ControlKind::Pong)
    ];
    let event = prop_oneof![
        3 => (vec(any::<u8>(), 0..9), bytes()).prop_map(|(header, body)| Event::Message(header, body)),
        2 => (kind, vec(any::<u8>(), 0..9)).prop_map(|(kind, body)| Event::Control(kind, body)),
        3 => prop_oneof![0..40_usize, 0..5000_usize, 0..70_000_usize].prop_map(Event::Write),
    ];
    vec(event, 0..40)
}

/// Plays events to both ends; what was pushed, and what each said beside messages.
fn play(wired: &mut Wired, events: Vec<Event>) -> (Vec<Vec<u8>>, Vec<Arrived>, usize) {
    let (mut payloads, mut controls, mut done) = (Vec::new(), Vec::new(), 0);
    for event in events {
        let before = wired.encoder.messages();
        match event {
            Event::Message(header, body) => {
                payloads.push([&header[..], &body].concat());
                wired.encoder.push(&header, &mut body.into());
                assert_eq!(wired.encoder.messages(), before + 1);
            }
            Event::Control(kind, body) => {
                if wired.push_control(kind, &body).is_ok() {
                    controls.push(Arrived::Control(kind, body));
                }
            }
            Event::Write(most) => {
                let bytes = wired.encoder.bytes();
                let left = wired.write(most);
                assert!(wired.encoder.bytes() >= bytes.saturating_sub(most));
                assert_eq!(wired.encoder.messages(), before - left);
                done += left;
            }
        }
    }
    (payloads, controls, done)
}

proptest! {
    // Each is played to each wire in three ways.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_and_controls_each_arrive_in_order_on_every_wire(events in events()) {
        for mut wired in Wired::all() {
            let (payloads, controls, _) = play(&mut wired, events.clone());
            wired.write_all();
            prop_assert_eq!(wired.messages(), payloads);
            prop_assert_eq!(wired.controls(), controls);
            prop_assert!(wired.stream.is_empty() && wired.encoder.is_empty());
            prop_assert_eq!((wired.encoder.messages(), wired.decoder.bytes()), (0, 0));
        }
    }

    #[test]
    fn what_has_not_left_comes_back_whole_on_every_wire(events in events()) {
        for mut wired in Wired::all() {
            let (payloads, _, done) = play(&mut wired, events.clone());
            let back: Vec<Vec<u8>> =
                wired.encoder.recover().iter().map(|packet| [packet.header.as_slice(), &packet.body].concat()).collect();
            prop_assert_eq!(&back, &payloads[done..]);
            prop_assert!(wired.encoder.is_empty());
        }
    }

    #[test]
    fn what_is_withdrawn_does_not_arrive_and_all_else_does(events in events()) {
        for mut wired in Wired::all() {
            let (payloads, controls, _) = play(&mut wired, events.clone());
            let withdrawn = wired.encoder.withdraw().len();
            wired.encoder.push(b"", &mut "later".into());
            wired.write_all();
            let mut expected = payloads[..payloads.len() - withdrawn].to_vec();
            expected.push(b"later".to_vec());
            prop_assert_eq!(wired.messages(), expected);
            prop_assert_eq!(wired.controls(), controls);
        }
    }
}

#[test]
fn a_control_that_claims_more_than_controls_may_have_is_refused_at_its_length() {
    for sealed in [false, true] {
        let (codec, _) = codecs(Wire::Test { sealed });
        let tag = 1 + ControlKind::Ping as u8;
        for length in [64 * 1024 + 1, u32::MAX] {
            let mut decoder = Decoder::new(codec, Framing::Length, u64::MAX);
            let unit = [&[tag][..], &length.to_be_bytes(), &[0; 4]].concat();
            let read = decoder.next(&mut &unit[..], |_| unreachable!("a control has no memory of its own"));
            let Err(DecodeError::TooLarge { length: claimed, limit }) = read else {
                panic!("it was believed")
            };
            assert_eq!((claimed, limit), (length.into(), 64 * 1024));
        }
    }
}
