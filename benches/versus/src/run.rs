//! The whole comparison.

use std::time::Duration;

use crate::Outcome;
use crate::args::Run;
use crate::contestant::Library;
use crate::measure::{Plan, measure};
use crate::report;
use crate::system::descriptors;
use crate::works;

const PAIRS: usize = 7;
const LENGTH: Duration = Duration::from_millis(300);
const QUICK: Duration = Duration::from_millis(100);

/// Measures what was asked for, and shows it.
pub fn run(args: &Run) -> Outcome<()> {
    descriptors::allow_many()?;
    let plan = plan(args);
    let mut rows = Vec::new();
    for trial in works::all() {
        let work = trial.work();
        if args.only.is_empty() || args.only.iter().any(|only| work.starts_with(only.as_str())) {
            eprintln!("{work}, {}", trial.case());
            rows.push(measure(trial.as_ref(), &plan));
        }
    }
    let mut table = String::new();
    report::write(&mut table, &rows)?;
    print!("{table}");
    if let Some(path) = &args.json {
        std::fs::write(path, serde_json::to_string_pretty(&rows)?)?;
    }
    Ok(())
}

fn plan(args: &Run) -> Plan {
    let libraries = if args.peers.is_empty() { Library::ALL.to_vec() } else { args.peers.clone() };
    Plan {
        pairs: args.pairs.unwrap_or(if args.quick { 1 } else { PAIRS }),
        length: if args.quick { QUICK } else { LENGTH },
        libraries,
    }
}
