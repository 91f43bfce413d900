//! The commands that run now, so that none is left behind when the program ends.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{self, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use signal_hook::consts::SIGCHLD;

use super::Failure;

static RUNNING: Mutex<Running> = Mutex::new(Running { groups: BTreeSet::new(), over: false });

/// The groups of processes of the commands, each named as its first process. That process is not waited for while its group is
/// in here, so no other group has that name.
struct Running {
    groups: BTreeSet<u32>,
    /// No more may be started.
    over: bool,
}

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the system keep how each command ends until it is asked. It keeps nothing for a program that was started with this signal
/// ignored; of one that is caught nobody has to take notice.
pub(crate) fn keep_endings() -> io::Result<()> {
    signal_hook::flag::register(SIGCHLD, Arc::default()).map(drop)
}

/// Kills all commands; from now on none can be started.
pub(crate) fn kill_all() {
    let mut running = running();
    running.over = true;
    running.groups.iter().copied().for_each(kill_group);
}

fn kill_group(group: u32) {
    if let Ok(group) = i32::try_from(group)
        && let Err(error) = killpg(Pid::from_raw(group), Signal::SIGKILL)
    {
        log::debug!("cannot kill a command: {error}");
    }
}

/// A command that runs; it is waited for when this is dropped.
#[derive(Debug)]
pub(super) struct Child {
    process: process::Child,
    ended: Option<ExitStatus>,
}

/// Starts a shell with this command, in a group of processes of its own.
pub(super) fn start(command: &OsStr) -> Result<Child, Failure> {
    let mut running = running();
    if running.over {
        return Err(Failure::Ending);
    }
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    let process = shell.spawn().map_err(Failure::Start)?;
    running.groups.insert(process.id());
    Ok(Child { process, ended: None })
}

impl Child {
    /// Its standard input and output, once.
    pub(super) fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>) {
        (self.process.stdin.take(), self.process.stdout.take())
    }

    /// How it has ended, if it has.
    pub(super) fn has_ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        if self.ended.is_none() {
            let mut running = running();
            self.ended = self.process.try_wait().map_err(Failure::Talk)?;
            if self.ended.is_some() {
                running.groups.remove(&self.process.id());
            }
        }
        Ok(self.ended)
    }

    /// Kills it and what it has started, unless it has ended.
    pub(super) fn kill(&self) {
        let running = running();
        if running.groups.contains(&self.process.id()) {
            kill_group(self.process.id());
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended.is_some() {
            return;
        }
        // It was killed, so this is not long; it fails where somebody else has waited for it.
        self.kill();
        let mut running = running();
        let _ = self.process.wait();
        running.groups.remove(&self.process.id());
    }
}
