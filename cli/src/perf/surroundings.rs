//! What the system is asked for before the first socket.

#[cfg(target_os = "linux")]
use std::fmt::Display;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::arguments::perf::Running;
use crate::exit::Outcome;

/// Done first: threads that are started later run where this one does.
pub(super) fn prepare(running: Running) -> Result<(), Outcome> {
    raise_descriptor_limit();
    running.pin.map_or(Ok(()), pin)
}

#[cfg(target_os = "linux")]
fn pin(cpu: usize) -> Result<(), Outcome> {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    let failed = |why: &dyn Display| Outcome::failed(format!("cannot pin to CPU {cpu}"), why);
    let this = Pid::from_raw(0);
    let usable = sched_getaffinity(this).map_err(|error| failed(&error))?;
    let usable: Vec<_> = (0..CpuSet::count()).filter(|&cpu| usable.is_set(cpu) == Ok(true)).collect();
    if !usable.contains(&cpu) {
        return Err(failed(&format_args!("this process may use {usable:?}")));
    }
    let mut one = CpuSet::new();
    one.set(cpu).and_then(|()| sched_setaffinity(this, &one)).map_err(|error| failed(&error))
}

#[cfg(not(target_os = "linux"))]
fn pin(cpu: usize) -> Result<(), Outcome> {
    Err(Outcome::failed(format!("cannot pin to CPU {cpu}"), "this system has no such call"))
}

/// Hundreds of sockets need more descriptors than the usual limit. Where it cannot be raised, opening them says so.
fn raise_descriptor_limit() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
    {
        log::debug!("the limit of descriptors stays at {soft}: {error}");
    }
}
