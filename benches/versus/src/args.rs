//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::contestant::Library;

#[derive(Debug, Parser)]
#[command(about = "The same work done by raw sockets, hubless and its peers")]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measures, and writes tables and plots
    Run(Run),
    /// One end of a measurement, in a process of its own
    #[command(hide = true)]
    End { order: String },
}

#[derive(Debug, clap::Args)]
pub struct Run {
    /// Fewer and shorter runs: a few minutes, and figures to look at only
    #[arg(long)]
    pub quick: bool,
    /// Works whose name begins so, such as `push-pull-tcp`, or the works of a sweep: `paced-sender`, `pipes`, `sizes`, `bursts`
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    pub only: Vec<String>,
    /// Libraries
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    pub peers: Vec<Library>,
    /// Repetitions; 7, or 1 if quick
    #[arg(long)]
    pub pairs: Option<usize>,
    /// Where all samples are written
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// The folder that plots are written to
    #[arg(long)]
    pub plots: Option<PathBuf>,
}
