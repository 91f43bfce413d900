use std::fmt;
use std::io;
use std::sync::Arc;

/// What the system, or a transport, gave as the reason of a failure. Cheap to clone, as an [`io::Error`] is not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IoCause {
    /// Its kind.
    pub kind: io::ErrorKind,
    /// The system's number for it, where it is the system's.
    pub code: Option<i32>,
    text: Arc<str>,
}

impl From<&io::Error> for IoCause {
    fn from(error: &io::Error) -> Self {
        Self { kind: error.kind(), code: error.raw_os_error(), text: error.to_string().into() }
    }
}

impl From<io::Error> for IoCause {
    fn from(error: io::Error) -> Self {
        Self::from(&error)
    }
}

impl From<io::ErrorKind> for IoCause {
    fn from(kind: io::ErrorKind) -> Self {
        Self { kind, code: None, text: kind.to_string().into() }
    }
}

impl fmt::Display for IoCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
