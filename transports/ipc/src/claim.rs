use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode};
use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::lock::{FileId, LockFile};

/// Attempts to bind, each after a stale file was removed or has gone by itself.
const MOST_ATTEMPTS: usize = 3;

/// A path that a listener of ours has taken; given back when dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    file: FileId,
    lock: LockFile,
}

impl Claim {
    /// Binds `socket`, which is not yet to listen, to `path`, whose file gets this mode.
    pub(crate) fn take(path: &Path, socket: &Socket, mode: u32) -> io::Result<Self> {
        let address = SockAddr::unix(path)?;
        // The working directory may be another one by the time the claim is given back.
        let path = std::path::absolute(path)?;
        check_directory(&path)?;
        let mut beside = path.clone().into_os_string();
        beside.push(".lock");
        let lock = LockFile::acquire(beside.into())?;
        bind(socket, &address, &path)?;
        let claim = Self { file: FileId::at(&path)?, path, lock };
        fs::set_permissions(&claim.path, Permissions::from_mode(mode))?;
        Ok(claim)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let ours =
            self.lock.is_of_this_process() && FileId::at(&self.path).is_ok_and(|file| file == self.file);
        if ours {
            // A file that stays is stale, and removed by the next listener.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Refuses a directory in which everybody may remove the socket and put one of their own in its place: where all may write, only the
/// sticky bit leaves each file to its owner. Where it has gone, or is none, whoever opens the lock in it says so.
fn check_directory(path: &Path) -> io::Result<()> {
    let Some(directory) = path.parent() else { return Ok(()) };
    let Ok(stat) = rustix::fs::stat(directory) else { return Ok(()) };
    let mode = Mode::from_raw_mode(stat.st_mode);
    if mode.contains(Mode::WOTH) && !mode.contains(Mode::SVTX) {
        let why = "is a directory in which everybody may write, and replace the socket: take that right from others \
                   (`chmod o-w`), or set the sticky bit (`chmod +t`), as `/tmp` has it";
        return Err(refusal(io::ErrorKind::PermissionDenied, directory, why));
    }
    Ok(())
}

fn bind(socket: &Socket, address: &SockAddr, path: &Path) -> io::Result<()> {
    for _ in 0..MOST_ATTEMPTS {
        match socket.bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => remove_stale(address, path)?,
            outcome => return outcome,
        }
    }
    Err(refusal(io::ErrorKind::AddrInUse, path, "is in use"))
}

/// Removes the socket that a dead listener has left at `path`. Fails if it is anything else.
///
/// Other listeners of ours are kept away by the lock. Others' could still come between the last look and the removal.
fn remove_stale(address: &SockAddr, path: &Path) -> io::Result<()> {
    let stat = match rustix::fs::lstat(path) {
        Err(Errno::NOENT) => return Ok(()),
        stat => stat?,
    };
    if FileType::from_raw_mode(stat.st_mode) != FileType::Socket {
        return Err(refusal(
            io::ErrorKind::AlreadyExists,
            path,
            "exists, is not a socket, and was left as it is",
        ));
    }
    if has_listener(address)? {
        return Err(refusal(io::ErrorKind::AddrInUse, path, "has a listener already"));
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(refusal(
            io::ErrorKind::PermissionDenied,
            path,
            "was left behind by a listener of another user",
        ));
    }
    match FileId::at(path) {
        Ok(file) if file == FileId::of(&stat) => match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
        // Somebody has put another one there, or removed it: look again.
        _ => Ok(()),
    }
}

/// Whether anybody is at the other end of the socket: only a refused connection proves that nobody is.
fn has_listener(address: &SockAddr) -> io::Result<bool> {
    let probe = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    probe.set_nonblocking(true)?;
    match probe.connect(address).map_err(|error| Errno::from_io_error(&error)) {
        Err(Some(Errno::CONNREFUSED | Errno::NOENT)) => Ok(false),
        _ => Ok(true),
    }
}

fn refusal(kind: io::ErrorKind, path: &Path, why: &str) -> io::Error {
    io::Error::new(kind, format!("`{}` {why}", path.display()))
}
