use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use hubless_protocol::patterns::Role;
use hubless_protocol::wire::handshake::{Handshake, Step, begin};
use hubless_protocol::wire::{Decoder, Encoder, Form, Framing, Item, Turn};
use hubless_protocol::{Control, ControlKind, Wire};
use smallvec::SmallVec;

use super::speaker::Came;
use super::wait::SOON;

/// A peer without an engine, which reads and writes when the test has it do so.
pub(super) struct Stranger {
    pub(super) stream: TcpStream,
    decoder: Decoder,
    pub(super) encoder: Encoder,
    unread: Vec<u8>,
}

impl Stranger {
    /// Dials a socket.
    pub(super) fn dial(url: &str, wire: Wire, role: Role) -> Self {
        let stream = TcpStream::connect(url.strip_prefix("tcp://").unwrap()).unwrap();
        Self::greet(stream, begin(wire, role, Form::Greeting, Turn::SpeaksFirst))
    }

    /// Takes the one that dials.
    pub(super) fn accept(listener: &TcpListener, wire: Wire, role: Role) -> Self {
        let stream = listener.accept().unwrap().0;
        Self::greet(stream, begin(wire, role, Form::Greeting, Turn::HearsFirst))
    }

    fn greet(mut stream: TcpStream, mut machine: Box<dyn Handshake>) -> Self {
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.set_write_timeout(Some(SOON)).unwrap();
        let mut input = Vec::new();
        let mut done = None;
        loop {
            match machine.advance(&input).unwrap() {
                Step::Done(session) => done = Some(session.codec),
                Step::Ask(_) => machine.admit(),
                Step::NeedMore => {}
            }
            stream.write_all(machine.outgoing()).unwrap();
            machine.sent(machine.outgoing().len());
            input.clear();
            if let Some(codec) = done {
                let (encoder, decoder) =
                    (Encoder::new(codec, Framing::Length), Decoder::new(codec, Framing::Length, u64::MAX));
                return Self { stream, decoder, encoder, unread: machine.surplus() };
            }
            if machine.wants() > 0 {
                input.resize(machine.wants(), 0);
                let count = stream.read(&mut input).unwrap();
                assert_ne!(count, 0, "it has hung up");
                input.truncate(count);
            }
        }
    }

    /// Reads at most this many bytes; what was whole by then. Nothing at the end of the stream.
    pub(super) fn read(&mut self, most: usize) -> Option<Vec<Came>> {
        let before = self.unread.len();
        self.unread.resize(before + most, 0);
        let count = self.stream.read(&mut self.unread[before..]).unwrap_or(0);
        self.unread.truncate(before + count);
        let (mut came, mut input) = (Vec::new(), &self.unread[..]);
        while let Some(item) = self.decoder.next(&mut input, |_| Vec::new()).expect("what makes sense") {
            came.push(match item {
                Item::Front { window, length } => Came::Message(window[..length].to_vec()),
                Item::Large(body) => Came::Message(body),
                Item::Control(control) => Came::Control(control.kind, control.body.to_vec()),
            });
        }
        self.unread = input.to_vec();
        (count > 0).then_some(came)
    }

    /// Reads until this much is there, in steps of this many bytes.
    pub(super) fn read_until(&mut self, most: usize, enough: impl Fn(&[Came]) -> bool) -> Vec<Came> {
        let mut came = Vec::new();
        while !enough(&came) {
            came.extend(self.read(most).expect("more to come"));
        }
        came
    }

    pub(super) fn say(&mut self, kind: ControlKind, body: &[u8]) {
        self.encoder.push_control(Control { kind, body }).unwrap();
        self.write();
    }

    pub(super) fn write(&mut self) {
        let bytes = self.encoded();
        self.stream.write_all(&bytes).unwrap();
    }

    /// What is to be written, which it writes no more.
    pub(super) fn encoded(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while !self.encoder.is_empty() {
            let mut slices = SmallVec::new();
            self.encoder.slices(&mut slices);
            let before = bytes.len();
            slices.iter().for_each(|slice| bytes.extend_from_slice(slice));
            drop(slices);
            self.encoder.advance(bytes.len() - before);
        }
        bytes
    }
}
