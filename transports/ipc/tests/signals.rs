//! The signal that must not come. The only test of its program may start processes.
#![cfg(target_os = "linux")]

use std::io::{self, IoSlice};

use hubless_ipc::IpcTransport;
use hubless_kit::child::{perform, write_without_signal, writing_sends_no_signal};
use hubless_kit::transport::{accept, bind, dial, stream};

/// Writes to a peer that is gone.
fn write_to_nobody() {
    let name = format!("@hubless-signals-{}", std::process::id());
    let mut listener = bind(&IpcTransport::new(), &name).expect("a free name");
    let stream = stream(dial(&IpcTransport::new(), &name)).expect("a listener");
    drop(accept(listener.as_mut()).expect("a connection"));
    let outcome = stream.write(&[IoSlice::new(b"anybody there?"), IoSlice::new(b"?")]);
    assert_eq!(outcome.map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
}

#[test]
fn writing_to_a_closed_peer_sends_no_signal() {
    writing_sends_no_signal(write_to_nobody);
}

#[test]
fn this_is_the_child_process_of_the_tests_here() {
    perform(|_| write_without_signal(write_to_nobody));
}
