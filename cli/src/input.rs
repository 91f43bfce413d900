//! Where the messages to send come from.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::time::Duration;

use hubless::Message;
use hubless::human::counted;

use crate::arguments::{Bound, Content, Delimiter, Sending, Separation};
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

/// A file, or standard input, of at most this many bytes. It may be one without an end, such as a device.
fn file(path: &Path, most: u64) -> Result<Message, Outcome> {
    let mut content = Vec::new();
    let (name, read) = if path == Path::new("-") {
        let read = io::stdin().lock().take(most.saturating_add(1)).read_to_end(&mut content);
        ("standard input".to_owned(), read)
    } else {
        let file = File::open(path);
        let read = file.and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut content));
        (format!("the file {}", path.display()), read)
    };
    read.map_err(|error| Outcome::failed(format!("cannot read {name}"), error))?;
    if content.len() as u64 > most {
        return Err(too_large(&name, most, ""));
    }
    Ok(content.into())
}

fn too_large(what: &str, most: u64, why: &str) -> Outcome {
    Outcome::Failed(format!(
        "{what} is larger than {}{why}; to send it, raise --max-input here and --max-message at the receiver",
        counted(most, "byte")
    ))
}

/// The messages to send, one after the other.
#[derive(Debug)]
pub(crate) struct Source {
    messages: Messages,
    /// How long to wait before the first.
    delay: Duration,
}

#[derive(Debug)]
enum Messages {
    /// The same one, `times` times or for ever, `interval` apart.
    Repeated { message: Message, interval: Option<Duration>, times: Option<u64> },
    /// What standard input has, each ended in this way and at most this many bytes long.
    Lines { most: Option<u64>, longest: u64, delimiter: Delimiter },
}

impl Source {
    /// What the command line says: the message of `-d` or `-f`, again at every interval if there is one, or the lines of
    /// standard input; at most `most`. Without an interval and `most`, one message is sent once.
    pub(crate) fn new(
        sending: &Sending,
        separation: &Separation,
        most: Option<u64>,
    ) -> Result<Self, Outcome> {
        let interval = sending.interval;
        let messages = match fixed(&sending.content, sending.bound)? {
            Some(message) if interval.is_none() => {
                Messages::Repeated { message, interval, times: most.or(Some(1)) }
            }
            Some(message) => Messages::Repeated { message, interval, times: most },
            None => {
                let delimiter = separation.delimiter.clone().unwrap_or_else(Delimiter::newline);
                Messages::Lines { most, longest: sending.bound.bytes(), delimiter }
            }
        };
        Ok(Self { messages, delay: sending.delay.unwrap_or_default() })
    }

    /// Whether it is one message.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.messages, Messages::Repeated { times: Some(1), .. })
    }

    /// Sends all of them; less when the program ends.
    pub(crate) fn send(
        self,
        ending: &Ending,
        send: impl FnMut(Message) -> Result<(), Outcome>,
    ) -> Result<(), Outcome> {
        if ending.wait(self.delay).is_some() {
            return Ok(());
        }
        match self.messages {
            Messages::Repeated { message, interval, times } => {
                repeat(ending, &message, interval, times, send)
            }
            Messages::Lines { most, longest, delimiter } => {
                lines(io::stdin().lock(), &delimiter, most, longest, send)
            }
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

/// Each line without what ends it; the last may have none. Lines are bytes, of any encoding or none. One that has more than
/// `longest` of them is an error, and is not read to its end.
fn lines(
    mut input: impl BufRead,
    delimiter: &Delimiter,
    most: Option<u64>,
    longest: u64,
    mut send: impl FnMut(Message) -> Result<(), Outcome>,
) -> Result<(), Outcome> {
    let mut line = Vec::new();
    let mut so_far = 0;
    while most.is_none_or(|most| so_far < most) {
        line.clear();
        let whole = read_line(&mut input, delimiter, longest, &mut line)
            .map_err(|error| Outcome::failed("cannot read standard input", error))?;
        if !whole && line.is_empty() {
            break;
        }
        if line.len() as u64 > longest {
            return Err(too_long(so_far + 1, longest, delimiter));
        }
        send(line.as_slice().into())?;
        so_far += 1;
    }
    Ok(())
}

/// Reads a line without its delimiter, and one byte more than `longest` of it at most. Whether the delimiter was there.
fn read_line(
    input: &mut impl BufRead,
    delimiter: &Delimiter,
    longest: u64,
    line: &mut Vec<u8>,
) -> io::Result<bool> {
    let end = delimiter.bytes();
    let most = longest.saturating_add(end.len() as u64);
    loop {
        let left = most - line.len() as u64;
        let read = input.by_ref().take(left).read_until(delimiter.last(), line)?;
        if line.ends_with(end) {
            line.truncate(line.len() - end.len());
            return Ok(true);
        }
        if read == 0 || line.len() as u64 == most {
            return Ok(false);
        }
    }
}

fn too_long(number: u64, longest: u64, delimiter: &Delimiter) -> Outcome {
    let why = if delimiter.is_newline() {
        " (is a newline missing? each line is a message)"
    } else {
        " (is the delimiter missing?)"
    };
    too_large(&format!("line {number} of standard input"), longest, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::delimiter;

    fn read(input: &[u8], most: Option<u64>) -> Vec<Vec<u8>> {
        read_until("\n", input, most)
    }

    fn read_until(end: &str, input: &[u8], most: Option<u64>) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        lines(input, &delimiter(end).unwrap(), most, u64::MAX, |message| {
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
    fn a_delimiter_may_be_any_bytes() {
        assert_eq!(read_until("\\0", b"a\nb\0\0c", None), [&b"a\nb"[..], b"", b"c"]);
        assert_eq!(read_until("--", b"a-b---c--", None), [&b"a-b"[..], b"-c"]);
        assert_eq!(read_until("abab", b"xababab", None), [&b"x"[..], b"ab"]);
        assert_eq!(read_until("\\r\\n", b"a\nb\r\r\nc\r\n", None), [&b"a\nb\r"[..], b"c"]);
    }

    #[test]
    fn no_more_lines_are_taken_than_wanted() {
        assert_eq!(read(b"a\nb\nc\n", Some(2)), [b"a", b"b"]);
    }

    #[test]
    fn a_line_of_the_longest_kind_is_sent_and_one_byte_more_is_an_error() {
        let read = |input: &[u8]| {
            let mut messages = Vec::new();
            let outcome = lines(input, &Delimiter::newline(), None, 4, |message| {
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
            assert!(why.starts_with("line 2 of standard input is larger than 4 bytes"), "{why}");
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
