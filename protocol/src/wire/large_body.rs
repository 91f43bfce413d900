//! The body of a large message, for the decoders of all wire protocols: memory grows with what has arrived.

/// The memory that a claim alone is worth.
pub(super) const STEP: usize = 64 * 1024;
/// How many times what has arrived is set aside, up to a step, before more is read.
pub(super) const LIKELY: usize = 4;

/// A body that is read into memory of its own.
#[derive(Debug)]
pub(super) struct LargeBody {
    pub(super) bytes: Vec<u8>,
    pub(super) length: usize,
}

impl LargeBody {
    #[inline]
    pub(super) fn missing(&self) -> usize {
        self.length.saturating_sub(self.bytes.len())
    }

    /// How much the next read may bring.
    #[inline]
    pub(super) fn next_read(&self) -> usize {
        if self.is_short() { self.ahead() } else { self.spare() }
    }

    /// Where the system has no memory, what there was stays.
    #[inline]
    pub(super) fn make_room_to_read(&mut self) {
        if self.is_short() {
            let _ = self.bytes.try_reserve_exact(self.ahead());
        }
    }

    /// Moves here what there is of it at the front of `input`; whether there was memory.
    #[inline]
    pub(super) fn take_from(&mut self, input: &mut &[u8]) -> bool {
        let (taken, rest) = input.split_at(self.missing().min(input.len()));
        if !self.make_room_for(taken.len()) {
            return false;
        }
        self.bytes.extend_from_slice(taken);
        *input = rest;
        true
    }

    /// The body, all of which is here, and what was read beyond it.
    #[inline]
    pub(super) fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        let beyond = self.bytes.split_off(self.length);
        (self.bytes, beyond)
    }

    #[inline]
    fn spare(&self) -> usize {
        self.bytes.capacity().saturating_sub(self.bytes.len())
    }

    /// What a read may bring, when what was set aside is used up.
    #[inline]
    fn ahead(&self) -> usize {
        STEP.max(self.bytes.len()).min(self.missing())
    }

    /// Whether a read needs more memory than there is: none is left, or only a few times what arrived first.
    #[inline]
    fn is_short(&self) -> bool {
        self.spare() == 0 || self.bytes.capacity() < STEP.min(self.length)
    }

    /// Makes room for `arrived` bytes, and for as many times that as are likely to follow at once. Memory grows with the bytes
    /// that have arrived, not with the claim (sp.md section 12, row 9): a peer that is read no further has little set aside.
    #[inline]
    fn make_room_for(&mut self, arrived: usize) -> bool {
        if self.spare() < arrived {
            let likely = self.bytes.len().saturating_add(arrived).saturating_mul(LIKELY);
            return self.bytes.try_reserve_exact(self.ahead().min(likely).max(arrived)).is_ok();
        }
        true
    }
}
