//! Where two ends meet.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fmt, process};

use serde::{Deserialize, Serialize};

use crate::Outcome;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    Tcp,
    Ipc,
    Inproc,
}

impl Transport {
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Ipc, Self::Inproc];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Ipc => "ipc",
            Self::Inproc => "inproc",
        }
    }

    /// An address that nobody else uses.
    pub fn address(self) -> Outcome<String> {
        static USED: AtomicU64 = AtomicU64::new(0);
        let number = USED.fetch_add(1, Ordering::Relaxed);
        Ok(match self {
            // Not every library tells which port it was given, so one is found here.
            Self::Tcp => format!("tcp://{}", TcpListener::bind("127.0.0.1:0")?.local_addr()?),
            Self::Ipc => {
                let name = format!("versus-{}-{number}", process::id());
                format!("ipc://{}", env::temp_dir().join(name).display())
            }
            Self::Inproc => format!("inproc://versus-{number}"),
        })
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
