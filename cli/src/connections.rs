//! The addresses of a socket, and what becomes of them.

use hubless::human::{count, counted};
use hubless::{Dialer, DialerState, Error, Listener, Socket};

use crate::arguments::Endpoints;
use crate::logging;

/// The listeners and dialers of the socket.
#[derive(Debug)]
pub(crate) struct Connections {
    listening: Vec<Listening>,
    dialing: Vec<Dialing>,
}

#[derive(Debug)]
struct Listening {
    listener: Listener,
    accepted: u64,
    refused: u64,
}

#[derive(Debug)]
struct Dialing {
    dialer: Dialer,
    connected: u64,
    failed: u64,
    /// What was last told of it.
    told: Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Connected,
    Trouble,
}

impl Connections {
    /// Listens and dials wherever the command line says.
    pub(crate) fn open(socket: &impl Socket, endpoints: &Endpoints) -> Result<Self, Error> {
        let mut connections = Self { listening: Vec::new(), dialing: Vec::new() };
        for address in &endpoints.listen {
            let listener = socket.listen(address)?;
            let bound = listener.address();
            if bound == address {
                log::info!("listening on {bound}");
            } else {
                // The system has chosen a part of it, which others need to know.
                logging::tell(format_args!("listening on {bound}"));
            }
            connections.listening.push(Listening { listener, accepted: 0, refused: 0 });
        }
        for address in &endpoints.dial {
            let dialer = socket.dial(address)?;
            log::info!("dialing {address}");
            connections.dialing.push(Dialing { dialer, connected: 0, failed: 0, told: Told::Nothing });
        }
        Ok(connections)
    }

    /// Logs what has changed since the last time.
    pub(crate) fn report(&mut self) {
        self.listening.iter_mut().for_each(Listening::report);
        self.dialing.iter_mut().for_each(Dialing::report);
    }
}

impl Listening {
    fn report(&mut self) {
        let status = self.listener.status();
        let address = self.listener.address();
        if status.accepted > self.accepted {
            log::info!(
                "{} on {address}, {} now",
                counted(status.accepted - self.accepted, "new peer"),
                count(status.pipes)
            );
        }
        if status.refused > self.refused {
            let why = status.last_error.as_deref().unwrap_or("for no known reason");
            log::warn!(
                "{} refused on {address}: {why}",
                counted(status.refused - self.refused, "connection")
            );
        }
        (self.accepted, self.refused) = (status.accepted, status.refused);
    }
}

impl Dialing {
    /// Success is told at the info level. Trouble is a warning, once until it is over: the end that is there first has to wait.
    fn report(&mut self) {
        let status = self.dialer.status();
        let address = self.dialer.address();
        let why = status.last_error.as_deref().unwrap_or("no answer yet");
        let made = status.connected - self.connected;
        if status.state == DialerState::Connected {
            if made > 1 || (made == 1 && self.told == Told::Connected) {
                log::info!("the connection to {address} was lost and made again: {why}");
            } else if self.told != Told::Connected {
                log::info!("connected to {address}");
            }
            self.told = Told::Connected;
        } else if self.told == Told::Connected {
            log::info!("the connection to {address} has ended: {why}");
            self.told = Told::Nothing;
        } else if status.failed > self.failed && self.told == Told::Nothing {
            log::warn!("no connection to {address} yet: {why}; trying again");
            self.told = Told::Trouble;
        }
        (self.connected, self.failed) = (status.connected, status.failed);
    }
}
