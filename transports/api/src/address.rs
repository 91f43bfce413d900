use std::fmt;
use std::ops::Range;

/// Why an address cannot be used, in words for its author: what is wrong and what would be right; and where.
///
/// `{}` shows the reason in one line, `{:#}` also the address with the bad part underlined, and so does `{:?}`, which is what is seen
/// of an error returned from `main`; `{:#?}` shows the parts.
///
/// ```
/// use hubless_transport::AddressError;
///
/// let address = "tcp://localhost:99999";
/// let error = AddressError::new("the port is too large");
/// let error = error.at(address, &address[16..]).within(address, 0);
/// assert_eq!(error.to_string(), "the port is too large");
/// assert_eq!(error.part(), Some(16..21));
/// let shown = "the port is too large\n  tcp://localhost:99999\n                  ^^^^^";
/// assert_eq!(format!("{error:#}"), shown);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AddressError {
    reason: String,
    part: Option<Range<usize>>,
    address: Option<String>,
}

impl AddressError {
    /// An error with this explanation. It names the bad part and what would be right.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), part: None, address: None }
    }

    /// Points at the bad part: `part` is a slice of `whole`, the address that was parsed; an empty one is where something
    /// is missing. A slice of another string is ignored.
    #[must_use]
    pub fn at(self, whole: &str, part: &str) -> Self {
        let begin = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize);
        let inside = begin.map(|begin| begin..begin + part.len()).filter(|part| part.end <= whole.len());
        Self { part: inside, ..self }
    }

    /// The same error, seen from the `address` of which byte `offset` is where the parsed part began: transports parse what
    /// follows the scheme.
    #[must_use]
    pub fn within(self, address: impl Into<String>, offset: usize) -> Self {
        let part = self.part.map(|part| part.start + offset..part.end + offset);
        Self { part, address: Some(address.into()), ..self }
    }

    /// What follows `scheme`, such as `tcp://`, in a whole address: where typed endpoints begin to parse.
    ///
    /// # Errors
    /// When the address does not begin with that.
    pub fn strip_scheme<'a>(address: &'a str, scheme: &str) -> Result<&'a str, Self> {
        address.strip_prefix(scheme).ok_or_else(|| {
            let found = address.find("://").map_or(0, |end| end + "://".len());
            let place = &address[found..];
            let what = if found == 0 { "the scheme is missing" } else { "this is another scheme" };
            Self::new(format!("{what}: write `{scheme}{}`", Self::shown(place)))
                .at(address, &address[..found])
                .within(address, 0)
        })
    }

    /// An address, or a part of one, as an explanation shows it: printable, and not without end.
    ///
    /// ```
    /// use hubless_transport::AddressError;
    ///
    /// assert_eq!(AddressError::shown("local\u{1b}host"), "local\\u{1b}host");
    /// assert_eq!(AddressError::shown(&"x".repeat(1000)), "x".repeat(80) + "..");
    /// ```
    pub fn shown(part: &str) -> String {
        let start: String = part.chars().take(CONTEXT).flat_map(char::escape_debug).collect();
        if part.chars().nth(CONTEXT).is_some() { start + ".." } else { start }
    }

    /// The explanation.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The bytes of the bad part, if it is one part that is bad.
    pub fn part(&self) -> Option<Range<usize>> {
        self.part.clone()
    }

    /// The whole address, where it is known.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match (&self.address, &self.part) {
            (Some(address), Some(part)) if f.alternate() => underline(f, address, part),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{self:#}");
        }
        f.debug_struct("AddressError")
            .field("reason", &self.reason)
            .field("part", &self.part)
            .field("address", &self.address)
            .finish()
    }
}

impl std::error::Error for AddressError {}

/// What an address shows of itself, and before and behind the bad part, in characters.
const CONTEXT: usize = 80;

/// The address in a line of its own, and carets below the part. Neither control codes nor endless lines get out.
fn underline(f: &mut fmt::Formatter<'_>, address: &str, part: &Range<usize>) -> fmt::Result {
    let pieces = (address.get(..part.start), address.get(part.clone()), address.get(part.end..));
    let (Some(before), Some(bad), Some(after)) = pieces else { return Ok(()) };
    let cut = |piece: &str| piece.chars().take(CONTEXT).flat_map(char::escape_debug).collect::<String>();
    let left_out = before.chars().count().saturating_sub(CONTEXT);
    let before: String = before.chars().skip(left_out).flat_map(char::escape_debug).collect();
    let before = if left_out > 0 { format!("..{before}") } else { before };
    let (bad, after) = (cut(bad), cut(after));
    let (indent, carets) = (" ".repeat(before.chars().count()), "^".repeat(bad.chars().count().max(1)));
    write!(f, "\n  {before}{bad}{after}\n  {indent}{carets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_another_string_is_ignored_and_a_missing_one_has_one_caret() {
        let address = String::from("localhost");
        assert_eq!(AddressError::new("x").at(&address, "elsewhere").part(), None);
        let missing = AddressError::new("no port").at(&address, &address[9..]).within("tcp://localhost", 6);
        assert_eq!(missing.part(), Some(15..15));
        assert_eq!(format!("{missing:#}"), "no port\n  tcp://localhost\n                 ^");
    }

    #[test]
    fn one_that_is_returned_from_main_shows_what_is_wrong_and_where() {
        let address = "tcp://x:y";
        let error = AddressError::new("no port").at(address, &address[8..]).within(address, 0);
        assert_eq!(format!("{error:?}"), "no port\n  tcp://x:y\n          ^");
        assert!(
            format!("{error:#?}").starts_with("AddressError {\n    reason: \"no port\",\n"),
            "{error:#?}"
        );
    }

    #[test]
    fn a_wrong_scheme_is_explained_in_bounded_length() {
        let error = AddressError::strip_scheme(&"x".repeat(10_000), "tcp://").expect_err("no scheme");
        assert!(error.reason().len() < 200, "{error}");
    }

    #[test]
    fn what_is_underlined_is_printable_and_has_an_end() {
        let address = format!("{}\u{1b}{}", "x".repeat(1000), "y".repeat(1000));
        let error = AddressError::new("bad").at(&address, &address[1000..1001]).within(address.as_str(), 0);
        let shown = format!("{error:#}");
        assert!(shown.len() < 400 && shown.contains("\\u{1b}") && !shown.contains('\u{1b}'), "{shown}");
    }
}
