//! Where two ends meet.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fmt, fs, process};

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
                let folder = folder();
                fs::create_dir_all(&folder)?;
                format!("ipc://{}", folder.join(number.to_string()).display())
            }
            Self::Inproc => format!("inproc://versus-{number}"),
        })
    }
}

/// Where the sockets of this run lie in the file system.
fn folder() -> PathBuf {
    env::temp_dir().join(format!("versus-{}", process::id()))
}

/// Removes what ends have left behind that were ended.
pub fn clean_up() {
    drop(fs::remove_dir_all(folder()));
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
