//! How many descriptors the system lets this process have.

use std::io;

/// The limit as it is now: a program may raise it at any time. `None` where there is none.
///
/// # Errors
/// Where the system does not tell, as in a sandbox that allows no such call.
pub(super) fn descriptors() -> io::Result<Option<u64>> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    #[allow(unsafe_code, reason = "the safe call of rustix takes it that the system never refuses")]
    // SAFETY: `limit` is plain numbers, valid for writing, and outlives the call.
    let outcome = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    if outcome != 0 {
        return Err(io::Error::last_os_error());
    }
    #[allow(clippy::useless_conversion, reason = "narrower on some systems")]
    Ok((limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur.into()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_system_tells_its_limit() {
        let known = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        assert_eq!(super::descriptors().expect("nothing forbids it"), known);
    }
}
