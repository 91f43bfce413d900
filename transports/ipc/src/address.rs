use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use hubless_transport::AddressError;
use socket2::SockAddr;

/// What the system has room for in the address of a socket, a closing NUL included.
#[cfg(any(target_os = "linux", target_os = "android"))]
const ROOM: usize = 108;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const ROOM: usize = 104;

/// The most bytes that a path or a name may have.
const MOST: usize = ROOM - 1;

/// Names without a file exist.
const HAS_ABSTRACT_NAMES: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// A parsed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Path(PathBuf),
    /// A name without a file, here without the `@`.
    Abstract(String),
}

impl Place {
    /// This path. One that begins like a name gets a dot in front, so that it is as long as the address it prints as.
    pub(crate) fn path(path: PathBuf) -> Self {
        let like_a_name = path.as_os_str().as_encoded_bytes().first() == Some(&b'@');
        Self::Path(if like_a_name { Path::new(".").join(path) } else { path })
    }

    pub(crate) fn parse(address: &str) -> Result<Self, AddressError> {
        let place = match address.strip_prefix('@') {
            Some(name) => Self::Abstract(name.to_owned()),
            None => Self::Path(address.into()),
        };
        let whole = |error: AddressError| {
            let end = &address[address.len()..];
            let cut =
                address.char_indices().map(|(at, _)| at).find(|at| *at >= MOST).unwrap_or(address.len());
            match address.char_indices().find(|(_, c)| c.is_control()) {
                Some((at, control)) => error.at(address, &address[at..at + control.len_utf8()]),
                None if address.len() > MOST => error.at(address, &address[cut..]),
                None => error.at(address, end),
            }
        };
        place.check().map_err(whole)?;
        Ok(place)
    }

    /// Whether the system takes it.
    pub(crate) fn check(&self) -> Result<(), AddressError> {
        let (bytes, what, example) = match self {
            Self::Path(path) => (path.as_os_str().as_encoded_bytes(), "path", "ipc:///run/jobs.sock"),
            Self::Abstract(name) => (name.as_bytes(), "name", "ipc://@jobs"),
        };
        if bytes.is_empty() {
            return Err(AddressError::new(format!("the {what} is missing: write one, as in `{example}`")));
        }
        // Addresses stand in log lines and on terminals.
        if String::from_utf8_lossy(bytes).contains(char::is_control) {
            return Err(AddressError::new(format!("a {what} cannot have a control character in it")));
        }
        if bytes.len() > MOST {
            return Err(AddressError::new(format!(
                "the {what} has {} bytes, and {MOST} is the most that the system takes: write a shorter one",
                bytes.len()
            )));
        }
        if !HAS_ABSTRACT_NAMES && matches!(self, Self::Abstract(_)) {
            return Err(AddressError::new("a name without a file needs Linux: write a path"));
        }
        Ok(())
    }

    /// The same place wherever the process goes later: a relative path becomes a whole one, if the system takes that.
    pub(crate) fn anchored(self) -> Self {
        match &self {
            Self::Path(path) if path.is_relative() => {
                let whole = std::path::absolute(path).map(Self::Path).ok();
                whole.filter(|whole| whole.check().is_ok()).unwrap_or(self)
            }
            _ => self,
        }
    }

    pub(crate) fn to_sockaddr(&self) -> io::Result<SockAddr> {
        match self {
            Self::Path(path) => SockAddr::unix(path),
            // The system tells such a name from a path by the NUL in front.
            Self::Abstract(name) => SockAddr::unix(format!("\0{name}")),
        }
    }
}

/// As it stands in an address.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Abstract(name) => write!(f, "@{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(address: &str) -> String {
        Place::parse(address).expect_err(address).to_string()
    }

    #[test]
    fn paths_and_names_are_told_apart_and_shown_as_they_were_written() {
        for path in ["/run/jobs.sock", "jobs.sock", "./@jobs", "a b", "\u{fc}"] {
            assert_eq!(Place::parse(path), Ok(Place::Path(path.into())));
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        assert_eq!(Place::parse("@jobs"), Ok(Place::Abstract("jobs".to_owned())));
        for address in ["/run/jobs.sock", "jobs.sock"] {
            assert_eq!(Place::parse(address).expect("good").to_string(), address);
        }
    }

    #[test]
    fn a_bad_address_is_refused_with_what_is_wrong() {
        assert_eq!(reason(""), "the path is missing: write one, as in `ipc:///run/jobs.sock`");
        for control in ["a\0b", "a\nb", "a\u{1b}[2Jb", "a\u{9b}b"] {
            assert_eq!(reason(control), "a path cannot have a control character in it");
        }
        if HAS_ABSTRACT_NAMES {
            assert_eq!(reason("@"), "the name is missing: write one, as in `ipc://@jobs`");
        } else {
            assert!(reason("@jobs").contains("needs Linux"));
        }
    }

    #[test]
    fn the_bad_part_is_pointed_at() {
        let part = |address: &str| Place::parse(address).expect_err(address).part();
        assert_eq!(part(""), Some(0..0));
        assert_eq!(part("a\0b"), Some(1..2));
        assert_eq!(part("a\u{9b}b"), Some(1..3));
        assert_eq!(part(&"x".repeat(MOST + 5)), Some(MOST..MOST + 5));
        assert_eq!(part(&"\u{fc}".repeat(MOST)), Some(MOST + 1..2 * MOST));
    }

    #[test]
    fn a_path_that_begins_like_a_name_is_shown_as_a_path() {
        assert_eq!(Place::path("@jobs".into()).to_string(), "./@jobs");
    }

    #[test]
    fn a_path_that_begins_like_a_name_fits_where_the_address_it_is_shown_as_does() {
        for (length, fits) in [(MOST - 2, true), (MOST - 1, false), (MOST, false)] {
            let place = Place::path(format!("@{}", "x".repeat(length - 1)).into());
            assert_eq!(place.check().is_ok(), fits, "{length}");
            assert_eq!(Place::parse(&place.to_string()).ok(), fits.then_some(place));
        }
    }

    #[test]
    fn what_is_too_long_for_the_system_is_refused_with_the_limit_and_what_just_fits_is_not() {
        let most = MOST;
        for length in [most + 1, 10_000] {
            let reason = reason(&"x".repeat(length));
            assert!(reason.contains(&format!("{length} bytes, and {most} is the most")), "{reason}");
        }
        let fits = Place::parse(&"x".repeat(most)).expect("it fits");
        assert!(fits.to_sockaddr().is_ok());
        if HAS_ABSTRACT_NAMES {
            assert!(reason(&format!("@{}", "x".repeat(most + 1))).contains("bytes"));
            assert!(Place::parse(&format!("@{}", "x".repeat(most))).expect("it fits").to_sockaddr().is_ok());
        }
    }
}
