//! What a process that was killed leaves behind at a path.

use std::io::{self, BufRead};
use std::path::Path;
use std::process::{Command, Stdio};
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
    dialer.dial(None, &Offer::new(0x50, 0x51))
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
