//! What an end is told to do.

use serde::{Deserialize, Serialize};

use super::letters::Stream;
use crate::contestant::Contestant;

/// One end, in a process of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    pub contestant: Contestant,
    pub role: Role,
    /// Where its threads run; anywhere, if there is none.
    pub cpu: Option<usize>,
}

/// What it does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Pull {
        listen: String,
        stream: Stream,
    },
    Push {
        dial: String,
        stream: Stream,
    },
    Rep {
        listen: String,
    },
    Req {
        dial: String,
        stream: Stream,
    },
    /// Both ends, each a thread.
    PushPull {
        address: String,
        stream: Stream,
    },
    ReqRep {
        address: String,
        stream: Stream,
    },
    /// No end at all: the library says its version.
    Version,
}
