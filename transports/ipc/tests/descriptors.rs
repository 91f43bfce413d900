//! What happens when the process has no descriptor left. Alone in its program, for the limit holds for all of it.

use std::fs::File;

use hubless_ipc::IpcTransport;
use hubless_kit::limit_descriptors;
use hubless_transport::{Offer, Transport};
use rustix::io::Errno;

#[test]
fn running_out_of_descriptors_is_an_error_that_passes() {
    let offer = Offer::new("push", ["pull"]);
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name| directory.path().join(name).display().to_string();
    let mut listener = IpcTransport::new().listener(&path("here")).expect("a good address");
    listener.bind().expect("a free path");
    let mut dialer = IpcTransport::new().dialer(&listener.address()).expect("a good address");
    let _waiting = dialer.dial(None, &offer).expect("a listener");

    let usual = limit_descriptors(64);
    let mut hoard = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        hoard.push(file);
    }
    assert!(dialer.dial(None, &offer).is_err());
    assert!(listener.accept(&offer).is_err());
    // Whichever of the calls fails for want of a descriptor, nothing is left behind.
    for free in 0..4 {
        let outcome = IpcTransport::new().listener(&path("there")).expect("a good address").bind();
        if let Err(error) = outcome {
            let out = Errno::from_io_error(&error) == Some(Errno::MFILE)
                || error.to_string().contains("os error 24");
            assert!(out && free < 2, "{error} with {free} free");
        }
        hoard.pop();
    }
    drop(hoard);
    limit_descriptors(usual);
    listener.accept(&offer).expect("the connection has waited");
    drop(listener);
    assert_eq!(std::fs::read_dir(directory.path()).expect("the directory").count(), 0);
}
