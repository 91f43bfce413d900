//! Files: who may take a path, what is removed and what is left alone.
//!
//! No test here starts a process: between its fork and its exec that has a copy of every descriptor, and what another
//! test has just closed would still be open.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;

use hubless_ipc::IpcTransport;
use hubless_kit::transport::{self, accept};
use hubless_transport::{Connection, Listener, Transport};
use tempfile::TempDir;

fn directory() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    (directory, path)
}

fn bind(path: &Path) -> io::Result<Box<dyn Listener>> {
    transport::bind(&IpcTransport::new(), path.to_str().expect("a path of letters"))
}

fn refusal(path: &Path) -> io::Error {
    bind(path).expect_err("a path that cannot be had")
}

fn dial(path: &Path) -> io::Result<Connection> {
    transport::dial(&IpcTransport::new(), path.to_str().expect("a path of letters"))
}

fn lock_of(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

fn left_in(directory: &TempDir) -> usize {
    fs::read_dir(directory.path()).expect("the directory").count()
}

/// Leaves a file behind as a listener does that is killed.
fn leave_stale(path: &Path) -> u64 {
    drop(UnixListener::bind(path).expect("a free path"));
    fs::symlink_metadata(path).expect("std leaves the file").ino()
}

#[test]
fn the_file_is_for_its_owner_alone() {
    let (directory, path) = directory();
    let listener = bind(&path).expect("a free path");
    let file = fs::symlink_metadata(&path).expect("a file");
    assert!(file.file_type().is_socket());
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    drop(listener);
    assert_eq!(left_in(&directory), 0, "neither the socket nor the lock is left");
}

#[test]
fn a_stale_file_is_replaced() {
    let (directory, path) = directory();
    for _ in 0..10 {
        leave_stale(&path);
        let mut listener = bind(&path).expect("nobody is there");
        let _dialed = dial(&path).expect("somebody is there");
        accept(listener.as_mut()).expect("a connection");
    }
    assert_eq!(left_in(&directory), 0);
}

#[test]
fn of_many_that_find_a_stale_file_exactly_one_wins() {
    const RACERS: usize = 100;
    let (directory, path) = directory();
    for _ in 0..20 {
        leave_stale(&path);
        let together = Barrier::new(RACERS);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS)
                .map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        bind(&path)
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).collect()
        });
        let mut winners = Vec::new();
        for outcome in outcomes {
            match outcome {
                Ok(listener) => winners.push(listener),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{error}"),
            }
        }
        assert_eq!(winners.len(), 1);
        let _dialed = dial(&path).expect("the winner listens");
        accept(winners[0].as_mut()).expect("the winner is the one at the path");
        drop(winners);
        assert_eq!(left_in(&directory), 0);
    }
}

#[test]
fn listeners_that_come_and_go_at_random_never_take_a_live_path() {
    let (directory, path) = directory();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    if let Ok(mut listener) = bind(&path) {
                        let _dialed = dial(&path).expect("the one at the path is alive");
                        accept(listener.as_mut()).expect("and it is this one");
                    }
                }
            });
        }
    });
    assert_eq!(left_in(&directory), 0);
}

#[test]
fn a_live_listener_of_any_library_is_left_alone() {
    let (_directory, path) = directory();
    let stranger = UnixListener::bind(&path).expect("a free path");
    let refused = refusal(&path);
    assert_eq!(refused.kind(), io::ErrorKind::AddrInUse);
    assert!(refused.to_string().contains("has a listener already"), "{refused}");
    assert!(!lock_of(&path).exists());
    UnixStream::connect(&path).expect("the file is still there");
    drop(stranger);
}

#[test]
fn a_socket_of_another_kind_is_left_alone() {
    let (_directory, path) = directory();
    let stranger = UnixDatagram::bind(&path).expect("a free path");
    assert_eq!(refusal(&path).kind(), io::ErrorKind::AddrInUse);
    assert!(path.exists());
    drop(stranger);
}

/// Puts something at a path.
type Make = fn(&Path);

#[test]
fn what_is_not_a_socket_is_left_as_it_is() {
    let (_directory, path) = directory();
    let target = path.with_file_name("target");
    let stale = leave_stale(&target);
    let kinds: [(&str, Make); 4] = [
        ("a file", |path| fs::write(path, "precious").expect("a file")),
        ("a directory", |path| fs::create_dir(path).expect("a directory")),
        ("a link to nothing", |path| symlink("nowhere", path).expect("a link")),
        ("a link to a stale socket", |path| symlink("target", path).expect("a link")),
    ];
    for (kind, make) in kinds {
        make(&path);
        let before = fs::symlink_metadata(&path).expect(kind);
        let refused = refusal(&path);
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists, "{kind}");
        assert!(refused.to_string().contains("not a socket"), "{kind}: {refused}");
        let after = fs::symlink_metadata(&path).expect(kind);
        assert_eq!(
            (before.ino(), before.mode(), before.len()),
            (after.ino(), after.mode(), after.len()),
            "{kind}"
        );
        assert!(!lock_of(&path).exists());
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
    }
    assert_eq!(fs::symlink_metadata(&target).expect("the stale socket").ino(), stale);
}

