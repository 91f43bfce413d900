use std::collections::BTreeMap;
use std::fmt;

use hubless::Stats;

/// What a socket has counted, by name; what is zero is not there.
#[derive(Debug, Clone, Default)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    pub(super) fn of(stats: &Stats) -> Self {
        let Stats { drops, violations, refused, .. } = stats;
        let counts = [
            ("pipes", stats.pipes as u64),
            ("connected", stats.connected),
            ("disconnected", stats.disconnected),
            ("received", stats.received),
            ("send_queue", stats.send_queue as u64),
            ("recv_queue", stats.recv_queue as u64),
            ("peer_full", drops.peer_full),
            ("stray", drops.stray),
            ("too_many_hops", drops.too_many_hops),
            ("message_too_large", violations.message_too_large),
            ("malformed_header", violations.malformed_header),
            ("unknown_frame", violations.unknown_frame),
            ("message_too_slow", violations.too_slow),
            ("unknown_protocol", refused.unknown_protocol),
            ("unknown_version", refused.unknown_version),
            ("wrong_pattern", refused.wrong_pattern),
            ("handshake_too_slow", refused.too_slow),
            ("handshake_broken", refused.broken),
            ("too_many", refused.too_many),
        ];
        Self(
            counts
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(name, count)| (name.into(), count))
                .collect(),
        )
    }

    /// What was written with `Display`.
    pub(super) fn parse(line: &str) -> Self {
        let words = line.split_whitespace().filter_map(|word| word.split_once('='));
        Self(words.map(|(name, count)| (name.into(), count.parse().expect("a number"))).collect())
    }

    pub(super) fn count(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, count)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={count}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}
