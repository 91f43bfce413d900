//! Who is turned away.
#![cfg(target_os = "linux")]

use std::io::{self, Read};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use hubless_ipc::IpcTransport;
use hubless_kit::child::{Child, perform, tell};
use hubless_kit::transport::{self, accept, bind, stream};
use hubless_transport::{Listener, Stream};

/// Nobody's user number.
const STRANGER: u32 = 65_534;

fn listen(name: &str) -> Box<dyn Listener> {
    bind(&IpcTransport::new(), name).expect("a free name")
}

fn dial(name: &str) -> io::Result<Box<dyn Stream>> {
    stream(transport::dial(&IpcTransport::new(), name))
}

/// The stranger first dials as we do, which refuses by itself, then without asking, and is shut out by the listener.
fn be_a_stranger(name: &str) {
    assert_eq!(dial(name).map(drop).map_err(|error| error.kind()), Err(io::ErrorKind::PermissionDenied));
    let address = SocketAddr::from_abstract_name(name.trim_start_matches('@')).expect("a good name");
    let mut intruder = UnixStream::connect_addr(&address).expect("the system lets anybody in");
    tell("connected");
    let mut bytes = Vec::new();
    let _ = intruder.read_to_end(&mut bytes);
    assert_eq!(bytes, b"", "the listener gives nothing away");
}

#[test]
fn a_name_without_a_file_is_for_the_same_user_only() {
    let name = format!("@hubless-stranger-{}", std::process::id());
    let mut listener = listen(&name);
    let child = Child::try_start(&[&name], |command| {
        command.uid(STRANGER).current_dir("/").stderr(Stdio::piped());
    });
    let Ok(mut child) = child else {
        return; // Only root can set this up, and only where others can run this program.
    };
    assert_eq!(child.hear(), "connected");
    let _friend = dial(&name).expect("a listener");
    let accepted = stream(accept(listener.as_mut())).expect("the friend, past the strangers");
    let credentials = accepted.peer().identity.credentials.expect("Linux tells");
    assert_eq!(u32::try_from(credentials.pid), Ok(std::process::id()));
    assert_eq!(
        stream(accept(listener.as_mut())).map(drop).map_err(|error| error.kind()),
        Err(io::ErrorKind::WouldBlock)
    );
    let (status, _, errors) = child.finish();
    assert!(status.success(), "{errors}");
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|words| be_a_stranger(words[0]));
}
