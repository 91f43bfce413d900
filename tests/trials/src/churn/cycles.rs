use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use hubless::{Context, Listener, Pull, Push};

use hubless_kit::{Site, eventually};

/// Time enough for everything.
const LONG: Duration = Duration::from_secs(60);
/// Addresses of this machine over which connections of tcp are spread, because a closed one keeps its port for a minute.
const ADDRESSES: usize = 64;
/// What a PUSH greets with.
const GREETING: &[u8] = &[0, b'S', b'P', 0, 0, 0x50, 0, 0];

/// What comes and goes, and what stands meanwhile.
pub(crate) struct Churn {
    transport: &'static str,
    site: Site,
    pull: Pull,
    listeners: Vec<Listener>,
}

impl Churn {
    pub(crate) fn new(transport: &'static str) -> Self {
        let site = Site::new(transport);
        let pull = Pull::new().expect("a socket");
        let addresses = if transport == "tcp" { ADDRESSES } else { 1 };
        let listeners = (0..addresses).map(|number| {
            let address = fresh(transport, &site, number);
            pull.listen(&address).expect("an address")
        });
        let listeners = listeners.collect();
        Self { transport, site, pull, listeners }
    }

    /// One coming and going, of some kind.
    pub(crate) fn cycle(&self, number: usize) {
        let at = self.listeners[number / 5 % self.listeners.len()].address();
        match number % 5 {
            0 => self.dialer(number, at),
            1 => self.listener(number),
            2 => self.context(number, at),
            3 => Self::stranger(number / 5, at),
            _ => self.endpoint(number),
        }
    }

    /// Waits until nobody is left. A listener remembers why it turned somebody away, so the last that comes to each is like the last
    /// of any other time.
    pub(crate) fn rest(&self) {
        self.listeners.iter().for_each(|listener| shout_at(listener.address()));
        eventually(|| self.pull.stats().pipes == 0);
    }

    fn dialer(&self, number: usize, at: &str) {
        let push = Push::new().expect("a socket");
        push.dial(at).expect("an address");
        self.say(&push, number);
        push.close(LONG).expect("an end");
    }

    fn listener(&self, number: usize) {
        let (pull, push) = (Pull::new().expect("a socket"), Push::new().expect("a socket"));
        let listener = pull.listen(fresh(self.transport, &self.site, number)).expect("an address");
        push.dial(listener.address()).expect("an address");
        push.send(number.to_string()).expect("room");
        assert_eq!(pull.recv_timeout(LONG).expect("a message"), number.to_string());
        pull.close(LONG).expect("an end");
    }

    /// Over inproc both are in it.
    fn context(&self, number: usize, at: &str) {
        let context = Context::new().expect("a context");
        let push = Push::builder().context(&context).build().expect("a socket");
        if self.transport == "inproc" {
            let pull = Pull::builder().context(&context).build().expect("a socket");
            pull.listen(at).expect("an address");
            push.dial(at).expect("an address");
            push.send(number.to_string()).expect("room");
            assert_eq!(pull.recv_timeout(LONG).expect("a message"), number.to_string());
        } else {
            push.dial(at).expect("an address");
            self.say(&push, number);
        }
        context.close(LONG);
    }

    /// Leaves in the middle of its greeting, right after it, or with a message half said.
    fn stranger(number: usize, at: &str) {
        let said = [GREETING, &[0, 0, 0]].concat();
        let said = &said[..number % (said.len() + 1)];
        match at.split_once("://") {
            Some(("tcp", place)) => {
                let mut stream = TcpStream::connect(place).expect("a listener");
                // Reset at its end, so that it keeps no port.
                rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).expect("an option");
                stream.write_all(said).expect("room");
            }
            Some(("ipc", path)) => {
                let mut stream = UnixStream::connect(path).expect("a listener");
                stream.write_all(said).expect("room");
            }
            _ => drop(Push::new().expect("a socket").dial(format!("{at}-nowhere")).expect("an address")),
        }
    }

    fn endpoint(&self, number: usize) {
        let listener = self.pull.listen(fresh(self.transport, &self.site, number)).expect("an address");
        listener.close();
    }

    fn say(&self, push: &Push, number: usize) {
        push.send(number.to_string()).expect("room");
        assert_eq!(self.pull.recv_timeout(LONG).expect("a message"), number.to_string());
    }
}

/// A stranger that says nothing to the purpose, and waits until it is turned away.
fn shout_at(at: &str) {
    fn shout(mut stream: impl Read + Write) {
        stream.write_all(b"hello!!!").expect("room");
        // A reset is an end as well.
        drop(stream.read(&mut [0; 64]));
        drop(stream.read(&mut [0; 64]));
    }
    match at.split_once("://") {
        Some(("tcp", place)) => shout(TcpStream::connect(place).expect("a listener")),
        Some(("ipc", path)) => shout(UnixStream::connect(path).expect("a listener")),
        _ => {}
    }
}

/// An address at which nobody listens.
fn fresh(transport: &str, site: &Site, number: usize) -> String {
    match transport {
        "tcp" => format!("tcp://127.0.0.{}:0", 1 + number % ADDRESSES),
        _ => format!("{}-{number:08}", site.place(0)),
    }
}
