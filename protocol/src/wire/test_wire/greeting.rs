use super::Keys;
use crate::wire::Codec;
use crate::wire::handshake::{Form, Handshake, Refusal, Session, Step, Turn};
use crate::wire::sp;
use crate::{PeerInfo, Role, Wire};

const LENGTH: usize = 3;

/// One end of the handshake.
#[derive(Debug)]
pub enum Greeting {
    /// Nothing has been heard, and that decides.
    Open { role: Role, form: Form },
    /// SP after all.
    Sp(sp::Greeting),
    /// What was said has been chosen by the one that dials.
    Test(Said),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Hears,
    Asked,
    Admitted,
}

#[derive(Debug)]
pub struct Said {
    role: Role,
    sealed: bool,
    dials: bool,
    stage: Stage,
    outgoing: Vec<u8>,
    received: Vec<u8>,
}

impl Greeting {
    /// An end that speaks first is one that dials.
    pub fn new(sealed: bool, role: Role, form: Form, turn: Turn) -> Self {
        match (form, turn) {
            (Form::Greeting, Turn::HearsFirst) => Self::Open { role, form },
            (Form::Greeting, Turn::SpeaksFirst) => Self::Test(Said::new(role, sealed, true)),
            (Form::Offer, turn) => Self::Sp(sp::Greeting::new(role, form, turn)),
        }
    }
}

impl Said {
    fn new(role: Role, sealed: bool, dials: bool) -> Self {
        let [high, low] = role.number().to_be_bytes();
        let outgoing = vec![tag(sealed), high, low];
        let stage = if dials { Stage::Admitted } else { Stage::Hears };
        Self { role, sealed, dials, stage, outgoing, received: Vec::new() }
    }

    fn advance(&mut self, input: &[u8]) -> Result<Step, Refusal> {
        self.received.extend_from_slice(input);
        let Some(&[first, high, low]) = self.received.first_chunk::<LENGTH>() else {
            return Ok(Step::NeedMore);
        };
        if first != tag(self.sealed) {
            return Err(Refusal::UnknownProtocol);
        }
        let number = u16::from_be_bytes([high, low]);
        let theirs = Role::from_number(number).filter(|theirs| self.role.talks_to(*theirs));
        let theirs = theirs.ok_or(Refusal::WrongPattern(number))?;
        let peer = PeerInfo { wire: Wire::Test { sealed: self.sealed }, ..PeerInfo::of(theirs) };
        match self.stage {
            Stage::Hears => {
                self.stage = Stage::Asked;
                return Ok(Step::Ask(peer));
            }
            Stage::Asked => return Ok(Step::NeedMore),
            Stage::Admitted => {}
        }
        let key = |role: Role, dials| u64::from(role.number()) << 1 | u64::from(dials);
        let (send, receive) = (key(self.role, self.dials), key(theirs, !self.dials));
        Ok(Step::Done(Session { peer, codec: Codec::Test(Keys { sealed: self.sealed, send, receive }) }))
    }
}

impl Handshake for Greeting {
    fn advance(&mut self, input: &[u8]) -> Result<Step, Refusal> {
        if let (Self::Open { role, form }, Some(first)) = (&*self, input.first()) {
            *self = match first {
                b'P' | b'S' => Self::Test(Said::new(*role, *first == b'S', false)),
                _ => Self::Sp(sp::Greeting::new(*role, *form, Turn::HearsFirst)),
            };
        }
        match self {
            Self::Open { .. } => Ok(Step::NeedMore),
            Self::Sp(greeting) => greeting.advance(input),
            Self::Test(said) => said.advance(input),
        }
    }

    fn wants(&self) -> usize {
        match self {
            Self::Open { .. } => 1,
            Self::Sp(greeting) => greeting.wants(),
            Self::Test(said) => LENGTH.saturating_sub(said.received.len()),
        }
    }

    fn admit(&mut self) {
        match self {
            Self::Open { .. } => {}
            Self::Sp(greeting) => greeting.admit(),
            Self::Test(said) => said.stage = Stage::Admitted,
        }
    }

    fn outgoing(&self) -> &[u8] {
        match self {
            Self::Open { .. } => &[],
            Self::Sp(greeting) => greeting.outgoing(),
            Self::Test(said) => {
                if said.stage == Stage::Admitted {
                    &said.outgoing
                } else {
                    &[]
                }
            }
        }
    }

    fn sent(&mut self, count: usize) {
        match self {
            Self::Open { .. } => {}
            Self::Sp(greeting) => greeting.sent(count),
            Self::Test(said) => drop(said.outgoing.drain(..count)),
        }
    }

    fn surplus(&mut self) -> Vec<u8> {
        match self {
            Self::Open { .. } => Vec::new(),
            Self::Sp(greeting) => greeting.surplus(),
            Self::Test(said) => said.received.split_off(LENGTH.min(said.received.len())),
        }
    }
}

fn tag(sealed: bool) -> u8 {
    if sealed { b'S' } else { b'P' }
}
