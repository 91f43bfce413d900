//! From an address to its transport, and what to say of one that has none.

use std::sync::Arc;

use crate::{AddressError, Transport};

/// What stands between a scheme and a place.
const SEPARATOR: &str = "://";

/// What `make` makes of the place at `url`, with the transport of its scheme. The transports of the schemes `switched_off` are
/// features of hubless that it was built without.
///
/// # Errors
///
/// The address has no scheme, or one that no transport has, or the transport refuses the place.
pub fn resolve<T>(
    transports: &[Arc<dyn Transport>],
    switched_off: &[&str],
    url: &str,
    make: impl FnOnce(&dyn Transport, &str) -> Result<T, AddressError>,
) -> Result<T, AddressError> {
    let Some((scheme, place)) = url.split_once(SEPARATOR) else {
        return Err(without_scheme(url, transports));
    };
    let Some(transport) = transports.iter().find(|transport| transport.scheme() == scheme) else {
        return Err(AddressError::new(unknown(scheme, transports, switched_off)).at(url, scheme));
    };
    let offset = scheme.len() + SEPARATOR.len();
    make(&**transport, place).map_err(|error| error.within(url, offset))
}

/// The part in front of `://`.
pub fn scheme(url: &str) -> &str {
    url.split_once(SEPARATOR).map_or("", |(scheme, _)| scheme)
}

/// What somebody meant who wrote no `://`.
fn without_scheme(url: &str, transports: &[Arc<dyn Transport>]) -> AddressError {
    let schemes = schemes(transports);
    let (scheme, place) = url.split_once(':').unwrap_or(("", url));
    if transports.iter().any(|transport| transport.scheme() == scheme) {
        let bare = place.trim_start_matches('/');
        // Elsewhere all slashes belong to the separator; the last one of a path is its own.
        let is_rooted = scheme == "ipc" && bare.len() < place.len();
        let place = &place[place.len() - bare.len() - usize::from(is_rooted)..];
        let right = format!("{scheme}://{}", AddressError::shown(place));
        let bad = &url[scheme.len()..url.len() - place.len()];
        return AddressError::new(format!("a scheme is followed by `://`: write `{right}`")).at(url, bad);
    }
    let meant = match url {
        "" => None,
        _ if url.starts_with(['/', '.', '@']) => Some("ipc"),
        _ if url.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => Some("tcp"),
        _ => None,
    };
    let why = match meant {
        Some(scheme) => format!("the scheme is missing: write `{scheme}://{}`", AddressError::shown(url)),
        None => format!("the scheme is missing: begin it with one of {schemes}"),
    };
    AddressError::new(why).at(url, &url[..0])
}

/// Why there is no transport of this scheme.
fn unknown(scheme: &str, transports: &[Arc<dyn Transport>], switched_off: &[&str]) -> String {
    let lower = scheme.to_ascii_lowercase();
    if lower != scheme && transports.iter().any(|transport| transport.scheme() == lower) {
        return format!("schemes are in lower case: write `{lower}://`");
    }
    if switched_off.contains(&scheme) {
        return format!(
            "the transport `{scheme}` is switched off: build hubless with its feature `{scheme}`"
        );
    }
    let schemes = schemes(transports);
    format!("there is no transport `{}`; there are {schemes}", AddressError::shown(scheme))
}

fn schemes(transports: &[Arc<dyn Transport>]) -> String {
    let schemes = transports.iter().map(|transport| format!("{}{SEPARATOR}", transport.scheme()));
    schemes.collect::<Vec<_>>().join(", ")
}
