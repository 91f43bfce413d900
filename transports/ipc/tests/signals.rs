//! The signal that must not come. Whoever is the only test of its program may start processes.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{self, IoSlice};
use std::process::Command;

use hubless_ipc::IpcTransport;
use hubless_transport::{Connection, Offer, Transport};

/// Writes to a peer that is gone.
fn write_to_nobody() {
    let name = format!("@hubless-signals-{}", std::process::id());
    let mut listener = IpcTransport::new().listener(&name).expect("a good name");
    listener.bind().expect("a free name");
    let mut caller = IpcTransport::new().dialer(&name).expect("a good name");
    let dialed = caller.dial(None, &Offer::new("push", ["pull"])).expect("a listener");
    drop(listener.accept(&Offer::new("pull", ["push"])).expect("a connection"));
    let Connection::Stream(stream) = dialed else { panic!("ipc has streams") };
    let outcome = stream.write(&[IoSlice::new(b"anybody there?"), IoSlice::new(b"?")]);
    assert_eq!(outcome.map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
}

/// In a process that blocks the signal rather than ignoring it, as Rust does, one that was sent would stay pending.
#[test]
fn writing_to_a_closed_peer_sends_no_signal() {
    const INSIDE: &str = "HUBLESS_TEST_SIGPIPE_BLOCKED";
    const SIGPIPE: u32 = 13;
    if std::env::var_os(INSIDE).is_some() {
        write_to_nobody();
        let status = fs::read_to_string("/proc/thread-self/status").expect("procfs");
        let mask = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of signals");
            u64::from_str_radix(line.trim(), 16).expect("a mask") >> (SIGPIPE - 1) & 1
        };
        assert_eq!((mask("SigBlk:"), mask("SigPnd:"), mask("ShdPnd:")), (1, 0, 0));
        return;
    }
    let inside = Command::new("env")
        .arg("--block-signal=PIPE")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", "writing_to_a_closed_peer_sends_no_signal", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("coreutils");
    if String::from_utf8_lossy(&inside.stderr).contains("unrecognized option") {
        return write_to_nobody();
    }
    assert!(inside.status.success(), "{inside:?}");
}
