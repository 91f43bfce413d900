use std::fmt;

/// Why an address cannot be used, in words for its author: what is wrong and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressError {
    reason: String,
}

impl AddressError {
    /// An error with this explanation. It names the bad part and what would be right.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }

    /// The explanation.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for AddressError {}
