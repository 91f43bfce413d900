use hubless::Message;

/// Bytes of a stamp with its sum.
const LENGTH: usize = 40;

/// What stands at the beginning of every message of a trial. The rest of the message follows from it, and a sum goes over all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The trial, so that nothing of another one is taken for its own.
    pub run: u64,
    /// Who sent it.
    pub sender: u32,
    /// Which life of the sender: a process that was killed and started again is another.
    pub incarnation: u32,
    /// Counts up for each sender, from 0.
    pub seq: u64,
    /// What it answers: the `seq` of the request; otherwise 0.
    pub about: u64,
}

impl Stamp {
    /// The message, of `length` bytes or as many as a stamp needs.
    pub fn encode(&self, length: usize) -> Message {
        let mut bytes = Vec::with_capacity(length.max(LENGTH));
        bytes.extend_from_slice(&self.run.to_be_bytes());
        bytes.extend_from_slice(&self.sender.to_be_bytes());
        bytes.extend_from_slice(&self.incarnation.to_be_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.about.to_be_bytes());
        // The length is part of what is summed: a message that was cut is another.
        bytes.extend_from_slice(&[0; 8]);
        let [.., first] = self.seq.to_be_bytes();
        let filling = (first..=u8::MAX).chain(0..first).cycle();
        bytes.extend(filling.take(length.saturating_sub(LENGTH)));
        let sum = sum(&bytes);
        bytes[LENGTH - 8..LENGTH].copy_from_slice(&sum.to_be_bytes());
        bytes.into()
    }

    /// What was encoded; `None` where a byte is another, or one is missing or too many.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        let long = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes);
        let stamp = Self {
            run: long(0)?,
            sender: word(8)?,
            incarnation: word(12)?,
            seq: long(16)?,
            about: long(24)?,
        };
        let mut unsummed = bytes.to_vec();
        unsummed.get_mut(LENGTH - 8..LENGTH)?.fill(0);
        (sum(&unsummed) == long(LENGTH - 8)?).then_some(stamp)
    }
}

/// Eight bytes at a time, so that large messages do not take the time of a trial; the length is in it.
fn sum(bytes: &[u8]) -> u64 {
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let summed = words.iter().fold(bytes.len() as u64, |sum, word| mix(sum, u64::from_be_bytes(*word)));
    rest.iter().fold(summed, |sum, byte| mix(sum, u64::from(*byte)))
}
