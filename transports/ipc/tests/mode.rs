//! The mode of the file, as the first that connects finds it. It is the only test of its program: the mask of modes is the whole
//! process's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::sync::Barrier;
use std::thread;

use hubless_ipc::IpcTransport;
use hubless_transport::Transport;
use rustix::fs::Mode;

#[test]
fn nobody_connects_before_the_file_has_its_mode() {
    const ROUNDS: usize = 2000;
    let directory = tempfile::tempdir().expect("a directory");
    // The deeper the path, the longer it takes to give the file a mode.
    let depth = "d/".repeat((100 - directory.path().as_os_str().len().min(90)) / 2);
    let path = directory.path().join(depth);
    fs::create_dir_all(&path).expect("directories");
    let path = path.join("s");
    // Nothing is taken away from what the file is made with.
    rustix::process::umask(Mode::empty());
    let together = Barrier::new(2);
    thread::scope(|scope| {
        let knocking = scope.spawn(|| {
            let mut modes = Vec::with_capacity(ROUNDS);
            for _ in 0..ROUNDS {
                together.wait();
                let stream = loop {
                    if let Ok(stream) = UnixStream::connect(&path) {
                        break stream;
                    }
                };
                let file = fs::symlink_metadata(&path).expect("a file");
                modes.push(file.permissions().mode() & 0o777);
                together.wait();
                drop(stream);
            }
            modes
        });
        for _ in 0..ROUNDS {
            let mut listener = IpcTransport::new()
                .listener(path.to_str().expect("a path of letters"))
                .expect("a good address");
            together.wait();
            listener.bind().expect("a free path");
            together.wait();
        }
        let modes = knocking.join().expect("no panic");
        let open = modes.iter().filter(|mode| **mode != 0o600).count();
        assert_eq!(open, 0, "of {ROUNDS} times the file was for others so often");
    });
}
