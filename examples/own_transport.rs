//! A transport of its own: tcp whose bytes are masked, by the scheme `masked`. It hides
//! nothing from anybody who looks; it shows what a layer over a connection has to do. TLS
//! has its place here, or a log of what goes over the wire.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::time::Duration;

use hubless::transport::mio::Registry;
use hubless::transport::{
    Acknowledged, AddressError, Connection, Dialer, Link, Listener, Offer, Peer, Stream,
    Transport, TurnedAway, Wait,
};
use hubless::{Context, Rep, Req};
use hubless_tcp::TcpTransport;

/// What each byte is combined with, and again to read it.
const MASK: u8 = 0x5a;
/// Bytes that are masked and written at a time.
const BLOCK: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = Context::builder().transport(Masked).build()?;
    let rep = Rep::builder().context(&context).build()?;
    let at = rep.listen("masked://127.0.0.1:0")?;
    let server =
        std::thread::spawn(move || rep.recv()?.reply("pong").map_err(hubless::Error::from));

    let req = Req::builder().context(&context).build()?;
    req.dial(at.address())?;
    println!("{} from {}", req.request("ping")?.as_str()?, at.address());
    server.join().expect("it does not panic")?;
    context.close(Duration::from_secs(1));
    Ok(())
}

/// The transport: it knows its scheme, and makes dialers and listeners of addresses.
#[derive(Debug)]
struct Masked;

/// A dialer or a listener of tcp, and what it gives is masked.
#[derive(Debug)]
struct Over<T>(T);

/// A connection.
#[derive(Debug)]
struct MaskedStream(Box<dyn Stream>);

impl Transport for Masked {
    fn scheme(&self) -> &'static str {
        "masked"
    }

    fn dialer(&self, address: &str) -> Result<Box<dyn Dialer>, AddressError> {
        Ok(Box::new(Over(TcpTransport::new().dialer(address)?)))
    }

    fn listener(&self, address: &str) -> Result<Box<dyn Listener>, AddressError> {
        Ok(Box::new(Over(TcpTransport::new().listener(address)?)))
    }
}

fn mask(connection: Connection) -> io::Result<Connection> {
    match connection {
        Connection::Stream(stream) => {
            Ok(Connection::Stream(Box::new(MaskedStream(stream))))
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

impl Dialer for Over<Box<dyn Dialer>> {
    /// The name that is looked up before a dial, on a thread of the library.
    fn host(&self) -> Option<(&str, u16)> {
        self.0.host()
    }

    fn dial(
        &mut self,
        resolved: Option<SocketAddr>,
        offer: &Offer,
    ) -> io::Result<Connection> {
        mask(self.0.dial(resolved, offer)?)
    }
}

impl Listener for Over<Box<dyn Listener>> {
    fn bind(&mut self) -> io::Result<()> {
        self.0.bind()
    }

    fn address(&self) -> String {
        self.0.address()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        self.0.watch(wait)
    }

    fn unwatch(&mut self, registry: &Registry) {
        self.0.unwatch(registry);
    }

    fn accept(&mut self, offer: &Offer) -> io::Result<Connection> {
        mask(self.0.accept(offer)?)
    }

    fn turned_away(&mut self) -> Option<TurnedAway> {
        self.0.turned_away()
    }

    fn renew(&mut self) -> io::Result<bool> {
        self.0.renew()
    }
}

/// What all connections have. A layer with a handshake of its own goes on with that in
/// `establish`, until it no longer says [`io::ErrorKind::WouldBlock`]; one that keeps bytes
/// back says so in `buffers`, `flush` and `wants_write`.
impl Link for MaskedStream {
    fn watch(&self, wait: &Wait<'_>) -> io::Result<()> {
        self.0.watch(wait)
    }

    fn unwatch(&self, registry: &Registry) {
        self.0.unwatch(registry);
    }

    fn establish(&self) -> io::Result<()> {
        self.0.establish()
    }

    /// Who is at the other end, by an address of this scheme.
    fn peer(&self) -> Peer {
        let mut peer = self.0.peer();
        peer.address = peer.address.replacen("tcp:", "masked:", 1);
        peer
    }

    fn shutdown(&self) {
        self.0.shutdown();
    }

    fn acknowledged(&self) -> Acknowledged {
        self.0.acknowledged()
    }
}

impl Stream for MaskedStream {
    fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        let read = self.0.read(into)?;
        let before = into.len() - read;
        into[before..].iter_mut().for_each(|byte| *byte ^= MASK);
        Ok(read)
    }

    /// As much as the connection takes, as `write` of a file does: the rest is offered
    /// again.
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes = slices.iter().flat_map(|slice| slice.iter()).take(BLOCK);
        let masked: Vec<u8> = bytes.map(|byte| byte ^ MASK).collect();
        self.0.write(&[IoSlice::new(&masked)])
    }

    fn short_read_drains(&self) -> bool {
        self.0.short_read_drains()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_does_what_every_transport_must() {
        hubless_conformance::suite(&super::Masked, &|| "127.0.0.1:0".to_owned());
    }
}
