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
    /// The floor, writing in one way of several.
    Floor(Floor),
}

/// How the floor writes. None is best on every machine and at every size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Floor {
    /// Bytes of one write.
    pub write: usize,
    /// Bytes of the buffers of a connection in the system, as far as it grants them; its own where there is no number.
    pub buffers: Option<usize>,
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

impl Floor {
    /// More than 65,483 bytes at once is pathological on a loopback TCP connection of some systems, and best on others.
    pub const USUAL: Self = Self::new(60_000, None);
    pub const ALL: [Self; 5] = [
        Self::USUAL,
        Self::new(16 << 10, None),
        Self::new(256 << 10, None),
        Self::new(256 << 10, Some(4 << 20)),
        Self::new(1 << 20, Some(4 << 20)),
    ];

    const fn new(write: usize, buffers: Option<usize>) -> Self {
        Self { write, buffers }
    }

    pub fn contestants() -> Vec<Contestant> {
        Self::ALL.map(|floor| Contestant::new(Library::Raw, Setting::Floor(floor))).into()
    }
}

impl Setting {
    pub fn floor(self) -> Floor {
        if let Self::Floor(floor) = self { floor } else { Floor::USUAL }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "writes of {}", size_name(self.write))?;
        match self.buffers {
            Some(octets) => write!(f, ", buffers of {}", size_name(octets)),
            None => Ok(()),
        }
    }
}

/// A size as people write it.
pub fn size_name(octets: usize) -> String {
    match octets {
        octets if octets < 1024 || !octets.is_multiple_of(1024) => format!("{octets} B"),
        1024..1_048_576 => format!("{} KiB", octets / 1024),
        _ => format!("{} MiB", octets / 1_048_576),
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
            Setting::Floor(floor) => return write!(f, "{}, {floor}", self.library),
        };
        write!(f, "{}, {setting}", self.library)
    }
}
