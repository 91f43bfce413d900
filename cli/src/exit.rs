//! How the program ends.

use std::fmt;
use std::io;
use std::process::ExitCode;

use hubless::{Error, SendError};

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
    /// Ctrl-C.
    Interrupted,
}

impl Outcome {
    /// What a shell conventionally sees of a program that Ctrl-C ended: 128 and the number of the signal.
    pub(crate) const INTERRUPTED: u8 = 130;

    pub(crate) fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done | Self::OutputClosed => 0,
            Self::Failed(_) => 1,
            Self::TimedOut(_) => 3,
            Self::Interrupted => Self::INTERRUPTED,
        })
    }

    pub(crate) fn report(&self) {
        match self {
            Self::Failed(why) | Self::TimedOut(why) => log::error!("{why}"),
            Self::Interrupted => log::info!("interrupted"),
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
