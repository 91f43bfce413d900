//! How the program ends.

use std::ffi::c_int;
use std::process::{self, ExitCode};
use std::{fmt, io};

use hubless::{Error, SendError};
use signal_hook::low_level;

/// Why the program ends. Status 2, a wrong command line, is given by the parser of the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything asked for was done.
    Done,
    /// Nobody reads what we print.
    OutputClosed,
    /// Something went wrong.
    Failed(String),
    /// A time limit was over.
    TimedOut(String),
    /// A signal, such as that of Ctrl-C.
    Interrupted(Signal),
}

/// A signal that ends the program in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signal(pub(crate) c_int);

impl Outcome {
    pub(crate) fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done | Self::OutputClosed => 0,
            Self::Failed(_) => 1,
            Self::TimedOut(_) => 3,
            Self::Interrupted(signal) => signal.status(),
        })
    }

    pub(crate) fn report(&self) {
        match self {
            Self::Failed(why) | Self::TimedOut(why) => log::error!("{why}"),
            Self::Interrupted(signal) => log::info!("ended by {}", signal.name()),
            Self::OutputClosed => log::info!("standard output was closed"),
            Self::Done => log::debug!("done"),
        }
    }

    /// An operation on something named `what` failed.
    pub(crate) fn failed(what: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self::Failed(format!("{what}: {cause}"))
    }

    /// Printing failed.
    pub(crate) fn of_output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::failed("cannot write to standard output", error),
        }
    }
}

impl Signal {
    /// What a shell shows of a program that this signal has ended.
    fn status(self) -> u8 {
        u8::try_from(self.0).map_or(u8::MAX, |number| number.saturating_add(128))
    }

    fn name(self) -> &'static str {
        low_level::signal_name(self.0).unwrap_or("a signal")
    }

    /// Ends the program as the signal would have, had nobody caught it: then a script that started it ends, too, and a service
    /// manager sees an orderly end. Returns where the system lets no signal end the program: it is the first of a container.
    pub(crate) fn raise(self) {
        if process::id() != 1
            && let Err(error) = low_level::emulate_default_handler(self.0)
        {
            log::debug!("cannot end by {}: {error}", self.name());
        }
    }
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        match error {
            Error::Timeout { .. } | Error::Deadline => Self::TimedOut(format!("gave up: {error}")),
            // A wrong address is shown once more, with the bad part underlined.
            _ => Self::Failed(format!("{error:#}")),
        }
    }
}

impl<M> From<SendError<M>> for Outcome {
    fn from(failed: SendError<M>) -> Self {
        failed.error.into()
    }
}
