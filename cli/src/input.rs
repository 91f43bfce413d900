//! Where the messages to send come from.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::time::Duration;

use hubless::Message;

use crate::arguments::{Bound, Content, Sending};
use crate::clock::now;
use crate::ending::Ending;
use crate::exit::Outcome;

/// The message of `-d` or `-f`, if there is one.
pub(crate) fn fixed(content: &Content, bound: Bound) -> Result<Option<Message>, Outcome> {
    if let Some(path) = &content.file {
        return file(path, bound.bytes()).map(Some);
    }
    Ok(content.data.clone().map(|text| text.into_encoded_bytes().into()))
}

/// A file of at most this many bytes. It may be one without an end, such as a device.
fn file(path: &Path, most: u64) -> Result<Message, Outcome> {
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut content))
        .map_err(|error| Outcome::failed(format!("cannot read {}", path.display()), error))?;
    if content.len() as u64 > most {
        return Err(too_large(&format!("the file {}", path.display()), most, ""));
    }
    Ok(content.into())
}

fn too_large(what: &str, most: u64, why: &str) -> Outcome {
    Outcome::Failed(format!(
        "{what} is larger than the {most} bytes that --max-input allows{why}; to send it, allow more there, and at the receiver with \
         --max-message"
    ))
}

/// The messages to send, one after the other.
#[derive(Debug)]
pub(crate) enum Source {
    /// The same one, `times` times or for ever, `interval` apart.
    Repeated { message: Message, interval: Option<Duration>, times: Option<u64> },
    /// Each line of standard input, at most this many bytes long.
    Lines { most: Option<u64>, bound: Bound },
}

impl Source {
    /// What the command line says: the message of `-d` or `-f`, again at every interval if there is one, or the lines of
    /// standard input; at most `most`. Without an interval and `most`, one message is sent once.
    pub(crate) fn new(sending: &Sending, most: Option<u64>) -> Result<Self, Outcome> {
        let interval = sending.interval;
        Ok(match fixed(&sending.content, sending.bound)? {
            Some(message) if interval.is_none() => {
                Self::Repeated { message, interval, times: most.or(Some(1)) }
            }
            Some(message) => Self::Repeated { message, interval, times: most },
            None => Self::Lines { most, bound: sending.bound },
        })
    }

    /// Sends all of them; less when the program ends.
    pub(crate) fn send(
        self,
        ending: &Ending,
        send: impl FnMut(Message) -> Result<(), Outcome>,
    ) -> Result<(), Outcome> {
        match self {
            Self::Repeated { message, interval, times } => repeat(ending, &message, interval, times, send),
            Self::Lines { most, bound } => lines(io::stdin().lock(), most, bound.bytes(), send),
        }
    }
}

fn repeat(
    ending: &Ending,
    message: &Message,
    interval: Option<Duration>,
    times: Option<u64>,
    mut send: impl FnMut(Message) -> Result<(), Outcome>,
) -> Result<(), Outcome> {
    let interval = interval.unwrap_or_default();
    let mut due = Some(now());
    let mut so_far = 0;
    while times.is_none_or(|times| so_far < times) {
        // An interval beyond all calendars never passes.
        let pause = due.map_or(Duration::MAX, |due| due.saturating_duration_since(now()));
        if ending.wait(pause).is_some() {
            return Ok(());
        }
        send(message.clone())?;
        so_far += 1;
        // No run of messages to catch up with turns that were missed.
        due = due.and_then(|due| due.checked_add(interval)).map(|due| due.max(now()));
    }
    Ok(())
}

/// Each line without its newline; the last may have none. Lines are bytes, of any encoding or none. One that has more than
/// `longest` of them is an error, and is not read to its end.
fn lines(
    mut input: impl BufRead,
    most: Option<u64>,
    longest: u64,
    mut send: impl FnMut(Message) -> Result<(), Outcome>,
) -> Result<(), Outcome> {
    let mut line = Vec::new();
    let mut so_far = 0;
    while most.is_none_or(|most| so_far < most) {
        line.clear();
        let read = input.by_ref().take(longest.saturating_add(1)).read_until(b'\n', &mut line);
        if read.map_err(|error| Outcome::failed("cannot read standard input", error))? == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() as u64 > longest {
            let what = format!("line {} of standard input", so_far + 1);
            return Err(too_large(&what, longest, " (is a newline missing? each line is a message)"));
        }
        send(line.as_slice().into())?;
        so_far += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8], most: Option<u64>) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        lines(input, most, u64::MAX, |message| {
            messages.push(message.into_vec());
            Ok(())
        })
        .unwrap();
        messages
    }

    #[test]
    fn a_line_is_its_bytes_without_the_newline() {
        assert_eq!(read(b"a\n\n\xff\0 b\r\nlast", None), [&b"a"[..], b"", b"\xff\0 b\r", b"last"]);
        assert!(read(b"", None).is_empty());
        assert_eq!(read(b"\n", None), [b""]);
    }

    #[test]
    fn no_more_lines_are_taken_than_wanted() {
        assert_eq!(read(b"a\nb\nc\n", Some(2)), [b"a", b"b"]);
    }

    #[test]
    fn a_line_of_the_longest_kind_is_sent_and_one_byte_more_is_an_error() {
        let read = |input: &[u8]| {
            let mut messages = Vec::new();
            let outcome = lines(input, None, 4, |message| {
                messages.push(message.into_vec());
                Ok(())
            });
            (messages, outcome)
        };
        assert_eq!(read(b"four\n1234"), (vec![b"four".to_vec(), b"1234".to_vec()], Ok(())));
        for input in [&b"four\nfive5\nno"[..], b"four\n12345"] {
            let (sent, outcome) = read(input);
            assert_eq!(sent, [b"four"]);
            let Err(Outcome::Failed(why)) = outcome else { panic!("{outcome:?}") };
            assert!(why.starts_with("line 2 of standard input is larger than the 4 bytes"), "{why}");
        }
    }

    #[test]
    fn repeating_stops_when_the_program_ends() {
        let ending = Ending::default();
        let mut sent = 0;
        let message = Message::from("x");
        repeat(&ending, &message, Some(Duration::MAX), None, |_| {
            sent += 1;
            ending.end(Outcome::Done);
            Ok(())
        })
        .unwrap();
        assert_eq!(sent, 1);
    }
}
