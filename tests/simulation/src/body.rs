use hubless_transport::Message;

/// Bytes behind the topic and the filling: sender, serial number, subject, and a sum over everything.
const TAIL: usize = 14;

/// What stands in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Body {
    /// The node that made it.
    pub(crate) sender: u16,
    /// No other message has the same.
    pub(crate) serial: u32,
    /// The serial number of the request that it answers; otherwise 0.
    pub(crate) about: u32,
}

impl Body {
    /// As it is sent: `topic`, `filling` bytes of filling, and the rest.
    pub(crate) fn encode(self, topic: &[u8], filling: usize) -> Message {
        let mut bytes = Vec::with_capacity(topic.len() + filling + TAIL);
        bytes.extend_from_slice(topic);
        bytes.resize(topic.len() + filling, b'.');
        bytes.extend_from_slice(&self.sender.to_be_bytes());
        bytes.extend_from_slice(&self.serial.to_be_bytes());
        bytes.extend_from_slice(&self.about.to_be_bytes());
        bytes.extend_from_slice(&sum(&bytes).to_be_bytes());
        bytes.into()
    }

    /// What was encoded; `None` where a byte is another.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (summed, expected) = bytes.split_last_chunk()?;
        let (rest, about) = summed.split_last_chunk()?;
        let (rest, serial) = rest.split_last_chunk()?;
        let (_, sender) = rest.split_last_chunk()?;
        (sum(summed) == u32::from_be_bytes(*expected)).then_some(Self {
            sender: u16::from_be_bytes(*sender),
            serial: u32::from_be_bytes(*serial),
            about: u32::from_be_bytes(*about),
        })
    }
}

/// FNV-1a.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
