//! A listener at which there is always somebody more to accept leaves the others of its context their turn.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hubless::transport::mio::Registry;
use hubless::transport::{
    AddressError, Connection, Dialer, Link, Listener, Offer, Peer, Stream, Transport, Wait,
};
use hubless::{Context, Pull, Push};
use hubless_kit::{ALL, SOON, Site, eventually, over};

/// A transport whose listeners have a connection each time they are asked, and each comes to nothing.
#[derive(Debug, Default)]
struct Crowd(Arc<AtomicUsize>);

impl Transport for Crowd {
    fn scheme(&self) -> &'static str {
        "crowd"
    }

    fn dialer(&self, _: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Err(AddressError::new("it only listens"))
    }

    fn listener(&self, _: &str) -> Result<Box<dyn Listener>, AddressError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl Listener for Crowd {
    fn bind(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn address(&self) -> String {
        "everybody".into()
    }

    fn watch(&mut self, _: &Wait<'_>) -> io::Result<()> {
        Ok(())
    }

    fn unwatch(&mut self, _: &Registry) {}

    fn accept(&mut self, _: &Offer) -> io::Result<Connection> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Connection::Stream(Box::new(Stillborn)))
    }
}

#[derive(Debug)]
struct Stillborn;

impl Link for Stillborn {
    fn watch(&self, _: &Wait<'_>) -> io::Result<()> {
        Ok(())
    }

    fn unwatch(&self, _: &Registry) {}

    fn establish(&self) -> io::Result<()> {
        Err(io::ErrorKind::ConnectionReset.into())
    }

    fn peer(&self) -> Peer {
        Peer::new("crowd://somebody")
    }

    fn shutdown(&self) {}
}

impl Stream for Stillborn {
    fn read(&self, _: &mut Vec<u8>) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }

    fn write(&self, _: &[IoSlice<'_>]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[over(ALL)]
fn a_listener_at_which_there_is_always_somebody_leaves_the_others_their_turn(site: &Site) {
    fn talks(site: &Site, context: &Context) {
        let pull = Pull::builder().context(context).build().unwrap();
        let push = Push::builder().context(context).build().unwrap();
        push.dial(pull.listen(site.address()).unwrap().address()).unwrap();
        push.send_timeout("past the crowd", SOON).unwrap();
        assert_eq!(pull.recv_timeout(SOON).unwrap(), "past the crowd");
    }
    let accepted = Arc::new(AtomicUsize::new(0));
    let context = Context::builder().transport(Crowd(Arc::clone(&accepted))).build().unwrap();
    let crowded = Pull::builder().context(&context).build().unwrap();
    let at = crowded.listen("crowd://everybody").unwrap();
    eventually(|| accepted.load(Ordering::Relaxed) > 1000);
    talks(site, &context);
    let before = accepted.load(Ordering::Relaxed);
    eventually(|| accepted.load(Ordering::Relaxed) > before);
    at.close();
    eventually(|| at.status().closed);
    talks(site, &context);
}
