//! What a process that was killed leaves behind at a path.

use std::io;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::{fs, thread};

use hubless_ipc::IpcTransport;
use hubless_kit::child::{Child, hear, perform, tell};
use hubless_kit::transport;
use hubless_transport::{Connection, Listener};

fn bind(path: &Path) -> io::Result<Box<dyn Listener>> {
    transport::bind(&IpcTransport::new(), letters(path))
}

fn letters(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

fn dial(path: &Path) -> io::Result<Connection> {
    transport::dial(&IpcTransport::new(), letters(path))
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| match *words {
        ["listen", path] => {
            let _listener = bind(path.as_ref()).expect("the path is free, or stale");
            tell("listening");
            hear();
        }
        ["race", path] => race_for(path.as_ref()),
        _ => panic!("{words:?}"),
    });
}

#[test]
fn a_listener_that_was_killed_leaves_the_path_to_the_next() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    for _ in 0..3 {
        let mut child = Child::start(&["listen", letters(&path)]);
        assert_eq!(child.hear(), "listening");
        assert_eq!(bind(&path).expect_err("a path that is taken").kind(), io::ErrorKind::AddrInUse);
        dial(&path).expect("the child is alive");
        child.kill();
        assert!(path.exists() && path.with_extension("lock").exists(), "a killed process cleans nothing up");
        assert_eq!(dial(&path).expect_err("nobody").kind(), io::ErrorKind::ConnectionRefused);
    }
    drop(bind(&path).expect("nobody is there"));
    assert_eq!(fs::read_dir(directory.path()).expect("the directory").count(), 0);
}

/// In each process.
const THREADS: usize = 10;

/// Beside the path: when it is there, all start.
fn starting_shot(path: &Path) -> PathBuf {
    path.with_file_name("go")
}

/// Each time that it is told to, gets ready, tries with all its threads to have the path when the shot falls, says how many have it,
/// and gives it back when told to.
fn race_for(path: &Path) {
    let shot = starting_shot(path);
    while hear().is_some() {
        let together = Barrier::new(THREADS);
        let attempt = || {
            if together.wait().is_leader() {
                tell("ready");
                while !shot.exists() {
                    thread::yield_now();
                }
            }
            together.wait();
            bind(path)
        };
        let outcomes: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..THREADS).map(|_| scope.spawn(attempt)).collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).collect()
        });
        let lost = |outcome: &io::Result<_>| {
            outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
        };
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() || lost(outcome)), "{outcomes:?}");
        tell(&outcomes.iter().filter(|outcome| outcome.is_ok()).count().to_string());
        hear();
        drop(outcomes);
        tell("left");
    }
}

#[test]
fn of_a_hundred_in_ten_processes_that_find_a_stale_file_exactly_one_wins() {
    const PROCESSES: usize = 10;
    const ROUNDS: usize = 20;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    let mut racers: Vec<_> = (0..PROCESSES).map(|_| Child::start(&["race", letters(&path)])).collect();
    for _ in 0..ROUNDS {
        drop(UnixListener::bind(&path).expect("nobody is there, and std leaves the file"));
        for racer in &mut racers {
            racer.say("get ready");
        }
        for racer in &mut racers {
            assert_eq!(racer.hear(), "ready");
        }
        fs::write(starting_shot(&path), "").expect("a file");
        let won: usize =
            racers.iter_mut().map(|racer| racer.hear().parse::<usize>().expect("a number")).sum();
        assert_eq!(won, 1);
        dial(&path).expect("the winner listens");
        fs::remove_file(starting_shot(&path)).expect("a file");
        for racer in &mut racers {
            racer.say("leave");
        }
        for racer in &mut racers {
            assert_eq!(racer.hear(), "left");
        }
        assert_eq!(fs::read_dir(directory.path()).expect("the directory").count(), 0);
    }
    for mut racer in racers {
        racer.close_input();
        assert!(racer.wait().success());
    }
}
