//! What becomes of the files of ipc while listeners live: processes that go to other directories, cleaners of temporary files,
//! directories in which everybody may write, and strangers at names without a file.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hubless::{Error, EventKind, Ipc, Listener, ListenerStatus, Monitor, Pull, Push};
use hubless_kit::child::{Child, hear, perform, tell};
use hubless_kit::{LIMIT, Peers, SOON, counts, eventually_sees, passes, within};
use tempfile::TempDir;

fn eager() -> Push {
    let pause = Duration::from_millis(5);
    Push::builder().reconnect(pause..=pause).build().expect("a socket")
}

/// A message gets through to the listener at this address.
#[track_caller]
fn talks(pull: &Pull, address: &str) {
    let push = eager();
    push.dial(address).expect("an address");
    push.send_timeout("found", SOON).expect("a peer");
    assert_eq!(pull.recv_timeout(SOON).expect("a message"), "found");
}

fn directory() -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("socket");
    (directory, path)
}

fn listen(pull: &Pull, path: &Path) -> Listener {
    pull.listen(Ipc::path(path)).expect("a free path")
}

#[track_caller]
fn eventually_says(at: &Listener, words: &str) -> ListenerStatus {
    let says =
        |status: &ListenerStatus| status.last_error.as_ref().is_some_and(|error| error.contains(words));
    eventually_sees(|| at.status(), says)
}

fn go_elsewhere() {
    let (first, second) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    std::env::set_current_dir(first.path()).expect("a directory");
    let (pull, push) = (Pull::new().expect("a socket"), eager());
    let at = pull.listen("ipc://here.sock").expect("a free path");
    push.dial("ipc://late.sock").expect("an address");
    std::env::set_current_dir(second.path()).expect("a directory");

    let whole = fs::canonicalize(first.path()).expect("a directory");
    assert_eq!(at.address(), format!("ipc://{}/here.sock", whole.display()));
    talks(&pull, at.address());
    let late = Pull::new().expect("a socket");
    let _decoy = Pull::new().expect("a socket").listen("ipc://late.sock").expect("another path");
    listen(&late, &whole.join("late.sock"));
    push.send_timeout("where it was meant to go", SOON).expect("a peer");
    late.recv_timeout(SOON).expect("a message");

    // A path that cannot be made whole keeps its meaning, or is an error.
    let deep = first.path().join("d".repeat(60)).join("e".repeat(60));
    fs::create_dir_all(&deep).expect("a directory");
    std::env::set_current_dir(&deep).expect("a directory");
    let deep_pull = Pull::new().expect("a socket");
    let deep_at = deep_pull.listen("ipc://deep.sock").expect("a short path");
    talks(&deep_pull, "ipc://deep.sock");
    let lost = eager().dial("ipc://nobody.sock").expect("an address");
    std::env::set_current_dir(second.path()).expect("a directory");
    let says =
        |error: &Option<String>| error.as_ref().is_some_and(|error| error.contains("working directory"));
    eventually_sees(|| lost.status().last_error, says);
    deep_at.close();
    assert_eq!(fs::read_dir(&deep).expect("a directory").count(), 0, "its file is removed where it is");
    at.close();
    assert!(!whole.join("here.sock").exists());
}

/// Tells how many strangers were refused at a name without a file.
fn take_no_strangers(name: &str) {
    let pull = Pull::new().expect("a socket");
    let monitor: Monitor = pull.monitor();
    let at = pull.listen(name).expect("a free name");
    tell("listening");
    assert_eq!(hear().as_deref(), Some("come"));
    let stats = counts(&pull, |stats| stats.refused.denied == 1);
    assert_eq!((stats.refused.total(), at.stats().refused.denied), (1, 1));
    let seen = eventually_says(&at, "for processes of the same user");
    assert_eq!((seen.refused, seen.accepted), (1, 0));
    let told = std::iter::from_fn(|| monitor.recv_timeout(SOON).ok()).find_map(|event| {
        if let EventKind::ConnectionFailed { peer, .. } = event.kind { peer } else { None }
    });
    assert!(told.is_some_and(|peer| peer.identity.credentials.is_some()), "the monitor tells who it was");
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| match words[0] {
        "elsewhere" => go_elsewhere(),
        _ => take_no_strangers(words[1]),
    });
}

