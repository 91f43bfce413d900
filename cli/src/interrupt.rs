//! Ctrl-C, and SIGTERM, with which service managers end a program.

use std::sync::Arc;
use std::{io, process, thread};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::ending::Ending;
use crate::exit::Outcome;

/// From now on the first of these signals ends the program in an orderly way; one more, or one while it is ending, at once.
pub(crate) fn listen(ending: &Arc<Ending>) -> Result<(), Outcome> {
    let ending = Arc::clone(ending);
    let handle = move |signals: Signals| {
        for _ in { signals }.forever() {
            if !ending.end(Outcome::Interrupted) {
                process::exit(Outcome::INTERRUPTED.into());
            }
        }
    };
    let start = || -> io::Result<()> {
        let signals = Signals::new([SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".into()).spawn(move || handle(signals)).map(drop)
    };
    start().map_err(|error| Outcome::failed("cannot listen for Ctrl-C", error))
}
