use std::collections::VecDeque;
use std::io::IoSlice;

use hubless_transport::{Header, Message, Packet};
use smallvec::SmallVec;

use super::{CONTROLS, Direction, Keys, MESSAGE, PREFIX};
use crate::Control;
use crate::wire::codec::SLICES;

/// So much is sealed ahead of the writes.
const AHEAD: usize = 64 * 1024;

/// What waits to be written: encoded at once where nothing is sealed, or else when it is its turn.
#[derive(Debug)]
pub struct Encoder {
    direction: Direction,
    /// Not yet sealed.
    packets: VecDeque<Packet>,
    /// Not yet sealed: what goes in front of the next of them.
    controls: VecDeque<(u8, Vec<u8>)>,
    /// Encoded, oldest first.
    units: VecDeque<Unit>,
    /// How much of the first unit is written.
    written: usize,
    /// Of messages.
    bytes: usize,
    messages: usize,
    /// What the controls cost.
    cost: usize,
}

#[derive(Debug)]
struct Unit {
    bytes: Vec<u8>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// Nothing but what is in the bytes.
    Message,
    /// The message that nobody can read in the bytes.
    Sealed(Packet),
    /// What it costs.
    Control(usize),
}

impl Encoder {
    pub(in crate::wire) fn new(keys: Keys) -> Self {
        let direction = Direction { sealed: keys.sealed, key: keys.send, number: 0 };
        let (packets, controls, units) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        Self { direction, packets, controls, units, written: 0, bytes: 0, messages: 0, cost: 0 }
    }

    pub(in crate::wire) fn push(&mut self, header: &[u8], body: &Message) {
        self.bytes += PREFIX + header.len() + body.len();
        self.messages += 1;
        if self.direction.sealed {
            self.packets.push_back(Packet::new(Header::from(header), body.clone()));
        } else {
            let bytes = self.direction.encode(MESSAGE, &[header, body]);
            self.units.push_back(Unit { bytes, content: Content::Message });
        }
    }

    pub(in crate::wire) fn push_control(&mut self, control: Control<'_>) {
        self.cost += control.cost();
        let tag =
            (1..).zip(CONTROLS).find_map(|(tag, kind)| (kind == control.kind).then_some(tag)).unwrap_or(0);
        if self.direction.sealed {
            return self.controls.push_back((tag, control.body.to_vec()));
        }
        let bytes = self.direction.encode(tag, &[control.body]);
        let begun = usize::from(self.written > 0);
        let behind = self.units.iter().skip(begun).take_while(|unit| unit.is_control()).count();
        self.units.insert(begun + behind, Unit { bytes, content: Content::Control(control.cost()) });
    }

    pub(in crate::wire) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(in crate::wire) fn messages(&self) -> usize {
        self.messages
    }

    pub(in crate::wire) fn controls(&self) -> usize {
        self.cost
    }

    pub(in crate::wire) fn slices<'a>(&'a mut self, into: &mut SmallVec<[IoSlice<'a>; SLICES]>) {
        self.seal();
        let mut skipped = self.written;
        for unit in self.units.iter().take(SLICES) {
            into.push(IoSlice::new(&unit.bytes[skipped..]));
            skipped = 0;
        }
    }

    /// Seals what is to be written next. What is sealed is written as it is.
    fn seal(&mut self) {
        for (tag, body) in self.controls.drain(..) {
            let content =
                Content::Control(Control { kind: CONTROLS[usize::from(tag) - 1], body: &body }.cost());
            self.units.push_back(Unit { bytes: self.direction.encode(tag, &[&body]), content });
        }
        let mut ahead: usize = self.units.iter().map(|unit| unit.bytes.len()).sum();
        while ahead < AHEAD
            && let Some(packet) = self.packets.pop_front()
        {
            let bytes = self.direction.encode(MESSAGE, &[packet.header.as_slice(), &packet.body]);
            ahead += bytes.len();
            self.units.push_back(Unit { bytes, content: Content::Sealed(packet) });
        }
    }

    pub(in crate::wire) fn advance(&mut self, mut written: usize) -> usize {
        let before = self.messages;
        while let Some(unit) = self.units.front()
            && written > 0
        {
            let left = unit.bytes.len() - self.written;
            let step = left.min(written);
            written -= step;
            self.written += step;
            if !unit.is_control() {
                self.bytes -= step;
            }
            if step < left {
                break;
            }
            self.written = 0;
            match self.units.pop_front().map(|unit| unit.content) {
                Some(Content::Control(cost)) => self.cost -= cost,
                _ => self.messages -= 1,
            }
        }
        before - self.messages
    }

    pub(in crate::wire) fn is_cut(&self) -> bool {
        self.written > 0 && self.units.front().is_some_and(|unit| !unit.is_control())
    }

    pub(in crate::wire) fn recover(&mut self) -> Vec<Packet> {
        let units = std::mem::take(&mut self.units).into_iter().filter_map(Unit::into_packet);
        let recovered = units.chain(self.packets.drain(..)).collect();
        self.controls.clear();
        (self.written, self.bytes, self.messages, self.cost) = (0, 0, 0, 0);
        recovered
    }

    pub(in crate::wire) fn withdraw(&mut self) -> Vec<Packet> {
        let mut withdrawn: Vec<Packet> = self.packets.drain(..).collect();
        if !self.direction.sealed {
            let begun = usize::from(self.written > 0);
            let (stay, go): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.units)
                .into_iter()
                .enumerate()
                .partition(|(place, unit)| *place < begun || unit.is_control());
            self.units = stay.into_iter().map(|(_, unit)| unit).collect();
            withdrawn.extend(go.into_iter().filter_map(|(_, unit)| unit.into_packet()));
        }
        self.messages -= withdrawn.len();
        self.bytes -= withdrawn.iter().map(|packet| PREFIX + packet.len()).sum::<usize>();
        withdrawn
    }

    pub(in crate::wire) fn recycle(&mut self, keep: usize) {
        if self.units.is_empty() && self.packets.is_empty() {
            self.units.shrink_to(keep / size_of::<Unit>());
            self.packets.shrink_to(keep / size_of::<Packet>());
        }
    }
}

impl Unit {
    fn is_control(&self) -> bool {
        matches!(self.content, Content::Control(_))
    }

    fn into_packet(self) -> Option<Packet> {
        match self.content {
            Content::Control(_) => None,
            Content::Sealed(packet) => Some(packet),
            Content::Message => Some(Message::from(&self.bytes[PREFIX..]).into()),
        }
    }
}
