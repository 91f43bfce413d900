/// A place in a string: 4 times the index of a byte, plus the part of that byte.
///
/// The question whether there is such a byte comes before the byte's own parts, so that a prefix that ends is apart
/// from those that go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

/// What a string has at a place, a number below 64: six bits of a byte, then its other two, or 0 for "it ends here"
/// and 1 for "it goes on".
///
/// Six and two, so that the symbols of a branch fit one word. The six tell digits, the letters of one case and the
/// usual punctuation apart: most topics have no branch at the other two.
pub(super) type Symbol = u32;

/// The part "is there such a byte?".
const END: u64 = 0;
/// The byte's bits 0 to 4 and 6.
const SIX: u64 = 1;
/// The byte's bits 5 and 7.
const TWO: u64 = 2;

impl Place {
    /// The first place where two strings differ, and what each has there.
    pub(super) fn of_difference(one: &[u8], other: &[u8]) -> Option<(Self, [Symbol; 2])> {
        let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let (part, symbols) = match (one.get(common), other.get(common)) {
            (None, None) => return None,
            (Some(&one), Some(&other)) if six(one) != six(other) => (SIX, [six(one), six(other)]),
            (Some(&one), Some(&other)) => (TWO, [two(one), two(other)]),
            (one, other) => (END, [one.is_some().into(), other.is_some().into()]),
        };
        Some((Self(((common as u64) << 2) | part), symbols))
    }

    /// Whether the prefixes that differ here do so because one of them ends.
    #[inline]
    pub(super) fn is_end(self) -> bool {
        self.0 & 3 == END
    }

    /// What a string has here; `None` beyond its end, unless that is the question.
    #[inline]
    pub(super) fn symbol(self, string: &[u8]) -> Option<Symbol> {
        let byte = usize::try_from(self.0 >> 2).ok().and_then(|index| string.get(index)).copied();
        match self.0 & 3 {
            END => Some(byte.is_some().into()),
            SIX => byte.map(six),
            _ => byte.map(two),
        }
    }
}

#[inline]
fn six(byte: u8) -> Symbol {
    ((byte & 0x1f) | ((byte >> 1) & 0x20)).into()
}

#[inline]
fn two(byte: u8) -> Symbol {
    (((byte >> 5) & 1) | ((byte >> 6) & 2)).into()
}
