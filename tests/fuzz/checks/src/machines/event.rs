use std::time::Duration;

use arbitrary::{Arbitrary, Result, Unstructured};

/// The most bytes of a message.
const LONGEST: u8 = 40;

/// What can happen to a machine. Pipes are named by their slot, which is used again.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A peer joins; `capacity` messages may be queued for it.
    Joins {
        slot: u8,
        capacity: usize,
    },
    Leaves {
        slot: u8,
    },
    /// So many messages leave, and the next one in part.
    Drains {
        slot: u8,
        count: u8,
        begins: bool,
    },
    /// The user sends; the bytes say what.
    Sends(Vec<u8>),
    Arrives {
        slot: u8,
        bytes: Vec<u8>,
    },
    /// An answer arrives for one of those the user waits for, now or earlier.
    Answers {
        slot: u8,
        which: u8,
    },
    /// What the pipe that died first did not get rid of comes back.
    Returns,
    Passes(Duration),
    /// The memory of the context is exhausted, or is not.
    Memory(bool),
    /// The user waits no longer.
    Cancels {
        which: u8,
    },
}

/// One byte says what happens, the next ones to whom and how much, as the table in `tests/fuzz/README.md` has it.
impl<'a> Arbitrary<'a> for Event {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        if input.is_empty() {
            return Err(arbitrary::Error::NotEnoughData);
        }
        Ok(match byte(input)? % 10 {
            0 => Self::Joins { slot: slot(input)?, capacity: usize::from(byte(input)? % 4 + 1) },
            1 => Self::Leaves { slot: slot(input)? },
            2 => {
                let (slot, count) = (slot(input)?, byte(input)?);
                Self::Drains { slot, count: count & 0x7f, begins: count & 0x80 != 0 }
            }
            3 => Self::Sends(bytes(input)?),
            4 => Self::Arrives { slot: slot(input)?, bytes: bytes(input)? },
            5 => Self::Answers { slot: slot(input)?, which: byte(input)? },
            6 => Self::Returns,
            7 => Self::Passes(Duration::from_millis(1 << (byte(input)? % 20))),
            8 => Self::Memory(byte(input)? % 2 == 1),
            _ => Self::Cancels { which: byte(input)? },
        })
    }
}

fn byte(input: &mut Unstructured<'_>) -> Result<u8> {
    input.arbitrary()
}

fn slot(input: &mut Unstructured<'_>) -> Result<u8> {
    Ok(byte(input)? % 4)
}

/// One byte for the length, and what follows it.
fn bytes(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let length = usize::from(byte(input)? % (LONGEST + 1)).min(input.len());
    Ok(input.bytes(length)?.to_vec())
}
