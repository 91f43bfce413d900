use std::fs;

use hubless::Stats;

use super::place::Place;
use crate::Ending;

/// What the system, and the proxy, which plays a part of it, had in their hands when connections ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hands {
    /// Known to the message, because all was taken to the end.
    Exactly(u64),
    /// A reset throws away what nobody has seen.
    AtLeast(u64),
}

impl Hands {
    /// A connection is also reset that the receiver has waited for too long, and that the sender takes for one that stands.
    pub(super) fn of(place: &Place<'_>, receiver: &Stats) -> Self {
        let turned_away = receiver.refused.too_slow;
        match place.plan.manner.as_ref().map(crate::Manner::ending) {
            Some(Ending::Reset) => Self::AtLeast(0),
            _ if turned_away > 0 => Self::AtLeast(place.swallowed()),
            _ => Self::Exactly(place.swallowed()),
        }
    }

    /// Whether nothing is under way any more, as far as that can be told.
    pub(super) fn holds(self, sent: u64, delivered: u64, counted: u64) -> bool {
        match self {
            Self::Exactly(known) => sent == delivered + counted + known,
            Self::AtLeast(known) => sent >= delivered + counted + known,
        }
    }

    /// That sent = delivered + counted + what was in the system; how much that was.
    #[track_caller]
    pub(super) fn assert_holds(self, sent: u64, delivered: u64, counted: u64) -> u64 {
        let account = format!("{sent} sent, {delivered} delivered, {counted} counted as lost, {self:?}");
        let in_system = sent.checked_sub(delivered + counted);
        let in_system = in_system.unwrap_or_else(|| panic!("more counted than were lost: {account}"));
        assert!(self.holds(sent, delivered, counted), "lost and not counted: {account}");
        in_system
    }
}

/// How much the system holds of one connection through a proxy: what is written and what is received, twice.
pub(super) fn bytes_in_system() -> u64 {
    let most = |path: &str| {
        let text = fs::read_to_string(path).expect("a setting of the system");
        text.split_whitespace().last().and_then(|word| word.parse::<u64>().ok()).expect("a number")
    };
    2 * (most("/proc/sys/net/ipv4/tcp_wmem") + most("/proc/sys/net/ipv4/tcp_rmem"))
}
