use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

use nix::sched::{CloneFlags, unshare};

/// What a process ends with where the system does not permit it namespaces of its own.
pub(crate) const NOT_PERMITTED: i32 = 77;

/// Becomes this program, as root of a namespace that is all its own.
pub(super) fn play(words: &[String]) {
    let [program, arguments @ ..] = words else { panic!("namespace PROGRAM WORDS...") };
    if become_root().is_err() {
        exit(NOT_PERMITTED);
    }
    let error = Command::new(program).args(arguments).exec();
    panic!("{program}: {error}");
}

/// Only a process of one thread may do it, so a test cannot.
fn become_root() -> io::Result<()> {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))
}
