//! `--exec`: a shell command that makes an answer. The request is its standard input, and what it prints is the answer.
//!
//! Everything is bounded: how long a command may take, how much it may print, and, by who calls this, how many run at once.

mod pipes;
mod running;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use hubless::human;

use crate::clock::now;
use crate::ending::Ending;

pub(crate) use running::{keep_endings, kill_all};

/// How long it is until somebody looks whether the program ends, or whether a command has ended though its output is open: a
/// process that it left behind may hold that.
const LOOK: Duration = Duration::from_millis(50);
/// The same, of a command that has closed its output and is about to end.
const LOOK_SOON: Duration = Duration::from_millis(2);

/// A command, and what it may take.
#[derive(Debug, Clone)]
pub(crate) struct Exec {
    pub(crate) command: OsString,
    pub(crate) at_most: Duration,
    pub(crate) most_bytes: u64,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    Start(io::Error),
    Talk(io::Error),
    Status(ExitStatus),
    TooLong(Duration),
    TooLarge(u64),
    /// The program ends.
    Ending,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "cannot start the command: {error}"),
            Self::Talk(error) => write!(f, "cannot read from or write to the command: {error}"),
            Self::Status(status) => match (status.code(), status.signal()) {
                (Some(code), _) => write!(f, "the command ended with status {code}"),
                (None, Some(signal)) => write!(f, "the command was ended by signal {signal}"),
                (None, None) => write!(f, "the command failed"),
            },
            Self::TooLong(limit) => {
                write!(f, "the command took longer than the {} of --exec-timeout", human::duration(*limit))
            }
            Self::TooLarge(most) => {
                write!(
                    f,
                    "the command printed more than the {} of --max-input",
                    human::counted(*most, "byte")
                )
            }
            Self::Ending => write!(f, "the program ends"),
        }
    }
}

impl Exec {
    /// Runs the command, and gives what it has printed. Where it fails, takes too long or prints too much, or where the program
    /// ends, it is killed, with all processes of its group.
    pub(crate) fn answer(&self, request: &[u8], ending: &Ending) -> Result<Vec<u8>, Failure> {
        let mut child = running::start(&self.command)?;
        let course = Course { limit: now().checked_add(self.at_most), exec: self, ending };
        let outcome = course.follow(&mut child, request);
        if outcome.is_err() {
            child.kill();
        }
        // At the end of the program all commands are killed, which is no failure of theirs.
        outcome
            .map_err(|failure| if ending.wait(Duration::ZERO).is_some() { Failure::Ending } else { failure })
    }
}

/// One run of a command.
struct Course<'a> {
    limit: Option<Instant>,
    exec: &'a Exec,
    ending: &'a Ending,
}

impl Course<'_> {
    fn follow(&self, child: &mut running::Child, request: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut pipes = pipes::Pipes::of(child, request).map_err(Failure::Talk)?;
        let mut ended = None;
        while ended.is_none() && pipes.is_open() {
            let moved = pipes.step(self.pause(LOOK)?, self.exec.most_bytes)?;
            if !moved {
                ended = child.has_ended()?;
            }
        }
        // What it had printed when it ended is there.
        while pipes.is_open() && pipes.step(Duration::ZERO, self.exec.most_bytes)? {}
        let status = loop {
            match ended.map_or_else(|| child.has_ended(), |status| Ok(Some(status)))? {
                Some(status) => break status,
                None if self.ending.wait(self.pause(LOOK_SOON)?).is_some() => return Err(Failure::Ending),
                None => {}
            }
        };
        if status.success() { Ok(pipes.into_output()) } else { Err(Failure::Status(status)) }
    }

    /// How long one may wait for the command now.
    fn pause(&self, at_most: Duration) -> Result<Duration, Failure> {
        if self.ending.wait(Duration::ZERO).is_some() {
            return Err(Failure::Ending);
        }
        let left = self.limit.map_or(at_most, |limit| limit.saturating_duration_since(now()));
        if left.is_zero() {
            return Err(Failure::TooLong(self.exec.at_most));
        }
        Ok(left.min(at_most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec(command: &str) -> Exec {
        Exec { command: command.into(), at_most: Duration::from_secs(600), most_bytes: 1 << 20 }
    }

    fn answer(command: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        exec(command).answer(request, &Ending::default()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_it_prints_is_the_answer() {
        assert_eq!(answer("tr a-z A-Z", b"hello"), Ok(b"HELLO".to_vec()));
        assert_eq!(answer("true", b"unread"), Ok(vec![]));
        assert_eq!(answer("printf 'a\\n\\0b'", b""), Ok(b"a\n\0b".to_vec()));
    }

    #[test]
    fn large_requests_and_answers_pass_at_once() {
        let request: Vec<u8> = (0..1_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        assert_eq!(answer("cat", &request), Ok(request.clone()));
        assert_eq!(answer("head -c 3", &request), Ok(request[..3].to_vec()), "it reads no further");
    }

    #[test]
    fn what_a_command_reads_after_its_answer_is_written_too() {
        let request = vec![b'x'; 1_000_000];
        let command = "echo first; exec >&-; test $(wc -c) = 1000000";
        assert_eq!(answer(command, &request), Ok(b"first\n".to_vec()));
    }

    #[test]
    fn a_command_that_fails_gives_no_answer() {
        assert_eq!(answer("echo half; exit 3", b""), Err("the command ended with status 3".into()));
        assert_eq!(answer("kill -9 $$", b""), Err("the command was ended by signal 9".into()));
    }

    #[test]
    fn a_command_that_prints_too_much_is_killed() {
        assert!(matches!(exec("yes").answer(b"", &Ending::default()), Err(Failure::TooLarge(_))));
        let most = answer("head -c 1048576 /dev/zero", b"").map(|answer| answer.len());
        assert_eq!(most, Ok(1 << 20));
        assert!(answer("head -c 1048577 /dev/zero", b"").is_err());
    }

    #[test]
    fn a_command_that_takes_too_long_is_killed_with_what_it_has_started() {
        let slow = Exec { at_most: Duration::from_millis(300), ..exec("sleep 1000 | cat; echo") };
        assert!(matches!(slow.answer(b"", &Ending::default()), Err(Failure::TooLong(_))));
        let silent = Exec { at_most: Duration::from_millis(300), ..exec("exec >&-; sleep 1000") };
        assert!(matches!(silent.answer(b"", &Ending::default()), Err(Failure::TooLong(_))));
    }

    #[test]
    fn a_process_that_is_left_behind_with_the_output_is_not_waited_for() {
        assert_eq!(answer("sleep 5 & echo done", b""), Ok(b"done\n".to_vec()));
    }

    #[test]
    fn the_end_of_the_program_ends_a_command() {
        let ending = Ending::default();
        ending.end(crate::exit::Outcome::Done);
        assert!(matches!(exec("sleep 1000").answer(b"", &ending), Err(Failure::Ending)));
    }
}
