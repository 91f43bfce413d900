//! Who listens and who dials, where the command line gives an address and does not say.

/// What is done with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Listens,
    Dials,
}

/// Roles that others come to: they listen. The others dial.
const COME_TO: [&str; 4] = ["rep", "pub", "pull", "surveyor"];

impl Side {
    /// What the role with this name does by default.
    pub(crate) fn of_role(name: &str) -> Self {
        if COME_TO.contains(&name) { Self::Listens } else { Self::Dials }
    }

    /// What is done with this address. Nobody can dial `*`, or port 0: these are listened on.
    pub(crate) fn of(self, url: &str) -> Self {
        let nowhere = url.strip_prefix("tcp://").is_some_and(|address| {
            address.starts_with("*:") || address.rsplit_once(':').is_some_and(|(_, port)| port == "0")
        });
        if nowhere { Self::Listens } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_nobody_can_dial_is_listened_on() {
        for url in ["tcp://*:5555", "tcp://127.0.0.1:0", "tcp://[::1]:0", "tcp://*:0"] {
            assert_eq!(Side::Dials.of(url), Side::Listens, "{url}");
        }
        for url in ["tcp://127.0.0.1:5550", "ipc:///tmp/*:0", "tcp://host", "inproc://x:0", ""] {
            assert_eq!(Side::Dials.of(url), Side::Dials, "{url}");
            assert_eq!(Side::Listens.of(url), Side::Listens, "{url}");
        }
    }
}
