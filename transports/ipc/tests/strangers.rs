//! Who is turned away.
#![cfg(target_os = "linux")]

use std::io::{self, Read};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use hubless_ipc::IpcTransport;
use hubless_transport::{Connection, Listener, Offer, Stream, Transport};

/// Set in the process that a test starts from its own program, to the name that it is to dial.
const CHILD: &str = "HUBLESS_TEST_DIAL";

/// Nobody's user number.
const STRANGER: u32 = 65_534;

fn listen(name: &str) -> Box<dyn Listener> {
    let mut listener = IpcTransport::new().listener(name).expect("a good name");
    listener.bind().expect("a free name");
    listener
}

fn dial(name: &str) -> io::Result<Box<dyn Stream>> {
    stream(IpcTransport::new().dialer(name).expect("a good name").dial(None, &Offer::new("push", ["pull"])))
}

fn accept(listener: &mut dyn Listener) -> io::Result<Box<dyn Stream>> {
    stream(listener.accept(&Offer::new("pull", ["push"])))
}

fn stream(connection: io::Result<Connection>) -> io::Result<Box<dyn Stream>> {
    match connection? {
        Connection::Stream(stream) => Ok(stream),
        other => panic!("ipc has streams, not {other:?}"),
    }
}

/// The stranger first dials as we do, which refuses by itself, then without asking, and is shut out by the listener.
fn be_a_stranger(name: &str) {
    assert_eq!(dial(name).map(drop).map_err(|error| error.kind()), Err(io::ErrorKind::PermissionDenied));
    let address = SocketAddr::from_abstract_name(name.trim_start_matches('@')).expect("a good name");
    let mut intruder = UnixStream::connect_addr(&address).expect("the system lets anybody in");
    println!("connected");
    let mut octets = Vec::new();
    let _ = intruder.read_to_end(&mut octets);
    assert_eq!(octets, b"", "the listener gives nothing away");
}

#[test]
fn a_name_without_a_file_is_for_the_same_user_only() {
    if let Ok(name) = std::env::var(CHILD) {
        return be_a_stranger(&name);
    }
    let name = format!("@hubless-stranger-{}", std::process::id());
    let mut listener = listen(&name);
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_name_without_a_file_is_for_the_same_user_only", "--nocapture"])
        .env(CHILD, &name)
        .uid(STRANGER)
        .current_dir("/")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        return; // Only root can set this up, and only where others can run this program.
    };
    let mut said = io::BufRead::lines(io::BufReader::new(child.stdout.take().expect("a pipe")));
    assert!(said.by_ref().map_while(Result::ok).any(|line| line.contains("connected")), "the stranger came");
    let _friend = dial(&name).expect("a listener");
    let accepted = accept(listener.as_mut()).expect("the friend, past the strangers");
    let credentials = accepted.peer().identity.credentials.expect("Linux tells");
    assert_eq!(u32::try_from(credentials.pid), Ok(std::process::id()));
    assert_eq!(
        accept(listener.as_mut()).map(drop).map_err(|error| error.kind()),
        Err(io::ErrorKind::WouldBlock)
    );
    let outcome = child.wait_with_output().expect("a process");
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
}
