//! How a message is printed.

use clap::ValueEnum;

use crate::json;

/// How received messages are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The bytes and nothing else, no newline either
    Raw,
    /// Text without a newline at its end; what could upset a terminal is escaped, as in \n or \x1b
    Text,
    /// A quoted string as in C, exact for any bytes
    Quoted,
    /// Lower-case hexadecimal digits
    Hex,
    /// A JSON object: {"json": …} for JSON, {"text": "…"} for text, {"hex": "…"} for anything else
    Json,
    /// A byte string of `MessagePack`: its length, then its bytes
    Msgpack,
}

/// A message to print, and what is printed with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) message: &'a [u8],
    /// When it came.
    pub(crate) time: Option<&'a str>,
    /// The subscription that it matched.
    pub(crate) topic: Option<&'a [u8]>,
}

impl Format {
    /// Appends a message as it is printed, without its end of line.
    pub(crate) fn write(self, shown: &Shown<'_>, line: &mut Vec<u8>) {
        let Shown { message, time, topic } = *shown;
        if self == Self::Json {
            return json::write(shown, line);
        }
        for field in [time.map(str::as_bytes), topic].into_iter().flatten() {
            self.write_bytes(field, line);
            line.push(b'\t');
        }
        self.write_bytes(if self == Self::Text { without_newline(message) } else { message }, line);
    }

    fn write_bytes(self, bytes: &[u8], line: &mut Vec<u8>) {
        match self {
            Self::Raw | Self::Json => line.extend_from_slice(bytes),
            Self::Text => escape(bytes, line, |c| c != '\t' && is_unsafe(c)),
            Self::Quoted => {
                line.push(b'"');
                escape(bytes, line, |c| matches!(c, '"' | '\\') || is_unsafe(c));
                line.push(b'"');
            }
            Self::Hex => hex(bytes, line),
            Self::Msgpack => msgpack(bytes, line),
        }
    }

    /// Whether a message that is printed has an end of line.
    pub(crate) fn has_lines(self) -> bool {
        !matches!(self, Self::Raw | Self::Msgpack)
    }
}

/// A text may end with a newline, as what a command prints. The line has one already.
fn without_newline(message: &[u8]) -> &[u8] {
    message.strip_suffix(b"\n").unwrap_or(message)
}

/// Characters that do something to a terminal instead of appearing on it: control characters, and those that change the
/// direction of the text around them.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Appends `bytes` with an escape for each character of which `escaped` is true, and for what is not UTF-8.
fn escape(bytes: &[u8], line: &mut Vec<u8>, escaped: impl Fn(char) -> bool) {
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(&escaped) {
            let (clean, tail) = rest.split_at(at);
            line.extend_from_slice(clean.as_bytes());
            let end = tail.chars().next().map_or(0, char::len_utf8);
            escape_character(&tail.as_bytes()[..end], line);
            rest = &tail[end..];
        }
        line.extend_from_slice(rest.as_bytes());
        escape_bytes(chunk.invalid(), line);
    }
}

fn escape_character(bytes: &[u8], line: &mut Vec<u8>) {
    match bytes {
        [b'\n'] => line.extend_from_slice(b"\\n"),
        [b'\r'] => line.extend_from_slice(b"\\r"),
        [b'\t'] => line.extend_from_slice(b"\\t"),
        [printable @ (b'"' | b'\\')] => line.extend_from_slice(&[b'\\', *printable]),
        _ => escape_bytes(bytes, line),
    }
}

fn escape_bytes(bytes: &[u8], line: &mut Vec<u8>) {
    for byte in bytes {
        line.extend_from_slice(b"\\x");
        hex(&[*byte], line);
    }
}

