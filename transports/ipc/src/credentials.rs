//! Who is at the other end of a socket, as the kernel noted it when the connection was made.

use std::os::fd::BorrowedFd;

use hubless_transport::Credentials;

/// The process at the other end; none where the system does not tell. Its number is 0 where it lives in a process
/// namespace that we cannot see into.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn of_peer(socket: BorrowedFd<'_>) -> Option<Credentials> {
    use std::os::fd::AsRawFd;

    let mut found = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let size = size_of::<libc::ucred>();
    let mut length = libc::socklen_t::try_from(size).ok()?;
    // The safe call of rustix declares the process number as never 0, which it is in a foreign namespace: the whole
    // answer is then read as a meaningless error.
    #[expect(
        unsafe_code,
        reason = "no safe crate at hand reads SO_PEERCRED correctly across process namespaces"
    )]
    // SAFETY: `found` is plain numbers, valid for `length` bytes, and outlives the call.
    let outcome = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut found).cast(),
            &raw mut length,
        )
    };
    let complete = outcome == 0 && usize::try_from(length) == Ok(size);
    complete.then(|| Credentials::new(found.uid, found.gid, found.pid))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn of_peer(_: BorrowedFd<'_>) -> Option<Credentials> {
    None
}

/// Whether the system says that the process at the other end belongs to the user that we are.
pub(crate) fn is_same_user(socket: BorrowedFd<'_>) -> bool {
    of_peer(socket).is_some_and(|peer| peer.uid == rustix::process::geteuid().as_raw())
}
