use std::time::Duration;

use hubless_kit::WIRES;

use super::attacker::{Field, Made};
use super::report::{Fallen, Report};
use super::tally::Tally;

/// Something that peers do who mean harm.
#[derive(Debug)]
pub struct Attack {
    /// What it is called.
    pub name: &'static str,
    /// The transports over which it can be tried.
    pub transports: &'static [&'static str],
    /// What is attacked.
    pub(super) post: Post,
    pub(super) terms: Terms,
    pub(super) act: fn(&Field) -> Made,
    // What it may cost the listener.
    /// Memory in use, in KiB.
    pub(super) grown_kib: u64,
    /// Memory asked for, in KiB.
    pub(super) reserved_kib: u64,
    /// Connections, as the system counts descriptors.
    pub(super) connections: usize,
    /// Part of a processor, or as much as on this machine it takes to serve the honest peer.
    pub(super) cpu: f64,
    /// Whether peers that were not there before get in during the attack.
    pub(super) newcomers: bool,
    /// Whether it has counted what was done, so many times. What harms nobody is counted among what is received, waits or stays.
    pub(super) counted: fn(&Tally, u64) -> bool,
}

/// The socket that is attacked, beside the REP to which the honest peer talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Post {
    /// That REP itself.
    Front,
    /// A PUB. What the honest peer asks for is published, and it hears that.
    News,
    /// A PUSH. What the honest peer asks for is pushed, and it gets that.
    Work,
    /// A surveyor. What the honest peer asks for is asked everybody, and it answers that.
    Survey,
    /// A PULL from which all is taken at once.
    Drain,
    /// A PULL from which nothing is taken.
    Heap,
    /// The same, in a context of its own.
    HeapApart,
}

/// The limits of the listener that is attacked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) connections: usize,
    pub(super) max_connections_per_address: Option<usize>,
    pub(super) handshake: Duration,
    /// Of the context.
    pub(super) memory: usize,
}

impl Terms {
    /// As they are if nobody says anything.
    pub(super) const DEFAULT: Self = Self {
        connections: 4096,
        max_connections_per_address: None,
        handshake: Duration::from_secs(5),
        memory: 512 << 20,
    };

    /// None that would be felt.
    pub(super) const LAX: Self = Self {
        connections: 1 << 20,
        max_connections_per_address: None,
        handshake: Duration::from_secs(3600),
        memory: usize::MAX,
    };
}

/// What a process takes and gives back as it likes, or keeps to use again.
pub(super) const SLACK_KIB: u64 = 8 << 10;
/// Connections that are no attack: of newcomers that come and leave.
pub(super) const GUESTS: usize = 8;
/// A listener that does what comes at a pace. A background thread that spins takes a whole processor.
const BUSY: f64 = 0.8;
/// A background thread that has more to do than it can, and beside it nothing but the honest peer.
pub(super) const FULL: f64 = 1.2;
/// The program of the listener takes part, and does as much as it can.
pub(super) const UNBOUNDED: f64 = f64::INFINITY;
/// A listener that has next to nothing to do, but for the honest peer.
pub(super) const QUIET: f64 = 0.1;
/// An honest peer is answered by then, on however slow a machine, or as quickly as in peace.
const PROMPT: Duration = Duration::from_millis(50);
/// How many times as long as in peace it may take.
const SLOWER: u32 = 5;
/// How many times the processor time of peace it may take.
const DEARER: f64 = 4.0;

impl Attack {
    /// On the REP over both transports that have a wire, with the usual limits.
    pub(super) const PLAIN: Self = Self {
        name: "",
        transports: &WIRES,
        post: Post::Front,
        terms: Terms::DEFAULT,
        // Each attack says what it is, and what is counted.
        act: |_| Made { count: 0, held: Vec::new() },
        counted: |_, _| false,
        grown_kib: SLACK_KIB,
        reserved_kib: 8 * SLACK_KIB,
        connections: GUESTS,
        cpu: BUSY,
        newcomers: true,
    };

    /// Whether all was held.
    pub(super) fn judge(&self, report: Report, counted: bool) -> Result<Report, Fallen> {
        let wait = PROMPT.max(report.peace.usual * SLOWER);
        let cpu = self.cpu.max(report.peace.cpu * DEARER);
        let kib = |count| format!("{count} KiB");
        let one = report.attacked.newcomers > 0 || !self.newcomers;
        let rules = [
            Rule::firm(report.grown_kib <= self.grown_kib, "memory", kib(self.grown_kib)),
            Rule::firm(report.reserved_kib <= self.reserved_kib, "memory asked for", kib(self.reserved_kib)),
            Rule::firm(report.connections <= self.connections, "connections", self.connections.to_string()),
            Rule::by_time(one, "nobody new gets in", "one at least".into()),
            Rule::firm(counted, "what was done is not counted", "each of it".into()),
            Rule::firm(report.left == 0, "connections stay when all have gone", "none".into()),
            Rule::by_time(report.attacked.p99 <= wait, "the honest peer waits", format!("{wait:?}")),
            Rule::by_time(report.attacked.cpu <= cpu, "processor time", format!("{:.0} %", cpu * 100.0)),
        ];
        match rules.into_iter().find(|rule| !rule.holds) {
            None => Ok(report),
            Some(Rule { what, bound, may_be_chance, .. }) => {
                Err(Fallen { report: Box::new(report), what, bound, may_be_chance })
            }
        }
    }
}

/// One thing that is to hold.
struct Rule {
    holds: bool,
    what: &'static str,
    bound: String,
    may_be_chance: bool,
}

impl Rule {
    fn firm(holds: bool, what: &'static str, bound: String) -> Self {
        Self { holds, what, bound, may_be_chance: false }
    }

    /// It does not hold either where the machine is busy with something else.
    fn by_time(holds: bool, what: &'static str, bound: String) -> Self {
        Self { holds, what, bound, may_be_chance: true }
    }
}
