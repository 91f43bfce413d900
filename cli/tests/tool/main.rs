//! The program as its users have it: what it prints, and how it ends.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod asking;
mod device;
mod ending;
mod exec;
mod formats;
mod help;
mod looks;
mod nanocat;
mod patterns;
mod perf;
mod perf_failing;
mod program;
mod readme;
mod sending;
mod talking;
