//! What an end is told to do.

use serde::{Deserialize, Serialize};

use super::greeting::Kind;
use super::letters::Stream;
use super::own::Own;
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
    Publish {
        listen: String,
        stream: Stream,
        subscribers: usize,
    },
    Subscribe {
        dial: String,
        stream: Stream,
        subscribers: usize,
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
    /// Takes connections and does nothing with them; for each line that it is told it says what it holds and has used.
    Idle {
        listen: String,
    },
    /// Connects so many times with the least that is a connection to the other side, and does nothing with them.
    Crowd {
        dial: String,
        count: usize,
        kind: Kind,
    },
    /// What is measured of hubless alone.
    Own(Own),
    /// No end at all: the library says its version.
    Version,
}
