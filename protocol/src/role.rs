use std::fmt;

/// One end of a pattern, as SP numbers it (sp.md section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// PAIR, version 0.
    PairV0,
    /// PAIR, version 1.
    PairV1,
    /// PUB: publishes.
    Pub,
    /// SUB: subscribes.
    Sub,
    /// REQ: sends requests.
    Req,
    /// REP: replies.
    Rep,
    /// PUSH: hands out work.
    Push,
    /// PULL: takes work.
    Pull,
    /// SURVEYOR: asks all.
    Surveyor,
    /// RESPONDENT: answers surveys.
    Respondent,
    /// BUS: each to all others.
    Bus,
}

impl Role {
    /// All there are.
    pub const ALL: [Self; 11] = [
        Self::PairV0,
        Self::PairV1,
        Self::Pub,
        Self::Sub,
        Self::Req,
        Self::Rep,
        Self::Push,
        Self::Pull,
        Self::Surveyor,
        Self::Respondent,
        Self::Bus,
    ];

    /// The endpoint number that stands in the handshake.
    pub const fn number(self) -> u16 {
        match self {
            Self::PairV0 => 0x10,
            Self::PairV1 => 0x11,
            Self::Pub => 0x20,
            Self::Sub => 0x21,
            Self::Req => 0x30,
            Self::Rep => 0x31,
            Self::Push => 0x50,
            Self::Pull => 0x51,
            Self::Surveyor => 0x62,
            Self::Respondent => 0x63,
            Self::Bus => 0x70,
        }
    }

    /// The roles it talks to, of which there is at least one.
    #[must_use]
    pub const fn peers(self) -> &'static [Self] {
        match self {
            Self::PairV0 => &[Self::PairV0],
            Self::PairV1 => &[Self::PairV1],
            Self::Pub => &[Self::Sub],
            Self::Sub => &[Self::Pub],
            Self::Req => &[Self::Rep],
            Self::Rep => &[Self::Req],
            Self::Push => &[Self::Pull],
            Self::Pull => &[Self::Push],
            Self::Surveyor => &[Self::Respondent],
            Self::Respondent => &[Self::Surveyor],
            Self::Bus => &[Self::Bus],
        }
    }

    /// Whether it talks to this role.
    #[must_use]
    pub fn talks_to(self, other: Self) -> bool {
        self.peers().contains(&other)
    }

    /// Whether a send waits for room, where others drop.
    #[inline]
    pub const fn waits_for_room(self) -> bool {
        matches!(self, Self::Push | Self::Req | Self::PairV0 | Self::PairV1)
    }

    /// Whether a socket has one peer at a time.
    #[inline]
    pub const fn has_one_peer(self) -> bool {
        matches!(self, Self::PairV0 | Self::PairV1)
    }

    /// Whether messages go both ways.
    #[inline]
    pub const fn talks_both_ways(self) -> bool {
        !matches!(self, Self::Push | Self::Pull | Self::Pub | Self::Sub)
    }

    /// Whether it receives and never sends.
    #[inline]
    pub const fn only_receives(self) -> bool {
        matches!(self, Self::Pull | Self::Sub)
    }

    /// The role that has this number, if one has.
    #[inline]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.number() == number)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PairV0 => "PAIR v0",
            Self::PairV1 => "PAIR v1",
            Self::Pub => "PUB",
            Self::Sub => "SUB",
            Self::Req => "REQ",
            Self::Rep => "REP",
            Self::Push => "PUSH",
            Self::Pull => "PULL",
            Self::Surveyor => "SURVEYOR",
            Self::Respondent => "RESPONDENT",
            Self::Bus => "BUS",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_talk_to_each_other_or_not_at_all_and_are_known_by_their_numbers() {
        for role in Role::ALL {
            assert!(!role.peers().is_empty());
            assert!(Role::ALL.iter().all(|other| role.talks_to(*other) == other.talks_to(role)));
            assert_eq!(Role::from_number(role.number()), Some(role));
        }
        assert_eq!(Role::from_number(0x60), None);
    }
}
