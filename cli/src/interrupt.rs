//! Ctrl-C.

use std::process;
use std::sync::Arc;

use crate::ending::Ending;
use crate::exit::Outcome;

/// From now on the first Ctrl-C ends the program in an orderly way; one more, or one while it is ending, at once.
pub(crate) fn listen(ending: &Arc<Ending>) -> Result<(), Outcome> {
    let ending = Arc::clone(ending);
    let handle = move || {
        if !ending.end(Outcome::Interrupted) {
            process::exit(Outcome::INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(handle).map_err(|error| Outcome::failed("cannot listen for Ctrl-C", error))
}
