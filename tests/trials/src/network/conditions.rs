use std::time::Duration;

/// What a network does to the packets that it carries, in each direction. Shares are in packets of a hundred.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions {
    /// Packets that are lost.
    pub loss: u8,
    /// How long a packet takes.
    pub delay: Duration,
    /// Packets that take longer, so that others overtake them: up to three times the delay, and a millisecond at least.
    pub reorder: u8,
    /// Packets that arrive twice.
    pub duplicate: u8,
    /// Packets in which two words of what tcp carries change places. No sum of tcp notices it: for those who want to see
    /// whether the oracle does.
    pub tamper: u8,
}

impl Conditions {
    /// A network in which something goes wrong all the time: one packet of a hundred is lost, five are overtaken, and one
    /// arrives twice.
    pub fn poor() -> Self {
        Self { loss: 1, delay: Duration::from_millis(2), reorder: 5, duplicate: 1, tamper: 0 }
    }

    /// A network that works, with a delay as between two machines of one house.
    pub fn good() -> Self {
        Self { delay: Duration::from_micros(200), ..Self::default() }
    }
}
