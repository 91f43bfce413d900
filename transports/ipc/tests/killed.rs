//! What a process that was killed leaves behind at a path.

use std::io::{self, BufRead, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::{fs, thread};

use hubless_ipc::IpcTransport;
use hubless_transport::{Connection, Listener, Offer, Transport};

/// Set in the process that a test starts from its own program, to the path that it is to listen on.
const CHILD: &str = "HUBLESS_TEST_LISTEN_ON";

fn bind(path: &Path) -> io::Result<Box<dyn Listener>> {
    let mut listener = IpcTransport::new().listener(path.to_str().expect("letters")).expect("a good address");
    listener.bind().map(|()| listener)
}

fn dial(path: &Path) -> io::Result<Connection> {
    let mut dialer = IpcTransport::new().dialer(path.to_str().expect("letters")).expect("a good address");
    dialer.dial(None, &Offer::new("push", ["pull"]))
}

#[test]
fn a_listener_that_was_killed_leaves_the_path_to_the_next() {
    if let Some(path) = std::env::var_os(CHILD) {
        let _listener = bind(path.as_ref()).expect("the path is free, or stale");
        println!("listening");
        loop {
            thread::park();
        }
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    for _ in 0..3 {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "a_listener_that_was_killed_leaves_the_path_to_the_next", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut said = io::BufReader::new(child.stdout.take().expect("a pipe")).lines();
        assert!(
            said.by_ref().map_while(Result::ok).any(|line| line.contains("listening")),
            "the child listens"
        );
        assert_eq!(bind(&path).expect_err("a path that is taken").kind(), io::ErrorKind::AddrInUse);
        dial(&path).expect("the child is alive");
        child.kill().expect("a live child");
        child.wait().expect("a dead child");
        assert!(path.exists() && path.with_extension("lock").exists(), "a killed process cleans nothing up");
        assert_eq!(dial(&path).expect_err("nobody").kind(), io::ErrorKind::ConnectionRefused);
    }
    drop(bind(&path).expect("nobody is there"));
    assert_eq!(fs::read_dir(directory.path()).expect("the directory").count(), 0);
}

/// Set in the processes that race, to the path that they all want.
const RACER: &str = "HUBLESS_TEST_RACE_FOR";
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
    let mut lines = io::stdin().lock().lines().map_while(Result::ok);
    while lines.next().is_some() {
        let together = Barrier::new(THREADS);
        let attempt = || {
            if together.wait().is_leader() {
                println!("ready");
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
        println!("won {}", outcomes.iter().filter(|outcome| outcome.is_ok()).count());
        lines.next();
        drop(outcomes);
        println!("left");
    }
}

/// What a racer says next.
fn hear(said: &mut impl Iterator<Item = io::Result<String>>, what: &str) -> String {
    let mut lines = said.map_while(Result::ok);
    let told = lines.find_map(|line| line.split_once(what).map(|(_, rest)| rest.trim().to_owned()));
    told.expect("the racer lives")
}

#[test]
fn of_a_hundred_in_ten_processes_that_find_a_stale_file_exactly_one_wins() {
    const PROCESSES: usize = 10;
    const ROUNDS: usize = 20;
    if let Some(path) = std::env::var_os(RACER) {
        return race_for(path.as_ref());
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    let start = |_| {
        Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "of_a_hundred_in_ten_processes_that_find_a_stale_file_exactly_one_wins"])
            .arg("--nocapture")
            .env(RACER, &path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process")
    };
    let mut racers: Vec<_> = (0..PROCESSES).map(start).collect();
    let mut said: Vec<_> = racers
        .iter_mut()
        .map(|racer| io::BufReader::new(racer.stdout.take().expect("a pipe")).lines())
        .collect();
    let say = |racers: &mut [Child], word: &str| {
        for racer in racers {
            writeln!(racer.stdin.as_mut().expect("a pipe"), "{word}").expect("the racer lives");
        }
    };
    for _ in 0..ROUNDS {
        drop(UnixListener::bind(&path).expect("nobody is there, and std leaves the file"));
        say(&mut racers, "get ready");
        for said in &mut said {
            hear(said, "ready");
        }
        fs::write(starting_shot(&path), "").expect("a file");
        let won: usize =
            said.iter_mut().map(|said| hear(said, "won").parse::<usize>().expect("a number")).sum();
        assert_eq!(won, 1);
        dial(&path).expect("the winner listens");
        fs::remove_file(starting_shot(&path)).expect("a file");
        say(&mut racers, "leave");
        for said in &mut said {
            hear(said, "left");
        }
        assert_eq!(fs::read_dir(directory.path()).expect("the directory").count(), 0);
    }
    for mut racer in racers {
        drop(racer.stdin.take());
        assert!(racer.wait().expect("an end").success());
    }
}
