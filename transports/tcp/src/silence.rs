//! What the system knows of the silence at the other end of a connection.

use std::time::Duration;

use socket2::Socket;

/// What was heard of a peer, as the system noted it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    /// Something was sent, or waits to be, and the peer's system has not confirmed it.
    pub(crate) unconfirmed: bool,
    /// It was asked again, by a repetition or a probe, and has not answered yet.
    pub(crate) unanswered: bool,
    /// Since anything at all came from there.
    pub(crate) silent: Duration,
}

/// Nothing where the system does not tell.
#[cfg(all(target_os = "linux", any(target_env = "gnu", target_env = "musl")))]
pub(crate) fn of_peer(socket: &Socket) -> Option<Heard> {
    let info = info(socket)?;
    let last = info.tcpi_last_ack_recv.min(info.tcpi_last_data_recv);
    Some(Heard {
        unconfirmed: info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0,
        unanswered: info.tcpi_retransmits > 0 || info.tcpi_probes > 0,
        silent: Duration::from_millis(last.into()),
    })
}

#[cfg(all(target_os = "linux", any(target_env = "gnu", target_env = "musl")))]
#[expect(unsafe_code, reason = "no safe crate at hand reads TCP_INFO")]
fn info(socket: &Socket) -> Option<libc::tcp_info> {
    use std::os::fd::AsRawFd;

    // SAFETY: the structure is plain numbers, for each of which zero is a value. An older system fills in a part.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut length = libc::socklen_t::try_from(size_of_val(&info)).ok()?;
    // SAFETY: `info` is valid for `length` bytes and outlives the call, whatever part of it is written to.
    let outcome = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &raw mut length,
        )
    };
    (outcome == 0).then_some(info)
}

#[cfg(not(all(target_os = "linux", any(target_env = "gnu", target_env = "musl"))))]
pub(crate) fn of_peer(_: &Socket) -> Option<Heard> {
    None
}
