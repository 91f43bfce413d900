//! Signals that end the program: Ctrl-C, SIGTERM of service managers, and SIGHUP of a terminal that is closed.

use std::ffi::c_int;
use std::sync::Arc;
use std::{fs, io, thread};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::ending::Ending;
use crate::exec;
use crate::exit::{Outcome, Signal};

/// From now on the first of these signals ends the program in an orderly way; one more, or one while it is ending, at once.
pub(crate) fn listen(ending: &Arc<Ending>) -> Result<(), Outcome> {
    let ending = Arc::clone(ending);
    let handle = move |signals: Signals| {
        for number in { signals }.forever() {
            let signal = Signal(number);
            if !ending.end(Outcome::Interrupted(signal)) {
                exec::kill_all();
                signal.raise();
                std::process::exit(128 + number);
            }
        }
    };
    let start = || -> io::Result<()> {
        let mut caught = vec![SIGINT, SIGTERM];
        if !is_ignored(SIGHUP) {
            caught.push(SIGHUP);
        }
        let signals = Signals::new(caught)?;
        thread::Builder::new().name("signals".into()).spawn(move || handle(signals)).map(drop)
    };
    start().map_err(|error| Outcome::failed("cannot listen for Ctrl-C", error))
}

/// Whether the program was started with this signal ignored, as nohup does: then it stays so. Where the system does not say,
/// it is taken to be.
fn is_ignored(signal: c_int) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}
