//! The way into the log. The logger is the program's own code: it may panic, as one does that writes to an output nobody reads any
//! more, and so may what a value of the program's makes of itself in a line. Neither ends the thread that had something to say.

use super::catch_panic::catch_panic;
use super::lock_order::Held;

pub(crate) use log::Level;

/// Writes a line into the log, at a level, with the module as its target unless another is said. What it is made of is looked at only
/// if the level is on. No lock of a socket may be held: a logger takes as long as it likes.
macro_rules! log_line {
    (target: $target:expr, $level:expr, $($line:tt)+) => {
        $crate::engine::sys::logging::contained(|| ::log::log!(target: $target, $level, $($line)+))
    };
    ($level:expr, $($line:tt)+) => {
        log_line!(target: ::std::module_path!(), $level, $($line)+)
    };
}
pub(crate) use log_line;

/// A panic while a line is written costs that line.
#[cold]
pub(crate) fn contained(write: impl FnOnce()) {
    Held::assert_no_socket();
    let _ = catch_panic(write);
}