pub(crate) fn hex(bytes: &[u8], line: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        line.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

/// A byte string with its length in as few bytes as will do. One over 4 GiB does not come: no message is as large.
fn msgpack(bytes: &[u8], line: &mut Vec<u8>) {
    if let Ok(length) = u8::try_from(bytes.len()) {
        line.extend_from_slice(&[0xc4, length]);
    } else if let Ok(length) = u16::try_from(bytes.len()) {
        line.push(0xc5);
        line.extend_from_slice(&length.to_be_bytes());
    } else {
        line.push(0xc6);
        line.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    }
    line.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: Format, message: &[u8]) -> String {
        let mut line = Vec::new();
        format.write(&Shown { message, time: None, topic: None }, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn text_is_printed_as_it_is_where_that_is_safe() {
        assert_eq!(shown(Format::Text, "grüße\t\\ \"日本\"".as_bytes()), "grüße\t\\ \"日本\"");
        assert_eq!(shown(Format::Text, b""), "");
    }

    #[test]
    fn text_is_a_line_whether_it_ends_with_a_newline_or_not() {
        assert_eq!(shown(Format::Text, b"done\n"), "done");
        assert_eq!(shown(Format::Text, b"done\r\n\n"), "done\\r\\n");
        assert_eq!(shown(Format::Quoted, b"done\n"), "\"done\\n\"");
    }

    #[test]
    fn text_escapes_what_a_terminal_would_obey() {
        assert_eq!(shown(Format::Text, b"a\nb\r\x1b[31m\0\x7f"), "a\\nb\\r\\x1b[31m\\x00\\x7f");
        assert_eq!(shown(Format::Text, "\u{9b}1m\u{202e}x".as_bytes()), "\\xc2\\x9b1m\\xe2\\x80\\xaex");
    }

    #[test]
    fn text_escapes_only_the_bytes_that_are_not_utf_8() {
        assert_eq!(shown(Format::Text, b"caf\xe9 \xf0\x9f ok\xff"), "caf\\xe9 \\xf0\\x9f ok\\xff");
    }

    #[test]
    fn quoted_can_be_read_back_without_doubt() {
        assert_eq!(shown(Format::Quoted, b"say \"hi\"\\\t\n\xff"), "\"say \\\"hi\\\"\\\\\\t\\n\\xff\"");
        assert_eq!(shown(Format::Quoted, "grüße".as_bytes()), "\"grüße\"");
        assert_eq!(shown(Format::Quoted, b""), "\"\"");
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(shown(Format::Hex, b"\x00\xAB\x0f"), "00ab0f");
    }

    #[test]
    fn raw_adds_nothing() {
        let mut line = Vec::new();
        Format::Raw.write(&Shown { message: b"\x00\n\xff", time: None, topic: None }, &mut line);
        assert_eq!(line, b"\x00\n\xff");
    }

    #[test]
    fn msgpack_begins_with_the_length() {
        for (length, head) in [
            (0, &[0xc4, 0][..]),
            (255, &[0xc4, 255]),
            (256, &[0xc5, 1, 0]),
            (65_535, &[0xc5, 255, 255]),
            (65_536, &[0xc6, 0, 1, 0, 0]),
        ] {
            let message = vec![0xff; length];
            let mut line = Vec::new();
            Format::Msgpack.write(&Shown { message: &message, time: None, topic: None }, &mut line);
            assert_eq!(line, [head, &message].concat());
        }
    }

    #[test]
    fn time_and_topic_stand_before_the_message() {
        let shown = |format: Format| {
            let mut line = Vec::new();
            let shown = Shown { message: b"a\xff", time: Some("now"), topic: Some(b"a\n") };
            format.write(&shown, &mut line);
            String::from_utf8(line).unwrap()
        };
        assert_eq!(shown(Format::Text), "now\ta\\n\ta\\xff");
        assert_eq!(shown(Format::Quoted), "\"now\"\t\"a\\n\"\t\"a\\xff\"");
        assert_eq!(shown(Format::Json), r#"{"time":"now","topic":"a\n","hex":"61ff"}"#);
    }
}
