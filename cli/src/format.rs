//! How a message is printed.

use std::io::Write;

use clap::ValueEnum;

/// How received messages are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The bytes and nothing else, no newline either
    Raw,
    /// A line of text; what could upset a terminal is escaped, as in \n or \x1b
    Text,
    /// A line with a quoted string as in C; shows every byte without doubt
    Quoted,
    /// A line of lower-case hexadecimal digits
    Hex,
    /// A line with a JSON object: {"text": "…"} for UTF-8, {"hex": "…"} for anything else
    Json,
}

impl Format {
    /// Appends `message` as it is printed, with its end of line if it has one.
    pub(crate) fn write(self, message: &[u8], line: &mut Vec<u8>) {
        match self {
            Self::Raw => return line.extend_from_slice(message),
            Self::Text => escape(message, line, |c| c != '\t' && is_unsafe(c)),
            Self::Quoted => {
                line.push(b'"');
                escape(message, line, |c| matches!(c, '"' | '\\') || is_unsafe(c));
                line.push(b'"');
            }
            Self::Hex => hex(message, line),
            Self::Json => json(message, line),
        }
        line.push(b'\n');
    }
}

/// Characters that do something to a terminal instead of appearing on it: control characters, and those that change the
/// direction of the text around them.
fn is_unsafe(c: char) -> bool {
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

fn hex(bytes: &[u8], line: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        line.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

fn json(message: &[u8], line: &mut Vec<u8>) {
    let value = if let Ok(text) = std::str::from_utf8(message) {
        serde_json::json!({ "text": text })
    } else {
        let mut digits = Vec::with_capacity(2 * message.len());
        hex(message, &mut digits);
        serde_json::json!({ "hex": String::from_utf8_lossy(&digits) })
    };
    write!(line, "{value}").unwrap_or_else(|_| unreachable!("a vector takes everything"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: Format, message: &[u8]) -> String {
        let mut line = Vec::new();
        format.write(message, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn text_is_printed_as_it_is_where_that_is_safe() {
        assert_eq!(shown(Format::Text, "grüße\t\\ \"日本\"".as_bytes()), "grüße\t\\ \"日本\"\n");
        assert_eq!(shown(Format::Text, b""), "\n");
    }

    #[test]
    fn text_escapes_what_a_terminal_would_obey() {
        assert_eq!(shown(Format::Text, b"a\nb\r\x1b[31m\0\x7f"), "a\\nb\\r\\x1b[31m\\x00\\x7f\n");
        assert_eq!(shown(Format::Text, "\u{9b}1m\u{202e}x".as_bytes()), "\\xc2\\x9b1m\\xe2\\x80\\xaex\n");
    }

    #[test]
    fn text_escapes_only_the_bytes_that_are_not_utf_8() {
        assert_eq!(shown(Format::Text, b"caf\xe9 \xf0\x9f ok\xff"), "caf\\xe9 \\xf0\\x9f ok\\xff\n");
    }

    #[test]
    fn quoted_can_be_read_back_without_doubt() {
        assert_eq!(shown(Format::Quoted, b"say \"hi\"\\\t\n\xff"), "\"say \\\"hi\\\"\\\\\\t\\n\\xff\"\n");
        assert_eq!(shown(Format::Quoted, "grüße".as_bytes()), "\"grüße\"\n");
        assert_eq!(shown(Format::Quoted, b""), "\"\"\n");
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(shown(Format::Hex, b"\x00\xAB\x0f"), "00ab0f\n");
    }

    #[test]
    fn json_is_one_object_a_line() {
        assert_eq!(shown(Format::Json, b"a\n\"b\""), "{\"text\":\"a\\n\\\"b\\\"\"}\n");
        assert_eq!(shown(Format::Json, b"\xff\x00"), "{\"hex\":\"ff00\"}\n");
        assert_eq!(shown(Format::Json, b""), "{\"text\":\"\"}\n");
    }

    #[test]
    fn raw_adds_nothing() {
        let mut line = Vec::new();
        Format::Raw.write(b"\x00\n\xff", &mut line);
        assert_eq!(line, b"\x00\n\xff");
    }
}
