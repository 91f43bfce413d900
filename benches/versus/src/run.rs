//! The whole comparison.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Outcome;
use crate::args::Run;
use crate::contestant::Library;
use crate::measure::{Plan, measure};
use crate::report::{Facts, Results, write_file};
use crate::system::descriptors;
use crate::works;

const PAIRS: usize = 7;
const LENGTH: Duration = Duration::from_millis(300);
const QUICK: Duration = Duration::from_millis(100);

/// Measures what was asked for, and shows it.
pub fn run(args: &Run) -> Outcome<()> {
    descriptors::allow_many()?;
    let plan = plan(args);
    let mut facts = Facts::new(&plan);
    let mut rows = Vec::new();
    for trial in works::all() {
        let work = trial.work();
        if args.only.is_empty() || args.only.iter().any(|only| work.starts_with(only.as_str())) {
            eprintln!("{work}, {}", trial.case());
            let row = measure(trial.as_ref(), &plan);
            rows.extend((!row.columns.is_empty()).then_some(row));
        }
    }
    facts.finish();
    show(args, &Results { facts, rows })
}

fn plan(args: &Run) -> Plan {
    let libraries = if args.peers.is_empty() { Library::ALL.to_vec() } else { args.peers.clone() };
    Plan {
        pairs: args.pairs.unwrap_or(if args.quick { 1 } else { PAIRS }),
        length: if args.quick { QUICK } else { LENGTH },
        libraries,
    }
}

/// The results of everything replace those that are kept with this program; others go where it was said, if it was.
fn show(args: &Run, results: &Results) -> Outcome<()> {
    let tables = results.tables()?;
    print!("{tables}");
    let whole = !args.quick && args.only.is_empty() && args.peers.is_empty();
    let kept = whole.then(kept);
    if let Some(folder) = &kept {
        write_file(&folder.join("table.md"), &tables)?;
    }
    if let Some(path) = args.json.clone().or_else(|| Some(kept.as_ref()?.join("results.json"))) {
        results.write_json(&path)?;
    }
    if let Some(folder) = args.plots.clone().or(kept) {
        results.draw(&folder)?;
    }
    Ok(())
}

/// Cargo says where this program comes from.
fn kept() -> PathBuf {
    let folder = env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    folder.join(Path::new("results"))
}
