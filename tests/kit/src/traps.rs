//! A transport that panics where a test says so: another one, with traps around its steps.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hubless::Context;
use hubless::transport::mio::Registry;
use hubless::transport::{
    AddressError, Connection, Dialer, Link, Listener, Medium, Messages, Offer, Packet, Peer, Stream,
    Transport, Wait,
};

use crate::Site;

/// Bytes of a greeting, where there is one.
const GREETING: usize = 8;

/// What can panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Dial,
    Accept,
    /// To be watched by the background thread.
    Watch,
    Establish,
    Greet,
    /// To read the greeting, or what is said in its place.
    Hear,
    /// To be watched by the socket, as the pipe that it has become.
    Join,
    Read,
    Write,
    DropDialer,
    DropListener,
    DropConnection,
}

/// What has a trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The dialer that is made next.
    Dialer,
    /// The connection that is accepted next.
    Accepted,
}

/// The traps of one transport.
#[derive(Debug, Default)]
pub struct Traps {
    set: Mutex<Option<(Step, usize)>>,
    mark: Mutex<Option<Mark>>,
    sprung: AtomicUsize,
}

impl Traps {
    /// Has this step panic so many times, of what is marked.
    pub fn set(&self, step: Step, times: usize) {
        *self.set.lock().expect("nobody panics with it") = Some((step, times));
    }

    pub fn mark(&self, mark: Mark) {
        *self.mark.lock().expect("nobody panics with it") = Some(mark);
    }

    /// How often there was a panic.
    pub fn sprung(&self) -> usize {
        self.sprung.load(Ordering::SeqCst)
    }

    fn is_marked(&self, mark: Mark) -> bool {
        self.mark.lock().expect("nobody panics with it").take_if(|marked| *marked == mark).is_some()
    }

    fn catches(&self, step: Step) -> bool {
        let mut set = self.set.lock().expect("nobody panics with it");
        let caught = set.as_mut().filter(|(trap, times)| *trap == step && *times > 0);
        let Some((_, times)) = caught else { return false };
        *times -= 1;
        self.sprung.fetch_add(1, Ordering::SeqCst);
        true
    }

    fn step(&self, step: Step) {
        if self.catches(step) {
            spring();
        }
    }
}

/// Panics without a call to the program's own hook, which is not what is tested.
fn spring() -> ! {
    resume_unwind(Box::new("planted"))
}

/// A context with the transport of the site in traps, and an address for it.
pub fn trapped(site: &Site) -> (Context, Arc<Traps>, String) {
    let inner: Box<dyn Transport> = match site.transport {
        "tcp" => Box::new(hubless_tcp::TcpTransport::new()),
        "ipc" => Box::new(hubless_ipc::IpcTransport::new()),
        _ => Box::new(hubless_inproc::InprocTransport::new()),
    };
    let traps = Arc::new(Traps::default());
    let transport = Trapping { inner, traps: Arc::clone(&traps) };
    let context = Context::builder().transport(transport).build().expect("a context");
    let address = site.address();
    let (_, place) = address.split_once("://").expect("an address");
    (context, traps, format!("trap://{place}"))
}

#[derive(Debug)]
struct Trapping {
    inner: Box<dyn Transport>,
    traps: Arc<Traps>,
}

impl Transport for Trapping {
    fn scheme(&self) -> &'static str {
        "trap"
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        let inner = self.inner.dialer(address)?;
        let traps = self.traps.is_marked(Mark::Dialer).then(|| Arc::clone(&self.traps));
        Ok(Box::new(TrappedDialer { inner, traps }))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        let inner = self.inner.listener(address)?;
        Ok(Box::new(TrappedListener { inner, traps: Arc::clone(&self.traps) }))
    }
}

#[derive(Debug)]
struct TrappedDialer {
    inner: Box<dyn Dialer>,
    traps: Option<Arc<Traps>>,
}

impl Dialer for TrappedDialer {
    fn host(&self) -> Option<(&str, u16)> {
        self.inner.host()
    }

