//! The kit, on paths and on names without a file.

use std::sync::atomic::{AtomicUsize, Ordering};

use hubless_ipc::{Ipc, IpcTransport};

static NEXT: AtomicUsize = AtomicUsize::new(0);

#[test]
fn ipc_conforms_on_paths() {
    let directory = tempfile::tempdir().expect("a directory");
    hubless_conformance::suite(&IpcTransport::new(), &|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        directory.path().join(number.to_string()).display().to_string()
    });
    let left = std::fs::read_dir(directory.path()).expect("the directory").count();
    assert_eq!(left, 0, "every socket and lock file is gone with its listener");
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn ipc_conforms_on_names_without_a_file() {
    hubless_conformance::suite(&IpcTransport::new(), &|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        format!("@hubless-conformance-{}-{number}", std::process::id())
    });
}

#[test]
fn typed_endpoints_conform() {
    let directory = tempfile::tempdir().expect("a directory");
    let listened =
        Ipc::path(directory.path().join("typed")).mode(0o660).backlog(5).system_send_buffer(1 << 16);
    hubless_conformance::typed_endpoints_connect(&IpcTransport::new(), listened, |address| {
        address.parse::<Ipc>().expect("an address").system_send_buffer(1 << 16)
    });
}
