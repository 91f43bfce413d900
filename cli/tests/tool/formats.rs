//! How received messages look.

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
