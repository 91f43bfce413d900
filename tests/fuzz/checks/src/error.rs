//! The little that the library's files need of its errors.

use hubless_transport::AddressError;

/// As the library's, of addresses only.
#[derive(Debug)]
pub(crate) struct Error(pub(crate) AddressError);

impl Error {
    pub(crate) fn address(address: &str, error: &AddressError) -> Self {
        Self(error.clone().within(address, 0))
    }
}
