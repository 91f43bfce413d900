//! Who is at the other end. No test here starts a process, which would have a copy of every descriptor for a moment.
#![cfg(target_os = "linux")]

use std::io::{self, IoSlice};

use hubless_ipc::IpcTransport;
use hubless_kit::transport::{self, accept, bind, stream};
use hubless_transport::{Listener, Medium, Stream, Transport};

fn listen(name: &str) -> Box<dyn Listener> {
    bind(&IpcTransport::new(), name).expect("a free name")
}

fn dial(name: &str) -> io::Result<Box<dyn Stream>> {
    stream(transport::dial(&IpcTransport::new(), name))
}

fn unique(name: &str) -> String {
    format!("@hubless-peers-{name}-{}", std::process::id())
}

#[test]
fn the_system_vouches_for_both_ends() {
    let name = unique("vouch");
    let mut listener = listen(&name);
    let dialed = dial(&name).expect("a listener");
    let accepted = stream(accept(listener.as_mut())).expect("a connection");
    for end in [&dialed, &accepted] {
        let peer = end.peer();
        assert_eq!(peer.address, format!("ipc://{name}"));
        let credentials = peer.identity.credentials.expect("Linux tells");
        assert_eq!(u32::try_from(credentials.pid), Ok(std::process::id()));
        assert_eq!(credentials.uid, rustix::process::geteuid().as_raw());
        assert_eq!(credentials.gid, rustix::process::getegid().as_raw());
        assert_eq!(end.medium(), Medium::TypedStream);
        assert!(end.short_read_drains());
    }
}

#[test]
fn a_name_in_use_is_refused_and_leaves_no_file() {
    let name = unique("twice");
    let _first = listen(&name);
    let outcome = IpcTransport::new().listener(&name).expect("a good name").bind();
    assert_eq!(outcome.map_err(|error| error.kind()), Err(io::ErrorKind::AddrInUse));
    assert!(!std::path::Path::new(&name).exists());
}

#[test]
fn writing_to_a_closed_peer_is_an_error() {
    let name = unique("closed");
    let mut listener = listen(&name);
    let dialed = dial(&name).expect("a listener");
    drop(stream(accept(listener.as_mut())).expect("a connection"));
    let outcome = dialed.write(&[IoSlice::new(b"anybody there?")]).map_err(|error| error.kind());
    assert_eq!(outcome, Err(io::ErrorKind::BrokenPipe));
}
