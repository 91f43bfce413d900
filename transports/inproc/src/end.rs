use std::collections::VecDeque;
use std::io;

use hubless_transport::mio::Registry;
use hubless_transport::{Link, Messages, Offer, Packet, Peer, Wait};

use super::queue::Channel;
use super::rendezvous::{Channels, Namespace};
use super::sync::Arc;

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct End {
    incoming: Arc<Channel>,
    outgoing: Arc<Channel>,
    name: Arc<str>,
    side: Side,
}

/// What the two sides know besides.
#[derive(Debug)]
enum Side {
    Dialed(Request),
    /// What the dialer is told when it may come in.
    Accepted(Arc<str>),
}

/// A dialer's place among those who wait for a listener.
#[derive(Debug)]
struct Request {
    namespace: Arc<Namespace>,
    number: u64,
}

impl End {
    /// The end of a dialer, which waits until a listener accepts it.
    pub(crate) fn dialed(namespace: &Arc<Namespace>, name: &Arc<str>, offer: &Offer) -> io::Result<Self> {
        let (number, channels) = namespace.connect(name, &offer.ours)?;
        let request = Request { namespace: Arc::clone(namespace), number };
        Ok(Self {
            incoming: channels.to_dialer,
            outgoing: channels.to_listener,
            name: Arc::clone(name),
            side: Side::Dialed(request),
        })
    }

    /// The end of the listener that accepted these channels.
    pub(crate) fn accepted(channels: Channels, name: &Arc<str>, offer: &Offer) -> Self {
        Self {
            incoming: channels.to_listener,
            outgoing: channels.to_dialer,
            name: Arc::clone(name),
            side: Side::Accepted(Arc::from(&*offer.ours)),
        }
    }
}

impl Link for End {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        self.incoming.watch_reader(Some(wait.notifier()));
        self.outgoing.watch_writer(Some(wait.notifier()));
        Ok(())
    }

    fn unwatch(&self, _: &Registry) {
        self.incoming.watch_reader(None);
        self.outgoing.watch_writer(None);
    }

    fn establish(&self) -> io::Result<()> {
        match self.outgoing.receiver() {
            Some(_) => Ok(()),
            None if self.outgoing.is_abandoned() => {
                let why = "the listener closed the connection during the handshake, as one does that does not let us in";
                Err(io::Error::new(io::ErrorKind::ConnectionRefused, why))
            }
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn establishes_promptly(&self) -> bool {
        false
    }

    fn peer(&self) -> Peer {
        Peer::new(format!("inproc://{}", self.name))
    }

    /// Both ends are in this process, and nothing of the system's lies between them.
    fn descriptors(&self) -> usize {
        0
    }

    fn shutdown(&self) {
        self.outgoing.end();
    }
}

impl Messages for End {
    fn offered(&self) -> String {
        self.outgoing.receiver().map(|offered| offered.to_string()).unwrap_or_default()
    }

    fn admit(&self) {
        if let Side::Accepted(ours) = &self.side {
            self.incoming.open(Arc::clone(ours));
        }
    }

    fn recv(&self, into: &mut VecDeque<Packet>, most: usize) -> io::Result<usize> {
        self.incoming.recv(into, most)
    }

    fn send(&self, from: &mut VecDeque<Packet>) -> io::Result<usize> {
        self.outgoing.send(from)
    }

    fn stop(&self, into: &mut VecDeque<Packet>) {
        into.append(&mut self.incoming.abandon());
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.incoming.watch_reader(None);
        self.outgoing.watch_writer(None);
        self.outgoing.end();
        // Before the request is looked at: a listener that takes it in between sees an abandoned channel and passes it over.
        drop(self.incoming.abandon());
        if let Side::Dialed(request) = &self.side
            && self.outgoing.receiver().is_none()
        {
            request.namespace.cancel(&self.name, request.number);
        }
    }
}
