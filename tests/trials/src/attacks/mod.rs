//! A listener under attack: peers that mean harm do one thing that they should not, for a while, and an honest peer goes on talking
//! to the same listener. The listener is a process of its own, and so are the peers that mean harm, so that what the attack
//! costs can be read from outside: memory, processor time and descriptors.

mod attack;
mod attacker;
mod handshake;
mod honest;
mod memory;
mod post;
mod protocol;
mod report;
mod tally;
mod target;
mod watch;
mod within;

use std::path::Path;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

pub use attack::Attack;
pub(crate) use attacker::play as play_attacker;
pub use report::{Fallen, Report, Service};
pub use tally::Tally;
pub(crate) use target::play as play_target;
pub(crate) use within::play as play_target_within;
pub use within::run_attack_within;

use crate::Trial;
use honest::{Honest, Newcomers};
use hubless_kit::{Child, Gauge, SOON, holds_within};
use watch::Watch;

/// How often an attack is tried: on a machine that is busy with something else all is slow now and then.
const TRIES: usize = 3;

/// One attack on one listener.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What is done.
    pub attack: &'static Attack,
    /// Over which transport: `tcp` or `ipc`.
    pub transport: &'static str,
    /// For so long.
    pub time: Duration,
    /// How long the honest peer talks in peace before, to know how fast that is.
    pub peace: Duration,
    /// Without the limits that the attack runs into, so that it must succeed.
    pub lax: bool,
}

/// All attacks there are.
pub fn attacks() -> impl Iterator<Item = &'static Attack> {
    [handshake::ATTACKS, protocol::ATTACKS, memory::ATTACKS].into_iter().flatten()
}

/// The attack of this name.
pub fn attack(name: &str) -> &'static Attack {
    attacks().find(|attack| attack.name == name).unwrap_or_else(|| panic!("there is no attack {name:?}"))
}

/// Runs an attack, with the program of the actors. What is measured in time or load may be wrong twice.
///
/// # Errors
///
/// When something was not held within its bound.
pub fn run_attack(actor: &Path, trial: &Trial, plan: &Plan) -> Result<Report, Fallen> {
    best_of_three(|| once(actor, trial, plan))
}

/// The first that went well, or went wrong in a way that is no chance.
fn best_of_three(attempt: impl Fn() -> Result<Report, Fallen>) -> Result<Report, Fallen> {
    let mut result = attempt();
    for _ in 1..TRIES {
        match &result {
            Err(fallen) if fallen.may_be_chance => result = attempt(),
            _ => break,
        }
    }
    result
}

fn once(actor: &Path, trial: &Trial, plan: &Plan) -> Result<Report, Fallen> {
    let directory = TempDir::new().expect("a directory");
    let mut host = Host::start(actor, plan, directory.path());
    let peace = host.serve(plan.peace, || {});
    let mut watch = Watch::begin(host.process.id());
    let seed = trial.seed().to_string();
    let mut attackers = Child::program(actor, &["attacker", plan.attack.name, &host.target, &seed]);
    assert_eq!(attackers.hear(), "begun", "the attack begins");

    let attacked = host.serve(plan.time, || watch.look());
    attackers.say("enough");
    let made = attackers.hear().parse().expect("a number");
    let counted = host.counts(plan, made, &mut watch);
    drop(attackers);
    let left = host.left_with(plan, &watch);
    host.honest.trip();
    let report = Report {
        attack: plan.attack.name,
        transport: plan.transport,
        made,
        peace,
        attacked,
        grown_kib: watch.grown_kib(),
        reserved_kib: watch.reserved_kib(),
        connections: watch.connections(),
        left,
        counted: host.tally("tally"),
    };
    plan.attack.judge(report, counted)
}

/// The process that is attacked, and its honest peer.
struct Host {
    process: Child,
    front: String,
    target: String,
    honest: Honest,
}

impl Host {
    fn start(actor: &Path, plan: &Plan, directory: &Path) -> Self {
        let directory = directory.to_str().expect("a path in letters");
        let lax = plan.lax.to_string();
        let words = ["attack-target", plan.attack.name, plan.transport, directory, &lax];
        let mut process = Child::program(actor, &words);
        let (front, target) = (process.hear(), process.hear());
        let mut honest = Honest::connect(plan.attack.post, &front, &target);
        honest.trip();
        Self { process, front, target, honest }
    }

    /// Those who mean well are served, for so long.
    fn serve(&mut self, time: Duration, look: impl FnMut()) -> Service {
        let newcomers = Newcomers::come(&self.front);
        let before = Gauge::of(self.process.id()).cpu;
        let [usual, p99] = self.honest.talk(time, look);
        let cpu = Gauge::of(self.process.id()).cpu.saturating_sub(before).div_duration_f64(time);
        Service { p99, usual, newcomers: newcomers.stop(), cpu }
    }

    fn tally(&mut self, word: &str) -> Tally {
        self.process.say(word);
        Tally::parse(&self.process.hear())
    }

    /// Whether it comes to have counted what was done so many times.
    fn counts(&mut self, plan: &Plan, made: u64, watch: &mut Watch) -> bool {
        holds_within(patience(plan), || {
            // What is counted may be what there is no room for, and on a slow machine there is still some.
            self.honest.trip();
            watch.look();
            (plan.attack.counted)(&self.tally("tally"), made)
        })
    }

    /// How many connections it keeps of those who have gone.
    fn left_with(&mut self, plan: &Plan, watch: &Watch) -> usize {
        // What they have sent is delivered before their end is found.
        self.tally("take");
        // Asked once: those who had knocked when it was over are let in and found gone for some moments more.
        let mut left = watch.left();
        holds_within(patience(plan), || {
            left = watch.left();
            left == 0
        });
        left
    }
}

/// Without limits, what cannot happen is not waited for.
fn patience(plan: &Plan) -> Duration {
    if plan.lax { plan.time } else { SOON }
}

/// Waits, without a condition to wait for.
fn wait(time: Duration) {
    let end = hubless_kit::now() + time;
    while let Some(left) = end.checked_duration_since(hubless_kit::now()) {
        thread::park_timeout(left.max(Duration::from_micros(50)));
    }
}
