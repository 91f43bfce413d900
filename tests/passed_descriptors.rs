//! Over a socket file a peer can pass open descriptors along with its octets. Nobody takes them.

mod common;

use std::io::{IoSlice, Read};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use common::peer::{PULL, PUSH, Peer, greeting};
use common::{SOON, over};
use hubless::Pull;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

/// Sends octets, and a descriptor of `file` with them.
fn send_with(peer: &Peer, octets: &[u8], file: &UnixStream) {
    let Peer::Ipc(stream) = peer else { panic!("only ipc passes descriptors") };
    let descriptors = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut passed = SendAncillaryBuffer::new(&mut space);
    assert!(passed.push(SendAncillaryMessage::ScmRights(&descriptors)));
    let sent = sendmsg(stream, &[IoSlice::new(octets)], &mut passed, SendFlags::empty()).expect("room");
    assert_eq!(sent, octets.len());
}

#[test]
fn descriptors_that_come_along_are_discarded() {
    over(["ipc"], |site| {
        let pull = Pull::new().unwrap();
        let at = pull.listen(site.address()).unwrap();
        let mut peer = Peer::connect(at.address());
        let (mut kept, passed) = UnixStream::pair().unwrap();
        kept.set_read_timeout(Some(SOON)).unwrap();
        send_with(&peer, &greeting(PUSH), &passed);
        assert_eq!(peer.read_greeting(), PULL);
        send_with(&peer, &peer.frame(b"with a descriptor"), &passed);
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "with a descriptor");
        // A large one is read another way.
        let large = peer.frame(&vec![7; 100_000]);
        let (front, last) = large.split_at(large.len() - 1000);
        peer.write(front);
        send_with(&peer, last, &passed);
        assert_eq!(pull.recv_timeout(SOON).unwrap().len(), 100_000);
        // Now octets lie behind a descriptor, where a read ends early: at the latest what is said next brings them.
        send_with(&peer, &peer.frame(b"one"), &passed);
        peer.send(b"two");
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "one");
        peer.send(b"three");
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "two");
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "three");
        drop(passed);
        // If anybody had kept one, this would not be the end.
        assert_eq!(kept.read(&mut [0]).unwrap(), 0);
        assert_eq!(pull.stats().pipes, 1);
    });
}
