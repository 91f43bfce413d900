use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use hubless_transport::descriptor::Unshared;
use rustix::fs::{FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

/// Each attempt that fails is one in which another process gave up the lock; this many in a row are no coincidence.
const MOST_ATTEMPTS: usize = 1000;

/// A file, told from another one that has taken its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    pub(crate) fn of(stat: &Stat) -> Self {
        // Signed, or narrower, on some systems; only equality counts.
        #[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "depends on the system")]
        Self(stat.st_dev as u64, stat.st_ino as u64)
    }

    /// The file that is at `path` now. Does not follow a symbolic link.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&rustix::fs::lstat(path)?))
    }
}

/// An exclusive advisory lock, held as long as this lives, also over a crash: the system gives it up with the process.
#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
    file: Unshared<OwnedFd>,
    process: u32,
}

impl LockFile {
    /// Takes the lock at `path`, or fails with `AddrInUse` where somebody has it.
    ///
    /// The holder removes the file. One that opened it before that and gets its lock afterwards has locked a file that
    /// nobody else will find, so the lock counts only if the file is still the one at `path`.
    ///
    /// None where the file system has no locks: then nothing but the look whether somebody listens keeps two listeners apart.
    pub(crate) fn acquire(path: PathBuf) -> io::Result<Option<Self>> {
        Self::acquire_with(path, |file| rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive))
    }

    fn acquire_with(
        path: PathBuf,
        lock: impl Fn(&OwnedFd) -> rustix::io::Result<()>,
    ) -> io::Result<Option<Self>> {
        for _ in 0..MOST_ATTEMPTS {
            let file = open(&path)?;
            match retry_on_intr(|| lock(&file)) {
                Err(Errno::WOULDBLOCK) => return Err(held(&path)),
                Err(error @ (Errno::NOSYS | Errno::NOLCK | Errno::OPNOTSUPP)) => {
                    go_without(&path, &file, error);
                    return Ok(None);
                }
                outcome => outcome.map_err(|error| cannot_lock(&path, &error.into()))?,
            }
            if is_at(&file, &path)? {
                return Ok(Some(Self { path, file, process: std::process::id() }));
            }
        }
        Err(held(&path))
    }

    /// Whether others still find it.
    pub(crate) fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path).unwrap_or(false)
    }

    /// Whether this is the process that took the lock, rather than a fork of it.
    fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// An empty file is what a lock file is; anything else was somebody's before we locked it.
    fn is_removable(&self) -> io::Result<bool> {
        let empty = rustix::fs::fstat(&self.file)?.st_size == 0;
        Ok(empty && self.is_of_this_process() && is_at(&self.file, &self.path)?)
    }
}

/// Says that there is no lock, and leaves no file behind.
fn go_without(path: &Path, file: &OwnedFd, error: Errno) {
    let line = || {
        log::warn!(
            "`{}` cannot be locked here ({error}): of two listeners that start at this path at the same moment, one may lose it",
            path.display()
        );
    };
    // The logger is the program's own: if it panics, that costs the line and not the listener.
    if let Err(panic) = std::panic::catch_unwind(line) {
        std::mem::forget(panic);
    }
    if rustix::fs::fstat(file).is_ok_and(|stat| stat.st_size == 0) {
        let _ = std::fs::remove_file(path);
    }
}

fn held(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::AddrInUse, format!("another listener has locked `{}`", path.display()))
}

fn open(path: &Path) -> io::Result<Unshared<OwnedFd>> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| cannot_lock(path, &error.into()))?;
    let file = Unshared::new(file);
    if FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode) != FileType::RegularFile {
        let strange = io::Error::new(io::ErrorKind::AlreadyExists, "it is not a plain file");
        return Err(cannot_lock(path, &strange));
    }
    Ok(file)
}

/// Nobody asked for a lock: where the directory of the socket is at fault, it is that which is named.
fn cannot_lock(path: &Path, error: &io::Error) -> io::Error {
    let reason = match path.parent().map(Path::display) {
        Some(directory) if error.kind() == io::ErrorKind::NotFound => {
            format!("there is no directory `{directory}`")
        }
        Some(directory) if error.kind() == io::ErrorKind::NotADirectory => {
            format!("`{directory}` is not a directory")
        }
        _ => format!("cannot lock `{}`: {error}", path.display()),
    };
    io::Error::new(error.kind(), reason)
}

fn is_at(file: &OwnedFd, path: &Path) -> io::Result<bool> {
    let ours = FileId::of(&rustix::fs::fstat(file)?);
    match FileId::at(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        there => Ok(there? == ours),
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Removed while the lock is held, so that nobody else can be its holder. A file that stays does no harm.
        if self.is_removable().unwrap_or(false) {
            let _ = std::fs::remove_file(&self.path);
        }
        // Closing would not do: a process that is being started has a copy of the descriptor until it runs its program.
        if self.is_of_this_process() {
            let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_lock_that_is_dropped_is_free_though_a_copy_of_its_descriptor_lives() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        std::fs::write(&path, "so that it is not removed").expect("a file");
        let lock = LockFile::acquire(path.clone()).expect("nobody has it").expect("there are locks");
        let _copy = rustix::io::fcntl_dupfd_cloexec(&lock.file, 0).expect("a descriptor");
        drop(lock);
        LockFile::acquire(path).expect("it was dropped");
    }

    #[test]
    fn where_there_are_no_locks_there_is_none_and_no_file_is_left() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        for error in [Errno::NOSYS, Errno::NOLCK, Errno::OPNOTSUPP] {
            assert!(LockFile::acquire_with(path.clone(), |_| Err(error)).expect("no error").is_none());
            assert!(!path.exists());
        }
        let refused = LockFile::acquire_with(path, |_| Err(Errno::IO)).expect_err("an error is one");
        assert!(refused.to_string().contains("cannot lock"), "{refused}");
    }

    #[test]
    fn whoever_has_the_lock_has_the_one_that_others_find() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5000 {
                        match LockFile::acquire(path.clone()) {
                            Ok(lock) => assert!(lock.expect("there are locks").is_in_place()),
                            Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse),
                        }
                    }
                });
            }
        });
        assert!(!path.exists());
    }
}
