//! Who is compared: a library, and how it is set up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    /// The floor: system calls, or a queue, and nothing else.
    Raw,
    Hubless,
    Libzmq,
}

/// How its sockets are set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// As they come.
    Default,
    /// Many messages a call.
    Batch,
    /// With the buffers that it needs for its best.
    Buffers,
}

/// One column of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contestant {
    pub library: Library,
    pub setting: Setting,
}

impl Contestant {
    pub const fn new(library: Library, setting: Setting) -> Self {
        Self { library, setting }
    }

    pub const fn plain(library: Library) -> Self {
        Self::new(library, Setting::Default)
    }
}

impl Library {
    pub const ALL: [Self; 3] = [Self::Raw, Self::Hubless, Self::Libzmq];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Hubless => "hubless",
            Self::Libzmq => "libzmq",
        }
    }

    /// Whether this build of the program has it.
    pub const fn is_built(self) -> bool {
        match self {
            Self::Libzmq => cfg!(feature = "libzmq"),
            _ => true,
        }
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.setting {
            Setting::Default => write!(f, "{}", self.library),
            Setting::Batch => write!(f, "{} batch", self.library),
            Setting::Buffers => write!(f, "{} buffers", self.library),
        }
    }
}
