//! A message as an object of JSON, in one line.

use std::fmt;
use std::io::Write;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::format::{Shown, hex, is_unsafe};

/// What is nested deeper than this is printed as text: programs that read JSON have limits.
const DEEPEST: usize = 100;

/// Appends `{"json": …}` for an object or an array of JSON, `{"text": "…"}` for other UTF-8, `{"hex": "…"}` for anything else;
/// before that the time and the topic, where they are shown.
pub(crate) fn write(shown: &Shown<'_>, line: &mut Vec<u8>) {
    line.push(b'{');
    if let Some(time) = shown.time {
        line.extend_from_slice(b"\"time\":");
        string(time, line);
        line.push(b',');
    }
    if let Some(topic) = shown.topic {
        line.extend_from_slice(b"\"topic");
        text_or_hex(topic, line, "\":", "_hex\":");
        line.push(b',');
    }
    if let Some(document) = document(shown.message) {
        line.extend_from_slice(b"\"json\":");
        compact(document, line);
    } else {
        line.push(b'"');
        text_or_hex(shown.message, line, "text\":", "hex\":");
    }
    line.push(b'}');
}

fn text_or_hex(bytes: &[u8], line: &mut Vec<u8>, text_key: &str, hex_key: &str) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        line.extend_from_slice(text_key.as_bytes());
        string(text, line);
    } else {
        line.extend_from_slice(hex_key.as_bytes());
        line.push(b'"');
        hex(bytes, line);
        line.push(b'"');
    }
}

/// A string, in which nothing upsets a terminal.
fn string(text: &str, line: &mut Vec<u8>) {
    let quoted =
        serde_json::to_string(text).unwrap_or_else(|_| unreachable!("a string has no key that is none"));
    safe(&quoted, line);
}

/// Appends JSON with escapes for characters of its strings that JSON need not escape, and that a terminal would obey.
fn safe(json: &str, line: &mut Vec<u8>) {
    let mut rest = json;
    while let Some(at) = rest.find(is_unsafe) {
        let (clean, tail) = rest.split_at(at);
        line.extend_from_slice(clean.as_bytes());
        let character = tail.chars().next().unwrap_or_default();
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(line, "\\u{unit:04x}").unwrap_or_else(|_| unreachable!("a vector takes everything"));
        }
        rest = &tail[character.len_utf8()..];
    }
    line.extend_from_slice(rest.as_bytes());
}

/// JSON that any program can read that reads the line: each string is text, which half of a surrogate pair is not, and each number
/// has a value of 64 bits, exact or not.
struct Readable;

impl<'de> Deserialize<'de> for Readable {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Readable {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self, A::Error> {
        while array.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

/// The message, if it is an object or an array of JSON that is not nested too deeply. A number or a word is rather text.
fn document(message: &[u8]) -> Option<&str> {
    let first = message.iter().find(|byte| !is_space(**byte))?;
    if !matches!(first, b'{' | b'[') {
        return None;
    }
    let text = std::str::from_utf8(message).ok()?;
    serde_json::from_str::<Readable>(text).ok()?;
    (depth(text) <= DEEPEST).then_some(text)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for (byte, quoted) in bytes(json) {
        match byte {
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Appends JSON without the space between its parts, and so without newlines.
fn compact(json: &str, line: &mut Vec<u8>) {
    let mut compact = Vec::with_capacity(json.len());
    compact.extend(bytes(json).filter(|(byte, quoted)| *quoted || !is_space(*byte)).map(|(byte, _)| byte));
    // What was left out are whole characters.
    safe(&String::from_utf8_lossy(&compact), line);
}

/// The bytes of JSON, each with whether it is part of a string.
fn bytes(json: &str) -> impl Iterator<Item = (u8, bool)> {
    let (mut quoted, mut escaped) = (false, false);
    json.bytes().map(move |byte| {
        let inside = quoted;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        (byte, inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(message: &[u8]) -> String {
        let mut line = Vec::new();
        write(&Shown { message, time: None, topic: None }, &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{line}");
        assert!(!line.contains(is_unsafe), "{line:?}");
        line
    }

    #[test]
    fn an_object_or_an_array_is_nested_as_it_is_without_its_space() {
        assert_eq!(printed(b"{}"), r#"{"json":{}}"#);
        assert_eq!(
            printed(b" {\n\t\"b\" : [ 1.50, \"x y\\\" {\\n\", 12345678901234567890123 ],\r\n \"b\": null } "),
            r#"{"json":{"b":[1.50,"x y\" {\n",12345678901234567890123],"b":null}}"#
        );
        assert_eq!(printed("[\"grüße\"]".as_bytes()), r#"{"json":["grüße"]}"#);
    }

    #[test]
    fn a_number_a_word_and_a_string_are_text() {
        for (message, line) in [
            (&b"5"[..], r#"{"text":"5"}"#),
            (b"true", r#"{"text":"true"}"#),
            (b"\"x\"", r#"{"text":"\"x\""}"#),
            (b"", r#"{"text":""}"#),
            (b"a\n\"b\"", r#"{"text":"a\n\"b\""}"#),
        ] {
            assert_eq!(printed(message), line);
        }
    }

    #[test]
    fn what_only_looks_like_json_is_text_or_hex() {
        for message in ["{", "[1,]", "{}x", "[1][2]", "{\"a\":1,}", "[\"\n\"]", "{a:1}"] {
            let line: serde_json::Value = serde_json::from_str(&printed(message.as_bytes())).unwrap();
            assert_eq!(line, serde_json::json!({ "text": message }));
        }
        assert_eq!(printed(b"[\"\xff\"]"), r#"{"hex":"5b22ff225d"}"#);
        assert_eq!(printed(b"\xff\x00"), r#"{"hex":"ff00"}"#);
    }

    #[test]
    fn what_is_nested_too_deeply_is_text() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(printed(nested(DEEPEST).as_bytes()).starts_with("{\"json\":"));
        assert!(printed(nested(DEEPEST + 1).as_bytes()).starts_with("{\"text\":"));
        assert!(printed(nested(1_000_000).as_bytes()).starts_with("{\"text\":"));
        assert!(printed(format!("[\"{}\"]", "[".repeat(1000)).as_bytes()).starts_with("{\"json\":"));
    }

    #[test]
    fn what_some_programs_that_read_json_refuse_is_text() {
        for message in [r#"["\ud800"]"#, r#"{"\udc00x":1}"#, "[1e999]", "[{\"a\":[-1E400]}]"] {
            let line: serde_json::Value = serde_json::from_str(&printed(message.as_bytes())).unwrap();
            assert_eq!(line, serde_json::json!({ "text": message }));
        }
        let message = r#"["\ud83d\ude00",0.10000000000000000555,-1e-999,-9223372036854775809,{"a":1,"a":2}]"#;
        assert_eq!(printed(message.as_bytes()), format!("{{\"json\":{message}}}"));
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(
            printed("[\"\u{202e}\u{7f}\u{9b}\"]".as_bytes()),
            "{\"json\":[\"\\u202e\\u007f\\u009b\"]}"
        );
        assert_eq!(printed("\u{9b}1m".as_bytes()), "{\"text\":\"\\u009b1m\"}");
    }

    #[test]
    fn a_topic_that_is_not_text_has_a_key_of_its_own() {
        let mut line = Vec::new();
        write(&Shown { message: b"\xffx", time: Some("now"), topic: Some(b"\xff") }, &mut line);
        assert_eq!(String::from_utf8(line).unwrap(), r#"{"time":"now","topic_hex":"ff","hex":"ff78"}"#);
    }
}
