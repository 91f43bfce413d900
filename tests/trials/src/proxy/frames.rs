/// Bytes of the greeting that stands before the first message.
const GREETING: usize = 8;

/// Where in the messages of a stream one is.
#[derive(Debug)]
pub(super) struct Frames {
    prefix: usize,
    /// What has come of the length, with what stands before it.
    head: Vec<u8>,
    /// How much of the greeting or of the present message is missing; `None` while its length is not known.
    missing: Option<u64>,
    greeted: bool,
}

impl Frames {
    /// At the beginning of a stream whose messages have so many bytes before them.
    pub(super) fn new(prefix: usize) -> Self {
        Self { prefix, head: Vec::new(), missing: Some(GREETING as u64), greeted: false }
    }

    /// Whether the greeting is over.
    pub(super) fn greeted(&self) -> bool {
        self.greeted
    }

    /// Goes on to the end of the present message, or of these bytes: how many they are, and whether a message ends there.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut used = 0;
        if self.missing.is_none() {
            used = bytes.len().min(self.prefix - self.head.len());
            self.head.extend_from_slice(&bytes[..used]);
            if self.head.len() < self.prefix {
                return (used, false);
            }
            let length = self.head.last_chunk().copied().map_or(0, u64::from_be_bytes);
            self.missing = Some(length);
            self.head.clear();
        }
        let missing = self.missing.unwrap_or(0);
        let body = missing.min((bytes.len() - used) as u64);
        used += usize::try_from(body).expect("no more than there is");
        if body < missing {
            self.missing = Some(missing - body);
            return (used, false);
        }
        self.missing = None;
        (used, std::mem::replace(&mut self.greeted, true))
    }

    /// Goes over all of these bytes: how many messages end in them.
    pub(super) fn count(&mut self, mut bytes: &[u8]) -> u64 {
        let mut ends = 0;
        while !bytes.is_empty() {
            let (used, ended) = self.advance(bytes);
            ends += u64::from(ended);
            bytes = &bytes[used..];
        }
        ends
    }
}
