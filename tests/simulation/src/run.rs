use std::collections::BTreeSet;
use std::fmt;

use crate::clock::Clock;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::law::Law;
use crate::network::Network;
use crate::scenarios::Scenario;

/// A run in which all laws held.
#[derive(Debug)]
#[non_exhaustive]
pub struct Run {
    /// Losses, endings and refusals that occurred, by name.
    pub seen: BTreeSet<&'static str>,
}

/// A run in which a law was broken.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// How the time passed.
    pub clock: Clock,
    /// What was simulated.
    pub scenario: Scenario,
    /// From which everything follows.
    pub seed: u64,
    /// After how many steps everything was to come to rest.
    pub steps: usize,
    /// The law that was broken first.
    pub law: Law,
    how: String,
    trace: Vec<String>,
}

/// Simulates a scenario from a seed, with a mistake in the surroundings or without.
///
/// # Errors
///
/// A law was broken. The failure is that of the shortest beginning of the run that breaks one.
pub fn simulate(scenario: Scenario, seed: u64, fault: Fault) -> Result<Run, Failure> {
    simulate_by(Clock::Steady, scenario, seed, fault)
}

/// Simulates as [`simulate`] does, by this clock.
///
/// # Errors
///
/// As there.
pub fn simulate_by(clock: Clock, scenario: Scenario, seed: u64, fault: Fault) -> Result<Run, Failure> {
    let run = |steps, tells| run(clock, (scenario, seed, fault), steps, tells);
    let steps = Dice::new(!seed).between(20, 400);
    match run(steps, false) {
        Ok(run) => Ok(run),
        Err(failure) => {
            let shorter = (0..steps).find_map(|steps| run(steps, true).err());
            Err(shorter.unwrap_or(failure))
        }
    }
}

fn run(
    clock: Clock,
    (scenario, seed, fault): (Scenario, u64, Fault),
    steps: usize,
    tells: bool,
) -> Result<Run, Failure> {
    let mut dice = Dice::new(seed);
    let plan = scenario.plan(&mut dice, fault);
    let mut network = Network::new(plan, dice, clock);
    if tells {
        network.tell();
    }
    for _ in 0..steps {
        network.step();
        if network.journal.breach().is_some() {
            break;
        }
    }
    if network.journal.breach().is_none() {
        network.come_to_rest();
    }
    match network.journal.breach().cloned() {
        None => Ok(Run { seen: network.journal.seen }),
        Some(breach) => {
            let trace = network.journal.take_trace();
            Err(Failure { clock, scenario, seed, steps, law: breach.law, how: breach.how, trace })
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.trace {
            writeln!(f, "  {step}")?;
        }
        let Self { clock, scenario, seed, steps, law, how, .. } = self;
        writeln!(f, "the law {law:?} is broken: {how}")?;
        writeln!(f, "{scenario:?}, after {steps} steps; to see it again:")?;
        let test = match clock {
            Clock::Steady => format!("{scenario:?}").to_lowercase(),
            Clock::Jumping => "jumps".into(),
        };
        write!(f, "SIMULATION_SEED={seed} cargo test -p hubless-simulation {test}")
    }
}
