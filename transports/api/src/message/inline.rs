//! A body that is kept in place.

use std::num::NonZeroU64;

/// Bodies up to this many bytes are kept in place: no allocation, no reference count. A round number, because a message is
/// moved in pieces of 16 bytes: a last piece that overlaps the one before waits for it to leave the store buffer, which took
/// a quarter of the time of a send.
pub(super) const INLINE: usize = 64;

/// Borders between frames that have a place: up to eight frames are kept in place.
pub(super) const BORDERS: usize = 7;

/// A body kept in place, and where its frames end.
///
/// The word holds one byte for the length and one for each border, so that all of it moves at once and a body of one frame has
/// nothing but its length there. Each byte is what it says plus one; so the word is never zero, which tells a shared body from
/// this, and a border of zero is none. Borders that there are stand in front of those that there are not.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Inline {
    bytes: [u8; INLINE],
    word: NonZeroU64,
}

impl Inline {
    pub(super) const EMPTY: Self = Self { bytes: [0; INLINE], word: NonZeroU64::MIN };

    /// One frame: the first `length` of these bytes.
    #[inline]
    pub(super) fn front(bytes: [u8; INLINE], length: usize) -> Self {
        Self { bytes, word: Self::length_alone(length) }
    }

    /// A copy as one frame, if it fits.
    #[inline]
    pub(super) fn copy_of(bytes: &[u8]) -> Option<Self> {
        let mut inline = Self::EMPTY;
        inline.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        inline.word = Self::length_alone(bytes.len());
        Some(inline)
    }

    /// A copy with these borders, if both fit.
    pub(super) fn with_borders(bytes: &[u8], borders: &[usize]) -> Option<Self> {
        let mut inline = Self::copy_of(bytes)?;
        (borders.len() <= BORDERS).then(|| inline.set_borders(borders))?;
        Some(inline)
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        usize::from(self.word_bytes()[0]).wrapping_sub(1)
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }

    /// All there is room for, whatever the length.
    #[inline]
    pub(super) fn room(&self) -> &[u8; INLINE] {
        &self.bytes
    }

    #[inline]
    pub(super) fn has_borders(&self) -> bool {
        self.word.get() > u64::from(u8::MAX)
    }

    /// Where frames end and others begin.
    #[inline]
    pub(super) fn borders(&self) -> impl DoubleEndedIterator<Item = usize> {
        let bytes = self.word_bytes();
        bytes.into_iter().skip(1).filter(|end| *end > 0).map(|end| usize::from(end) - 1)
    }

    pub(super) fn border(&self, index: usize) -> Option<usize> {
        let end = *self.word_bytes().get(index.checked_add(1)?)?;
        usize::from(end).checked_sub(1)
    }

    pub(super) fn border_count(&self) -> usize {
        self.borders().count()
    }

    /// From now on one frame.
    #[inline]
    pub(super) fn join(&mut self) {
        self.word = NonZeroU64::new(self.word.get() & u64::from(u8::MAX)).unwrap_or(NonZeroU64::MIN);
    }

    /// Drops the first `count` bytes, of which there are as many, and the borders in front of their end.
    #[inline]
    pub(super) fn advance(&mut self, count: usize) {
        let end = self.len();
        self.bytes.copy_within(count..end, 0);
        if self.has_borders() {
            return self.advance_frames(count, end);
        }
        self.word = Self::length_alone(end - count);
    }

    #[cold]
    fn advance_frames(&mut self, count: usize, end: usize) {
        let (mut borders, mut kept) = ([0; BORDERS], 0);
        for border in self.borders().filter_map(|border| border.checked_sub(count)) {
            borders[kept] = border;
            kept += 1;
        }
        self.word = Self::length_alone(end - count);
        self.set_borders(&borders[..kept]);
    }

    /// At most as many as there is room for, in order, and none behind the end.
    fn set_borders(&mut self, borders: &[usize]) {
        let mut bytes = self.word_bytes();
        for (place, border) in bytes[1..].iter_mut().zip(borders) {
            *place = Self::stored(*border);
        }
        self.word = NonZeroU64::new(u64::from_le_bytes(bytes)).unwrap_or(NonZeroU64::MIN);
    }

    /// The layout of one frame of this length.
    #[inline]
    fn length_alone(length: usize) -> NonZeroU64 {
        NonZeroU64::MIN.saturating_add(length as u64)
    }

    /// A number of at most 64, plus one.
    fn stored(number: usize) -> u8 {
        u8::try_from(number).map_or(u8::MAX, |number| number.saturating_add(1))
    }

    #[inline]
    fn word_bytes(&self) -> [u8; 8] {
        self.word.get().to_le_bytes()
    }
}