#[test]
fn a_directory_that_is_none_is_named() {
    let (directory, path) = directory();
    let missing = path.with_file_name("missing");
    let refused = refusal(&missing.join("socket"));
    assert_eq!(refused.kind(), io::ErrorKind::NotFound);
    assert_eq!(refused.to_string(), format!("there is no directory `{}`", missing.display()));
    let file = path.with_file_name("file");
    fs::write(&file, "precious").expect("a file");
    let refused = refusal(&file.join("socket"));
    assert_eq!(refused.kind(), io::ErrorKind::NotADirectory);
    assert_eq!(refused.to_string(), format!("`{}` is not a directory", file.display()));
    assert_eq!(left_in(&directory), 1, "nothing is made on the way");
}

#[test]
fn a_directory_in_which_everybody_may_replace_the_socket_is_refused() {
    let (directory, path) = directory();
    let set = |mode| fs::set_permissions(directory.path(), Permissions::from_mode(mode)).expect("our own");
    for open in [0o777, 0o707, 0o703] {
        set(open);
        let refused = refusal(&path);
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{open:o}");
        let reason = refused.to_string();
        let named = format!("`{}` is a directory in which everybody may write", directory.path().display());
        assert!(reason.starts_with(&named), "{reason}");
        assert!(reason.contains("`chmod o-w`") && reason.contains("`chmod +t`"), "{reason}");
        assert_eq!(left_in(&directory), 0, "nothing is made on the way");
    }
    for safe in [0o1777, 0o775, 0o700] {
        set(safe);
        drop(bind(&path).expect("others cannot replace it"));
    }
}

#[test]
fn a_stale_file_of_another_user_is_left_alone() {
    let (_directory, path) = directory();
    leave_stale(&path);
    if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
        return; // Only root can set this up.
    }
    assert_eq!(refusal(&path).kind(), io::ErrorKind::PermissionDenied);
    assert!(path.exists());
}

#[test]
fn a_file_that_has_taken_the_path_of_a_live_listener_stays_when_that_goes() {
    let (_directory, path) = directory();
    let robbed = bind(&path).expect("a free path");
    fs::remove_file(&path).expect("somebody removes it without asking");
    let _robber = UnixListener::bind(&path).expect("a free path");
    drop(robbed);
    UnixStream::connect(&path).expect("the robber's file is still there");
    assert!(!lock_of(&path).exists());
}

#[test]
fn a_lock_that_is_no_lock_file_of_ours_is_not_removed() {
    let (directory, path) = directory();
    fs::write(lock_of(&path), "precious").expect("a file");
    drop(bind(&path).expect("any file can be locked"));
    assert_eq!(fs::read_to_string(lock_of(&path)).expect("still there"), "precious");

    fs::remove_file(lock_of(&path)).expect("a file");
    symlink("elsewhere", lock_of(&path)).expect("a link");
    assert!(refusal(&path).to_string().contains("cannot lock"));
    fs::remove_file(lock_of(&path)).expect("a link");
    fs::create_dir(lock_of(&path)).expect("a directory");
    assert!(refusal(&path).to_string().contains("cannot lock"));
    fs::remove_dir(lock_of(&path)).expect("a directory");
    assert_eq!(left_in(&directory), 0);
}

#[test]
fn whoever_locks_the_lock_file_keeps_the_path() {
    let (_directory, path) = directory();
    let lock = File::create(lock_of(&path)).expect("a file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("a lock");
    let refused = refusal(&path);
    assert_eq!(refused.kind(), io::ErrorKind::AddrInUse);
    assert!(refused.to_string().contains("has locked"), "{refused}");
    drop(lock);
    bind(&path).expect("the lock is free");
}

#[test]
fn a_path_of_the_longest_kind_works_and_one_more_byte_does_not() {
    let (directory, _) = directory();
    let length = directory.path().as_os_str().len() + 1;
    let most = if cfg!(target_os = "linux") { 107 } else { 103 };
    let path = directory.path().join("x".repeat(most - length));
    let mut listener = bind(&path).expect("it fits");
    let _dialed = dial(&path).expect("it fits");
    accept(listener.as_mut()).expect("a connection");
    let longer = directory.path().join("x".repeat(most - length + 1));
    assert!(IpcTransport::new().listener(longer.to_str().expect("letters")).is_err());
}

#[test]
fn a_missing_directory_and_a_missing_listener_are_named() {
    let (directory, path) = directory();
    let nowhere = directory.path().join("none").join("socket");
    assert_eq!(refusal(&nowhere).kind(), io::ErrorKind::NotFound);
    let missing = dial(&path).expect_err("nobody");
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    assert!(missing.to_string().contains("there is no socket at"), "{missing}");
    leave_stale(&path);
    let refused = dial(&path).expect_err("nobody");
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    assert!(refused.to_string().contains("nobody listens at"), "{refused}");
}

#[test]
fn a_listener_with_a_full_queue_is_a_failed_attempt_not_a_wait() {
    let (_directory, path) = directory();
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).expect("a socket");
    socket.bind(&socket2::SockAddr::unix(&path).expect("an address")).expect("a free path");
    socket.listen(0).expect("listening");
    let mut waiting = Vec::new();
    let failure = loop {
        match dial(&path) {
            Ok(connection) => waiting.push(connection),
            Err(error) => break error,
        }
    };
    assert_eq!(failure.kind(), io::ErrorKind::ResourceBusy);
    // Full is alive.
    assert_eq!(refusal(&path).kind(), io::ErrorKind::AddrInUse);
}
