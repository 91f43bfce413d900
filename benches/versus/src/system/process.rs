//! What the system says of a process.

use std::fs;

use crate::Outcome;

/// Octets of it that are in memory.
pub fn resident(process: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim_end().parse()?;
    Ok(kibibytes * 1024)
}

pub fn threads(process: u32) -> Outcome<usize> {
    Ok(fs::read_dir(format!("/proc/{process}/task"))?.count())
}
