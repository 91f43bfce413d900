//! Sockets that meet, and what they count.

use hubless::{Dialer, Listener, Message, Push, RecvSocket, Rep, Req, SendSocket, Socket, Stats};

use crate::{SOON, Site, WHILE, eventually, eventually_sees, pause};

/// Sockets whose peers are sure to come.
pub trait Peers: Socket {
    #[track_caller]
    fn peers(&self, count: usize) {
        self.wait_for_peers(count, SOON).expect("the peers come");
    }
}

impl<S: Socket> Peers for S {}

/// Connects two sockets that have no other peers.
#[track_caller]
pub fn link(site: &Site, listening: &impl Socket, dialing: &impl Socket) -> (Listener, Dialer) {
    let listener = listening.listen(site.address()).expect("an address to listen on");
    let dialer = dialing.dial(listener.address()).expect("an address to dial");
    listening.peers(1);
    dialing.peers(1);
    (listener, dialer)
}

/// Two new sockets that are connected, the first as the one that listens.
#[track_caller]
pub fn linked<A: Socket, B: Socket>(site: &Site) -> (A, B) {
    let (listening, dialing) = (A::new().expect("a socket"), B::new().expect("a socket"));
    link(site, &listening, &dialing);
    (listening, dialing)
}

/// What the one sends, the other receives next.
#[track_caller]
pub fn passes(
    from: &impl SendSocket<Outgoing = Message>,
    to: &impl RecvSocket<Incoming = Message>,
    text: &str,
) {
    from.send(text).expect("room");
    assert_eq!(to.recv_timeout(SOON).expect("a message"), text);
}

/// Enough round trips for a background thread to have done whatever it could.
#[track_caller]
pub fn pass_the_time(req: &Req, rep: &Rep) {
    for _ in 0..200 {
        let asked = req.send_timeout("?", SOON).expect("room");
        rep.recv_timeout(SOON).expect("a request").reply("!").expect("an open socket");
        asked.recv_timeout(SOON).expect("an answer");
    }
}

/// Sends numbered messages of this length until one is refused: how many.
pub fn send_until_refused(push: &Push, length: usize) -> usize {
    let mut sent = 0;
    while push.try_send(body(sent, length)).is_ok() {
        sent += 1;
    }
    sent
}

/// Sends messages of this length until one is refused, and the system takes nothing more either.
pub fn send_until_stuck(push: &Push, length: usize) {
    while send_until_refused(push, length) > 0 {
        pause(WHILE);
    }
}

/// Listens where somebody listened a moment ago.
#[track_caller]
pub fn listen_again(socket: &impl Socket, address: &str) -> Listener {
    let mut listener = None;
    eventually(|| {
        listener = socket.listen(address).ok();
        listener.is_some()
    });
    listener.expect("it was waited for")
}

/// Waits until the counters of `socket` are as `expected` says.
#[track_caller]
pub fn counts(socket: &impl Socket, expected: impl Fn(&Stats) -> bool) -> Stats {
    eventually_sees(|| socket.stats(), expected)
}

/// A body of this length that no other number has. Neither does it repeat at a power of two.
pub fn body(number: usize, length: usize) -> Vec<u8> {
    const PERIOD: u8 = 251;
    let mut bytes: Vec<u8> = (0..PERIOD).collect();
    bytes.rotate_left(number * 31 % usize::from(PERIOD));
    let mut bytes = bytes.repeat(length / usize::from(PERIOD) + 1);
    bytes.truncate(length);
    let label = number.to_be_bytes();
    if let Some(front) = bytes.get_mut(..label.len()) {
        front.copy_from_slice(&label);
    }
    bytes
}

/// A header of these words, four bytes each.
pub fn header(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}