    fn dial(&mut self, resolved: Option<SocketAddr>, offer: &Offer) -> io::Result<Connection> {
        if let Some(traps) = &self.traps {
            traps.step(Step::Dial);
        }
        self.inner.dial(resolved, offer)
    }
}

impl Drop for TrappedDialer {
    fn drop(&mut self) {
        if let Some(traps) = &self.traps {
            traps.step(Step::DropDialer);
        }
    }
}

#[derive(Debug)]
struct TrappedListener {
    inner: Box<dyn Listener>,
    traps: Arc<Traps>,
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
        self.traps.step(Step::Accept);
        let connection = self.inner.accept(offer)?;
        if !self.traps.is_marked(Mark::Accepted) {
            return Ok(connection);
        }
        let traps = Arc::clone(&self.traps);
        Ok(match connection {
            Connection::Stream(inner) => Connection::Stream(Box::new(Trapped::new(inner, traps))),
            Connection::Messages(inner) => Connection::Messages(Box::new(Trapped::new(inner, traps))),
            _ => panic!("a connection of a known kind"),
        })
    }
}

impl Drop for TrappedListener {
    fn drop(&mut self) {
        self.traps.step(Step::DropListener);
    }
}

/// A connection with a trap. Once that is sprung each call panics, as with a transport that has a lock of its own.
#[derive(Debug)]
struct Trapped<T: ?Sized> {
    inner: Box<T>,
    traps: Arc<Traps>,
    sprung: AtomicBool,
    watched: AtomicBool,
    read: AtomicUsize,
    written: AtomicUsize,
}

impl<T: ?Sized> Trapped<T> {
    fn new(inner: Box<T>, traps: Arc<Traps>) -> Self {
        Self {
            inner,
            traps,
            sprung: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            read: AtomicUsize::new(0),
            written: AtomicUsize::new(0),
        }
    }

    fn step(&self, step: Step) -> &T {
        if self.traps.catches(step) {
            self.sprung.store(true, Ordering::SeqCst);
        }
        self.inside()
    }

    fn inside(&self) -> &T {
        if self.sprung.load(Ordering::SeqCst) {
            spring();
        }
        &self.inner
    }
}

impl<T: ?Sized> Drop for Trapped<T> {
    fn drop(&mut self) {
        self.traps.step(Step::DropConnection);
    }
}

impl<T: Link + ?Sized> Link for Trapped<T> {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        let step = if self.watched.swap(true, Ordering::SeqCst) { Step::Join } else { Step::Watch };
        self.step(step).watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.inside().unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        self.step(Step::Establish).establish()
    }

    fn establishes_promptly(&self) -> bool {
        self.inside().establishes_promptly()
    }

    fn peer(&self) -> Peer {
        self.inside().peer()
    }

    fn descriptors(&self) -> usize {
        self.inside().descriptors()
    }

    fn shutdown(&self) {
        self.inside().shutdown();
    }
}

impl Stream for Trapped<dyn Stream> {
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        let greeted = self.read.load(Ordering::SeqCst) >= GREETING;
        let count = self.step(if greeted { Step::Read } else { Step::Hear }).read(into)?;
        self.read.fetch_add(count, Ordering::SeqCst);
        Ok(count)
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let greeted = self.written.load(Ordering::SeqCst) >= GREETING;
        let count = self.step(if greeted { Step::Write } else { Step::Greet }).write(slices)?;
        self.written.fetch_add(count, Ordering::SeqCst);
        Ok(count)
    }

    fn medium(&self) -> Medium {
        self.inside().medium()
    }
}

impl Messages for Trapped<dyn Messages> {
    fn offered(&self) -> String {
        self.step(Step::Hear).offered()
    }

    fn admit(&self) {
        self.step(Step::Greet).admit();
    }

    fn recv(&self, into: &mut VecDeque<Packet>, most: usize) -> io::Result<usize> {
        self.step(Step::Read).recv(into, most)
    }

    fn send(&self, from: &mut VecDeque<Packet>) -> io::Result<usize> {
        self.step(Step::Write).send(from)
    }
}
