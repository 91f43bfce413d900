use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode};
use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::lock::{FileId, LockFile};
use crate::options::Options;

/// Attempts to bind, each after a stale file was removed or has gone by itself.
const MOST_ATTEMPTS: usize = 3;

/// A path that a listener of ours has taken; given back when dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    /// As the system is told, and whole.
    place: PathBuf,
    path: PathBuf,
    file: FileId,
    lock: Option<LockFile>,
    options: Options,
    process: u32,
}

impl Claim {
    /// Binds `socket`, which is not yet to listen, to `path`, whose file gets the mode that is set.
    pub(crate) fn take(path: &Path, socket: &Socket, options: &Options) -> io::Result<Self> {
        let address = SockAddr::unix(path)?;
        // The working directory may be another one by the time the claim is given back.
        let (place, path) = (path.to_owned(), std::path::absolute(path)?);
        check_directory(&path, options)?;
        let lock = LockFile::acquire(beside(&path))?;
        bind(socket, &address, &path)?;
        let (file, process) = (FileId::at(&path)?, std::process::id());
        let claim = Self { file, place, path, lock, options: options.clone(), process };
        claim.set_mode()?;
        Ok(claim)
    }

    /// Whether the path still leads to the socket; not where somebody has removed it. The lock is made again if it has gone.
    pub(crate) fn holds(&mut self) -> io::Result<bool> {
        if self.lock.as_ref().is_some_and(|lock| !lock.is_in_place()) {
            self.lock = LockFile::acquire(beside(&self.path))?;
        }
        match FileId::at(&self.path) {
            Ok(file) if file == self.file => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(refusal(error.kind(), &self.path, &format!("cannot be looked at: {error}"))),
            Ok(_) => {
                let why = "is another file now: somebody has replaced the socket of this listener";
                Err(refusal(io::ErrorKind::AddrInUse, &self.path, why))
            }
        }
    }

    /// Binds this socket in the place of the one whose file was removed, and has it `listen`. If any of that fails, the path
    /// leads nowhere afterwards, as before: [`holds`](Self::holds) must not take a file behind which nobody listens for the
    /// claim's own.
    pub(crate) fn take_again(
        &mut self,
        socket: &Socket,
        listen: impl FnOnce(&Socket) -> io::Result<()>,
    ) -> io::Result<()> {
        stays(&self.place, &self.path)?;
        check_directory(&self.path, &self.options)?;
        bind(socket, &SockAddr::unix(&self.place)?, &self.path)?;
        let ready = FileId::at(&self.path).and_then(|file| {
            self.set_mode()?;
            listen(socket)?;
            Ok(file)
        });
        match ready {
            Ok(file) => self.file = file,
            Err(error) => {
                // It was made a moment ago, under the lock of this path. One that stays all the same is told of as somebody
                // else's.
                let _ = fs::remove_file(&self.path);
                return Err(error);
            }
        }
        Ok(())
    }

    fn set_mode(&self) -> io::Result<()> {
        fs::set_permissions(&self.path, Permissions::from_mode(self.options.mode()))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let ours =
            self.process == std::process::id() && FileId::at(&self.path).is_ok_and(|file| file == self.file);
        if ours {
            // A file that stays is stale, and removed by the next listener.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The lock of the socket at this path.
fn beside(path: &Path) -> PathBuf {
    let mut lock = path.to_owned().into_os_string();
    lock.push(".lock");
    lock.into()
}

/// Whether a path still means what it did: a relative one that is too long to be made whole does so only while the process stays in
/// its directory.
pub(crate) fn stays(place: &Path, whole: &Path) -> io::Result<()> {
    if place.is_absolute() || std::path::absolute(place).is_ok_and(|now| now == whole) {
        return Ok(());
    }
    let why = "was given as a relative path, the working directory is another one now, and the whole path is longer than the \
               system takes: give a shorter path";
    Err(refusal(io::ErrorKind::InvalidInput, whole, why))
}

/// Refuses a directory in which everybody may remove the socket and put one of their own in its place: where all may write, only the
/// sticky bit leaves each file to its owner. That can be allowed. Where it has gone, or is none, opening the lock in it fails and says so.
fn check_directory(path: &Path, options: &Options) -> io::Result<()> {
    if options.world_writable_directory {
        return Ok(());
    }
    let Some(directory) = path.parent() else { return Ok(()) };
    let Ok(stat) = rustix::fs::stat(directory) else { return Ok(()) };
    let mode = Mode::from_raw_mode(stat.st_mode);
    if mode.contains(Mode::WOTH) && !mode.contains(Mode::SVTX) {
        let why = "is a directory in which everybody may write, and replace the socket: take that right from others \
                   (`chmod o-w`), set the sticky bit (`chmod +t`), as `/tmp` has it, or allow it with \
                   `Ipc::allow_world_writable_directory` where all who reach it are trusted";
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

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Socket {
        Socket::new(Domain::UNIX, Type::STREAM, None).unwrap()
    }

    #[test]
    fn a_socket_that_cannot_be_made_again_is_not_taken_for_one_that_listens() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let mut claim = Claim::take(&path, &open(), &Options::default()).unwrap();
        fs::remove_file(&path).unwrap();
        for _ in 0..2 {
            assert!(!claim.holds().unwrap());
            let refused = claim.take_again(&open(), |_| Err(io::ErrorKind::OutOfMemory.into()));
            assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::OutOfMemory);
        }
        assert!(!claim.holds().unwrap(), "nobody listens at the path");
        let socket = open();
        claim.take_again(&socket, |socket| socket.listen(1)).unwrap();
        assert!(claim.holds().unwrap());
        open().connect(&SockAddr::unix(&path).unwrap()).unwrap();
        drop(claim);
        assert!(!path.exists(), "it is given back");
    }
}
