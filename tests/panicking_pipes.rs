//! A bug of a transport that shows at one connection ends that connection.

mod common;

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{SOON, Socket, WIRES, counts, over};
use hubless::monitor::Removal;
use hubless::transport::mio::Registry;
use hubless::transport::{
    Connection, EndpointError, Framing, Link, ListenPlan, Listenable, Listener, Offer, Peer, Stream, Wait,
};
use hubless::{Endpoint, Event, Pull, Push, Rep, Req};

/// Where connections are accepted of which the first has a trap.
struct Trapped {
    address: String,
    trap: Arc<AtomicBool>,
}

impl Listenable for Trapped {
    fn listening(self) -> Result<ListenPlan, EndpointError> {
        let mut plan = match self.address.split_once("://") {
            Some(("ipc", path)) => hubless::Ipc::path(path).listening()?,
            _ => hubless::Tcp::new("127.0.0.1", 0).listening()?,
        };
        let inner = plan.listener.take().expect("typed endpoints bring their listener");
        plan.listener = Some(Box::new(TrappedListener { inner, trap: Some(self.trap) }));
        Ok(plan)
    }
}

#[derive(Debug)]
struct TrappedListener {
    inner: Box<dyn Listener>,
    trap: Option<Arc<AtomicBool>>,
}

impl Listener for TrappedListener {
    fn bind(&mut self) -> io::Result<()> {
        self.inner.bind()
    }

    fn address(&self) -> String {
        self.inner.address()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        self.inner.watch(wait)
    }

    fn unwatch(&mut self, registry: &Registry) {
        self.inner.unwatch(registry);
    }

    fn accept(&mut self, offer: &Offer) -> io::Result<Connection> {
        let Connection::Stream(inner) = self.inner.accept(offer)? else { panic!("a stream") };
        Ok(Connection::Stream(match self.trap.take() {
            Some(trap) => Box::new(TrappedStream { inner, trap }),
            None => inner,
        }))
    }
}

#[derive(Debug)]
struct TrappedStream {
    inner: Box<dyn Stream>,
    trap: Arc<AtomicBool>,
}

impl Link for TrappedStream {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        self.inner.watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.inner.unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        self.inner.establish()
    }

    fn peer(&self) -> Peer {
        self.inner.peer()
    }

    fn shutdown(&self) {
        self.inner.shutdown();
    }
}

impl Stream for TrappedStream {
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        assert!(!self.trap.load(Ordering::SeqCst), "planted");
        self.inner.read(into)
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.write(slices)
    }

    fn framing(&self) -> Framing {
        self.inner.framing()
    }
}

/// Many peers connect, and the first is in the trap, which is still open.
fn crowd<S: Socket>(address: &str, mut new: impl FnMut() -> S) -> Vec<S> {
    let mut peers = Vec::new();
    for _ in 0..20 {
        let peer = new();
        peer.dial_to(address).expect("an address");
        peer.peers(1);
        peers.push(peer);
    }
    peers
}

#[test]
fn a_pipe_whose_transport_panics_ends_alone() {
    over(WIRES, |site| {
        let trap = Arc::new(AtomicBool::new(false));
        let pull = Pull::new().unwrap();
        let monitor = pull.monitor();
        let at = pull.listen(Trapped { address: site.address(), trap: Arc::clone(&trap) }).unwrap();
        let pushes = crowd(at.address(), || Push::new().unwrap());
        pull.peers(pushes.len());
        trap.store(true, Ordering::SeqCst);
        pushes[0].send("into the trap").unwrap();
        for push in &pushes[1..] {
            push.send("beside it").unwrap();
            assert_eq!(pull.recv_timeout(SOON).unwrap(), "beside it");
        }
        let panicked = |event: &Event| matches!(event, Event::Removed { removal: Removal::Panicked, .. });
        while !panicked(&monitor.recv_timeout(SOON).expect("the end of the pipe")) {}
        // Its peer dials again, over a connection without a trap.
        pull.peers(pushes.len());
        pushes[0].send("out of it").unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "out of it");
        counts(&pull, |stats| stats.disconnected == 1);
    });
}

#[test]
fn a_socket_can_be_used_after_a_panic_in_the_thread_that_drove_it() {
    over(WIRES, |site| {
        let trap = Arc::new(AtomicBool::new(false));
        let rep = Rep::new().unwrap();
        let at = rep.listen(Trapped { address: site.address(), trap: Arc::clone(&trap) }).unwrap();
        let (trapped, honest) = (Req::new().unwrap(), Req::new().unwrap());
        trapped.dial(at.address()).unwrap();
        rep.peers(1);
        trap.store(true, Ordering::SeqCst);
        let answering = std::thread::spawn(move || {
            for _ in 0..2 {
                rep.recv_timeout(SOON).unwrap().reply("a").unwrap();
            }
            rep.close(SOON).unwrap();
        });
        // It is asked again over the next connection.
        let eager = std::time::Duration::from_millis(1)..=std::time::Duration::from_millis(5);
        let first = trapped.send("q").unwrap();
        honest.dial(Endpoint::new(at.address()).reconnect(eager)).unwrap();
        assert_eq!(honest.request("q").unwrap(), "a");
        assert_eq!(first.recv_timeout(SOON).unwrap(), "a");
        answering.join().unwrap();
    });
}
