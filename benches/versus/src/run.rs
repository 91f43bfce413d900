//! The whole comparison.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Outcome;
use crate::args::Run;
use crate::contestant::Library;
use crate::measure::{Plan, measure};
use crate::place;
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
        let sweep = trial.sweep().map(|sweep| sweep.name);
        let is_asked =
            |only: &String| work.starts_with(only.as_str()) || sweep.is_some_and(|name| name == only);
        if args.only.is_empty() || args.only.iter().any(is_asked) {
            eprintln!("{work}, {}", trial.case());
            let row = measure(trial.as_ref(), &plan);
            rows.extend((!row.columns.is_empty()).then_some(row));
        }
    }
    facts.finish();
    place::clean_up();
    show(args, &Results { facts, rows })
}

fn plan(args: &Run) -> Plan {
    let libraries = if args.peers.is_empty() { Library::ALL.to_vec() } else { args.peers.clone() };
    Plan {
        pairs: args.pairs.unwrap_or(if args.quick { 1 } else { PAIRS }),
        length: if args.quick { QUICK } else { LENGTH },
        libraries,
        tries_variants: !args.quick,
    }
}

/// Results go where it was said and nowhere else. Where nothing was said, those of everything replace those that are kept with
/// this program.
fn show(args: &Run, results: &Results) -> Outcome<()> {
    let tables = results.tables()?;
    print!("{tables}");
    let kept = kept(args, env::var_os("CARGO_MANIFEST_DIR"));
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

/// Cargo says where this program comes from. Started by hand it has no place of its own, and nothing is kept.
fn kept(args: &Run, home: Option<OsString>) -> Option<PathBuf> {
    let whole = !args.quick && args.only.is_empty() && args.peers.is_empty();
    let told = args.json.is_some() || args.plots.is_some();
    home.filter(|_| whole && !told).map(|home| Path::new(&home).join("results"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command};

    fn kept_by(options: &[&str], home: Option<&str>) -> Option<PathBuf> {
        let Command::Run(args) = Args::parse_from([&["versus", "run"], options].concat()).command else {
            return None;
        };
        kept(&args, home.map(OsString::from))
    }

    #[test]
    fn only_a_whole_run_that_is_told_nothing_replaces_what_is_kept() {
        let home = Some("/home");
        assert_eq!(kept_by(&["--pairs", "3"], home), Some(PathBuf::from("/home/results")));
        for options in [&["--json", "a"], &["--plots", "b"], &["--only", "pipes"], &["--peers", "raw"]] {
            assert_eq!(kept_by(options, home), None, "{options:?}");
        }
        assert_eq!(kept_by(&["--quick"], home), None);
        assert_eq!(kept_by(&[], None), None, "started by hand, it has no place of its own");
    }
}
