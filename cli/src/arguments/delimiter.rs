//! What ends a message where messages are read or printed.

/// Some bytes, one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delimiter(Vec<u8>);

impl Delimiter {
    pub(crate) fn newline() -> Self {
        Self(vec![b'\n'])
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn is_newline(&self) -> bool {
        self.0 == b"\n"
    }

    /// The last of its bytes, at which a reader has to look whether it is there.
    pub(crate) fn last(&self) -> u8 {
        self.0[self.0.len() - 1]
    }
}

/// Parses text with the escapes of C: \n, \r, \t, \0, \\ and \xHH.
pub(crate) fn delimiter(text: &str) -> Result<Delimiter, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (byte, length) = escape(&rest[at + 1..])?;
        bytes.push(byte);
        rest = &rest[at + 1 + length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    if bytes.is_empty() {
        return Err("it is empty".into());
    }
    Ok(Delimiter(bytes))
}

/// The byte that is meant by what follows a backslash, and how much of it that takes.
fn escape(text: &str) -> Result<(u8, usize), String> {
    let byte = match text.as_bytes() {
        [b'n', ..] => b'\n',
        [b'r', ..] => b'\r',
        [b't', ..] => b'\t',
        [b'0', ..] => 0,
        [b'\\', ..] => b'\\',
        [b'x', digits @ ..] => {
            let digits = digits.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
            let byte = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let byte = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            return byte.map(|byte| (byte, 3)).ok_or_else(|| "\\x needs two hexadecimal digits".into());
        }
        _ => return Err("a backslash begins \\n, \\r, \\t, \\0, \\xHH or \\\\".into()),
    };
    Ok((byte, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<u8> {
        delimiter(text).unwrap().0
    }

    #[test]
    fn text_stands_for_itself_and_escapes_for_their_bytes() {
        assert_eq!(parsed("--"), b"--");
        assert_eq!(parsed("\\r\\n"), b"\r\n");
        assert_eq!(parsed("a\\0b\\\\c\\t\\xfF."), b"a\0b\\c\t\xff.");
        assert_eq!(parsed("§\n"), "§\n".as_bytes());
    }

    #[test]
    fn what_is_no_escape_is_refused() {
        for text in ["", "\\", "\\q", "\\x", "\\x1", "\\xg0", "\\x+1", "\\x1é", "\\é"] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }
}
