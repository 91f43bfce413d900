//! How received messages look.

use serde_json::Value;

use crate::program::{dialer, listener};

/// Sends these lines, and receives them in `format`.
fn printed(format: &str, lines: &[u8], count: usize, expected: impl AsRef<[u8]>) {
    let (pull, address) = listener(&format!("pull --format {format} -n {count}"));
    let mut push = dialer("push", &address);
    push.write(lines);
    push.close_input();
    push.finish().printed("");
    pull.finish().printed(expected);
}

const LINES: &[u8] = b"gr\xc3\xbc\xc3\x9fe\t\"x\"\\\n\x1b[31mred\n\xff\0";

#[test]
fn raw_is_the_bytes_and_nothing_else() {
    printed("raw", LINES, 3, b"gr\xc3\xbc\xc3\x9fe\t\"x\"\\\x1b[31mred\xff\0");
}

#[test]
fn text_is_safe_for_terminals() {
    printed("text", LINES, 3, "grüße\t\"x\"\\\n\\x1b[31mred\n\\xff\\x00\n");
}

#[test]
fn quoted_is_a_string_as_in_c() {
    printed("quoted", LINES, 3, "\"grüße\\t\\\"x\\\"\\\\\"\n\"\\x1b[31mred\"\n\"\\xff\\x00\"\n");
}

#[test]
fn hex_is_lower_case() {
    printed("hex", LINES, 3, "6772c3bcc39f6509227822 5c\n1b5b33316d726564\nff00\n".replace(' ', ""));
}

#[test]
fn json_is_an_object_a_line() {
    let expected =
        "{\"text\":\"grüße\\t\\\"x\\\"\\\\\"}\n{\"text\":\"\\u001b[31mred\"}\n{\"hex\":\"ff00\"}\n";
    printed("json", LINES, 3, expected);
}

#[test]
fn json_is_nested_in_json() {
    let lines = b"{ \"t\": [1, 2.50] }\n5\n[]\n{broken\n";
    printed(
        "json",
        lines,
        4,
        "{\"json\":{\"t\":[1,2.50]}}\n{\"text\":\"5\"}\n{\"json\":[]}\n{\"text\":\"{broken\"}\n",
    );
}

#[test]
fn msgpack_has_the_length_of_each_message() {
    printed("msgpack", b"ab\n\n", 2, b"\xc4\x02ab\xc4\x00");
}

#[test]
fn a_delimiter_takes_the_place_of_the_newline() {
    printed("text --delimiter \\0", b"a\nb\n", 2, b"a\0b\0");
    printed("raw --delimiter --", b"a\nb\n", 2, "a--b--");
    let (pull, address) = listener("pull -n 3 --format quoted");
    let mut push = dialer("push --delimiter \\0", &address);
    push.write(b"one\nline\0\0last");
    push.close_input();
    push.finish().printed("");
    pull.finish().printed("\"one\\nline\"\n\"\"\n\"last\"\n");
}

/// Whether this is a time of RFC 3339 in UTC, of this millennium.
fn is_time(text: &str) -> bool {
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    form == "0000-00-00T00:00:00.000000Z" && text.starts_with("20")
}

#[test]
fn the_time_and_the_topic_of_a_message_are_printed_on_request() {
    let (mut publisher, address) = listener("pub --wait-peers 3");
    let text = dialer("sub -n 2 -t --topic -s oslo -s oslo/ -s rome", &address);
    let json = dialer("sub -n 3 -t --topic -s oslo -s {\"rome --format json", &address);
    let time = dialer("sub -n 1 -t --format hex", &address);
    publisher.write(b"oslo/a 1\noslo 2\n{\"rome\": 3}\n");
    publisher.close_input();
    publisher.finish().printed("");

    let printed = String::from_utf8(text.finish().output).unwrap();
    let fields: Vec<Vec<&str>> = printed.lines().map(|line| line.split('\t').collect()).collect();
    assert!(fields.iter().all(|fields| is_time(fields[0])), "{printed}");
    assert_eq!((&fields[0][1..], &fields[1][1..]), (&["oslo/", "oslo/a 1"][..], &["oslo", "oslo 2"][..]));

    let printed = String::from_utf8(json.finish().output).unwrap();
    let lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| is_time(line["time"].as_str().unwrap())), "{printed}");
    assert_eq!((&lines[0]["topic"], &lines[0]["text"]), (&"oslo".into(), &"oslo/a 1".into()));
    assert_eq!((&lines[2]["topic"], &lines[2]["json"]["rome"]), (&"{\"rome".into(), &3.into()));

    let printed = String::from_utf8(time.finish().output).unwrap();
    assert!(printed.split('\t').next().is_some_and(is_time_in_hex), "{printed}");
}

fn is_time_in_hex(digits: &str) -> bool {
    let bytes = digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16));
    is_time(&String::from_utf8(bytes.collect::<Result<_, _>>().unwrap()).unwrap())
}
