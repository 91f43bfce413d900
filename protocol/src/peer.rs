use crate::Role;

/// A wire protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// The protocol of nanomsg, NNG and mangos.
    Sp,
}

/// What is known of a peer that may become a pipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// What it speaks.
    pub wire: Wire,
    /// Which end of a pattern it is.
    pub role: Role,
}