#[test]
fn a_relative_path_means_the_directory_in_which_it_was_given() {
    within(LIMIT, || assert_eq!(Child::start(&["elsewhere"]).hear(), "done"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_of_another_user_at_a_name_is_counted_and_told() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixStream};

    within(LIMIT, || {
        let name = format!("hubless-counted-{}", std::process::id());
        let mut child = Child::start(&["strangers", &format!("ipc://@{name}")]);
        assert_eq!(child.hear(), "listening");
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        // The system asks for the user of the thread, which is not the one of the process.
        let stranger = std::thread::spawn(move || {
            let nobody = rustix::process::Uid::from_raw(65_534);
            rustix::thread::set_thread_uid(nobody).ok().map(|()| UnixStream::connect_addr(&address).unwrap())
        });
        let Some(_stranger) = stranger.join().unwrap() else {
            return; // Only root can be another.
        };
        child.say("come");
        assert_eq!(child.hear(), "done");
    });
}

#[test]
fn a_socket_file_that_a_cleaner_has_removed_is_made_again() {
    within(LIMIT, || {
        let (_directory, path) = directory();
        let pull = Pull::new().unwrap();
        let at = pull.listen(Ipc::path(&path).mode(0o640)).unwrap();
        let (push, monitor) = (eager(), pull.monitor());
        push.dial(at.address()).unwrap();
        pull.peers(1);
        // systemd-tmpfiles leaves what is locked, and the socket is not.
        fs::remove_file(&path).unwrap();
        talks(&pull, at.address());
        eventually_says(&at, "has been taken again");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(monitor.iter().any(|event| matches!(event.kind, EventKind::Listening { .. })));
        // Who was connected still is.
        passes(&push, &pull, "still here");
        // And once more.
        fs::remove_file(&path).unwrap();
        talks(&pull, at.address());
        at.close();
        assert!(!path.exists());
    });
}

#[test]
fn a_lock_that_a_cleaner_has_removed_is_made_again_and_the_path_stays_taken() {
    within(LIMIT, || {
        let (directory, path) = directory();
        let lock = directory.path().join("socket.lock");
        let (pull, other) = (Pull::new().unwrap(), Pull::new().unwrap());
        let at = listen(&pull, &path);
        fs::remove_file(&lock).unwrap();
        let refused = other.listen(Ipc::path(&path)).map(drop);
        assert!(matches!(refused, Err(Error::AddressInUse { .. })), "{refused:?}");
        eventually_sees(|| lock.exists(), |exists| *exists);
        talks(&pull, at.address());
        at.close();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    });
}

#[test]
fn a_listener_whose_path_another_has_taken_says_so_and_leaves_it_alone() {
    within(LIMIT, || {
        let (_directory, path) = directory();
        let pull = Pull::new().unwrap();
        let at = listen(&pull, &path);
        fs::remove_file(&path).unwrap();
        let robber = UnixListener::bind(&path).unwrap();
        eventually_says(&at, "nobody finds it any more");
        eventually_says(&at, "somebody has replaced the socket");
        drop(robber);
        fs::remove_file(&path).unwrap();
        talks(&pull, at.address());
    });
}

#[test]
fn a_directory_that_goes_and_comes_back_is_listened_in_again() {
    within(LIMIT, || {
        let (directory, _) = directory();
        let inner = directory.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let pull = Pull::new().unwrap();
        let at = listen(&pull, &inner.join("socket"));
        fs::remove_dir_all(&inner).unwrap();
        eventually_says(&at, "there is no directory");
        fs::create_dir(&inner).unwrap();
        talks(&pull, at.address());
    });
}

#[test]
fn a_directory_in_which_everybody_may_write_is_allowed_where_that_is_said() {
    within(LIMIT, || {
        let (directory, path) = directory();
        fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).unwrap();
        let pull = Pull::new().unwrap();
        let refused = pull.listen(Ipc::path(&path)).map(drop).unwrap_err().to_string();
        assert!(refused.contains("Ipc::allow_world_writable_directory"), "{refused}");
        let at = pull.listen(Ipc::path(&path).allow_world_writable_directory()).unwrap();
        talks(&pull, at.address());
        // It is found again there, too.
        fs::remove_file(&path).unwrap();
        talks(&pull, at.address());
    });
}
