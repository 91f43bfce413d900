//! Over a socket file a peer can pass open descriptors along with its bytes. Nobody takes them.

use std::io::Read;
use std::os::unix::net::UnixStream;

use hubless::Pull;
use hubless_kit::peer::{PULL, PUSH, Peer, greeting};
use hubless_kit::{SOON, Site, over};

#[over(["ipc"])]
fn descriptors_that_come_along_are_discarded(site: &Site) {
    let pull = Pull::new().unwrap();
    let at = pull.listen(site.address()).unwrap();
    let peer = Peer::connect(at.address());
    let (mut kept, passed) = UnixStream::pair().unwrap();
    kept.set_read_timeout(Some(SOON)).unwrap();
    assert!(peer.pass(&greeting(PUSH), &passed));
    assert_eq!(peer.read_greeting(), PULL);
    assert!(peer.pass(&peer.frame(b"with a descriptor"), &passed));
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "with a descriptor");
    // A large one is read another way.
    let large = peer.frame(&vec![7; 100_000]);
    let (front, last) = large.split_at(large.len() - 1000);
    peer.write(front);
    assert!(peer.pass(last, &passed));
    assert_eq!(pull.recv_timeout(SOON).unwrap().len(), 100_000);
    // Now bytes lie behind a descriptor, where a read ends early: at the latest what is said next brings them.
    assert!(peer.pass(&peer.frame(b"one"), &passed));
    peer.send(b"two");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "one");
    peer.send(b"three");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "two");
    assert_eq!(pull.recv_timeout(SOON).unwrap(), "three");
    drop(passed);
    // If anybody had kept one, this would not be the end.
    assert_eq!(kept.read(&mut [0]).unwrap(), 0);
    assert_eq!(pull.stats().pipes, 1);
}
