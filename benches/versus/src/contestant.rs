//! Who is compared: a library, and how it is set up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::place::Transport;

/// A library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    /// The floor: system calls, or a queue, and nothing else.
    Raw,
    Hubless,
    Libzmq,
    Nanomsg,
    Nng,
    ZmqRs,
    Rzmq,
    Omq,
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
    /// By its blocking interface, where it has an asynchronous one too.
    Blocking,
    /// A publisher that waits for slow subscribers.
    NoDrop,
}

/// One column of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contestant {
    pub library: Library,
    pub setting: Setting,
}

impl Contestant {
    pub const RAW: Self = Self::plain(Library::Raw);
    pub const HUBLESS: Self = Self::plain(Library::Hubless);

    pub const fn new(library: Library, setting: Setting) -> Self {
        Self { library, setting }
    }

    pub const fn plain(library: Library) -> Self {
        Self::new(library, Setting::Default)
    }
}

impl Library {
    pub const ALL: [Self; 8] = [
        Self::Raw,
        Self::Hubless,
        Self::Libzmq,
        Self::Nanomsg,
        Self::Nng,
        Self::ZmqRs,
        Self::Rzmq,
        Self::Omq,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Hubless => "hubless",
            Self::Libzmq => "libzmq",
            Self::Nanomsg => "nanomsg",
            Self::Nng => "nng",
            Self::ZmqRs => "zmq.rs",
            Self::Rzmq => "rzmq",
            Self::Omq => "omq",
        }
    }

    /// Whether this build of the program has it.
    pub const fn is_built(self) -> bool {
        match self {
            Self::Libzmq => cfg!(feature = "libzmq"),
            Self::Nanomsg => cfg!(feature = "nanomsg"),
            Self::Nng => cfg!(feature = "nng"),
            _ => true,
        }
    }

    pub fn goes_over(self, transport: Transport) -> bool {
        self != Self::ZmqRs || transport != Transport::Inproc
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = match self.setting {
            Setting::Default => return self.library.fmt(f),
            Setting::Batch => "batch",
            Setting::Buffers => "buffers",
            Setting::Blocking => "blocking",
            Setting::NoDrop => "no drop",
        };
        write!(f, "{}, {setting}", self.library)
    }
}
