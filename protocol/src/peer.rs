use hubless_transport::Identity;

use crate::Role;

/// A wire protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// The protocol of nanomsg, NNG and mangos.
    Sp,
    /// One for tests, with controls, that can seal.
    #[doc(hidden)]
    #[cfg(any(test, feature = "test-wire"))]
    Test {
        /// Whether nobody can read its bytes but the peer.
        sealed: bool,
    },
}

impl Wire {
    /// Whether a listener hears first, because the one that dials says which of several protocols it speaks.
    pub fn listener_hears_first(self) -> bool {
        match self {
            Self::Sp => false,
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test { .. } => true,
        }
    }

    /// Whether it has [controls](crate::Control).
    pub fn has_controls(self) -> bool {
        match self {
            Self::Sp => false,
            #[cfg(any(test, feature = "test-wire"))]
            Self::Test { .. } => true,
        }
    }
}

/// What is known of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// What it speaks.
    pub wire: Wire,
    /// Which end of a pattern it is.
    pub role: Role,
    /// The name that it has given itself, in wire protocols where peers have names.
    pub name: Option<Box<[u8]>>,
    /// What its transport knows of who it is.
    pub identity: Identity,
}

impl PeerInfo {
    /// A peer that has this role and speaks SP, in which peers have no names.
    pub fn of(role: Role) -> Self {
        Self { wire: Wire::Sp, role, name: None, identity: Identity::default() }
    }
}
