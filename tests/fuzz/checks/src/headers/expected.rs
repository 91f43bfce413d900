use hubless_protocol::patterns::{Loss, ProtocolViolation, Verdict};

/// The most words in front of an answer that is on its way (docs/sp.md section 7.1).
const ANSWER_WORDS: usize = 16;

/// What docs/sp.md says becomes of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) verdict: Verdict,
    /// How many bytes of it are header, where it is delivered.
    pub(crate) header: Option<usize>,
}

impl Expected {
    fn delivered(header: usize) -> Self {
        Self { verdict: Verdict::Accepted, header: Some(header) }
    }

    fn not(verdict: Verdict) -> Self {
        Self { verdict, header: None }
    }

    fn malformed() -> Self {
        Self::not(Verdict::Close(ProtocolViolation::MalformedHeader))
    }

    /// All of it is body.
    pub(crate) fn body() -> Self {
        Self::delivered(0)
    }

    pub(crate) fn filtered() -> Self {
        Self::not(Verdict::Drop(Loss::Filtered))
    }

    pub(crate) fn unexpected() -> Self {
        Self::not(Verdict::Close(ProtocolViolation::Unexpected))
    }

    pub(crate) fn stray() -> Self {
        Self::not(Verdict::Drop(Loss::Stray))
    }

    /// At a REP or RESPONDENT (section 7; section 12, rows 13 to 15).
    pub(crate) fn request(message: &[u8], ttl: u8) -> Self {
        match id(message, usize::from(ttl)) {
            Some(id) => Self::delivered(4 * (id + 1)),
            None if message.len() / 4 >= usize::from(ttl) => Self::not(Verdict::Drop(Loss::TooManyHops)),
            None => Self::malformed(),
        }
    }

    /// At a REQ or SURVEYOR that has asked nothing (section 12, rows 16 and 17).
    pub(crate) fn answer(message: &[u8]) -> Self {
        if message.len() < 4 { Self::malformed() } else { Self::stray() }
    }

    /// At a raw REQ or raw SURVEYOR (section 7.1).
    pub(crate) fn answer_on_its_way(message: &[u8]) -> Self {
        id(message, ANSWER_WORDS).map_or_else(Self::malformed, |id| Self::delivered(4 * (id + 1)))
    }

    /// At a PAIR v1 (section 8.6; section 12, row 19).
    pub(crate) fn hop(message: &[u8], ttl: u8) -> Self {
        match message {
            [0, 0, 0, hops, ..] if *hops <= ttl => Self::delivered(4),
            [0, 0, 0, _, ..] => Self::not(Verdict::Drop(Loss::TooManyHops)),
            _ => Self::malformed(),
        }
    }
}

/// Which of the first words is the id.
fn id(message: &[u8], words: usize) -> Option<usize> {
    message.chunks_exact(4).take(words).position(|word| word[0] & 0x80 != 0)
}
