use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use hubless_transport::descriptor::Unshared;
use hubless_transport::mio::Registry;
use hubless_transport::mio::unix::SourceFd;
use hubless_transport::{Connection, Link, Listener, Offer, TurnedAway, Wait};
use socket2::{Domain, Socket, Type};

use crate::address::Place;
use crate::claim::Claim;
use crate::credentials;
use crate::options::Options;
use crate::stream::IpcStream;

/// Connections that are turned away or dead, and passed over in one call.
const MOST_PASSED_OVER: usize = 64;

/// Listens at one path or name.
#[derive(Debug)]
pub(crate) struct IpcListener {
    place: Place,
    options: Options,
    bound: Option<Bound>,
    /// Those of whom nobody has been told yet, at most as many as one call passes over.
    turned_away: VecDeque<TurnedAway>,
}

/// The claim comes first: the path is given back before the socket closes, so that nobody finds it stale.
#[derive(Debug)]
struct Bound {
    claim: Option<Claim>,
    socket: Unshared<Socket>,
}

impl IpcListener {
    pub(crate) fn new(place: Place, options: Options) -> Self {
        Self { place: place.anchored(), options, bound: None, turned_away: VecDeque::new() }
    }

    fn socket(&self) -> io::Result<&Socket> {
        let unbound = || io::Error::new(io::ErrorKind::NotConnected, "not bound yet");
        Ok(&self.bound.as_ref().ok_or_else(unbound)?.socket)
    }

    /// Whether the process at the other end may talk to us. A path has permissions to see to that, a bare name not.
    fn is_welcome(&self, socket: &Socket) -> bool {
        matches!(self.place, Place::Path(_)) || credentials::is_same_user(socket.as_fd())
    }

    fn turn_away(&mut self, socket: Socket) {
        let Ok(stream) = IpcStream::accepted(socket, &self.place) else { return };
        let peer = stream.peer();
        let user =
            peer.identity.credentials.map_or("an unknown user".into(), |peer| format!("user {}", peer.uid));
        let reason =
            format!("a name without a file is for processes of the same user, and this one is of {user}");
        if self.turned_away.len() < MOST_PASSED_OVER {
            self.turned_away.push_back(TurnedAway::new(peer, reason));
        }
    }
}

impl Listener for IpcListener {
    fn bind(&mut self) -> io::Result<()> {
        let socket = open()?;
        let claim = match &self.place {
            Place::Path(path) => Some(Claim::take(path, &socket, &self.options)?),
            Place::Abstract(_) => {
                socket.bind(&self.place.to_sockaddr()?)?;
                None
            }
        };
        socket.listen(self.options.backlog())?;
        self.bound = Some(Bound { claim, socket });
        Ok(())
    }

    fn address(&self) -> String {
        self.place.to_string()
    }

    fn watch(&mut self, wait: &Wait<'_>) -> io::Result<()> {
        wait.on(self.socket()?)
    }

    fn unwatch(&mut self, registry: &Registry) {
        if let Ok(socket) = self.socket() {
            // Not being watched is what was asked for.
            let _ = registry.deregister(&mut SourceFd(&socket.as_raw_fd()));
        }
    }

    fn accept(&mut self, _: &Offer) -> io::Result<Connection> {
        for _ in 0..MOST_PASSED_OVER {
            let socket = match self.socket()?.accept() {
                Err(error) if is_passing(&error) => continue,
                accepted => accepted?.0,
            };
            if self.is_welcome(&socket) {
                self.options.configure(&socket)?;
                return Ok(Connection::Stream(Box::new(IpcStream::accepted(socket, &self.place)?)));
            }
            self.turn_away(socket);
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    fn turned_away(&mut self) -> Option<TurnedAway> {
        self.turned_away.pop_front()
    }

    /// A cleaner of temporary files removes what was not used for some days, and a socket file never is.
    fn renew(&mut self) -> io::Result<bool> {
        let Some(Bound { claim: Some(claim), socket: bound }) = &mut self.bound else { return Ok(false) };
        if claim.holds()? {
            return Ok(false);
        }
        let socket = open()?;
        claim.take_again(&socket, |socket| socket.listen(self.options.backlog()))?;
        *bound = socket;
        Ok(true)
    }
}

fn open() -> io::Result<Unshared<Socket>> {
    let socket = Unshared::new(Socket::new(Domain::UNIX, Type::STREAM, None)?);
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether the error says nothing about the listener.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted)
}
