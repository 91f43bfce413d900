//! How the event loop of a background thread tells what an event is about.

use mio::Token;

use super::sys::ids::SocketId;

/// What a token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The event loop of a socket.
    Socket(SocketId),
    Listener(usize),
    Handshake(usize),
    /// The waker.
    Waker,
}

const KINDS: usize = 3;

pub(crate) fn socket(id: SocketId) -> Token {
    Token(id * KINDS)
}

pub(super) fn listener(key: usize) -> Token {
    Token(key * KINDS + 1)
}

pub(crate) fn handshake(key: usize) -> Token {
    Token(key * KINDS + 2)
}

pub(crate) fn subject(token: Token) -> Subject {
    if token == super::worker_handle::WAKER {
        return Subject::Waker;
    }
    let key = token.0 / KINDS;
    match token.0 % KINDS {
        0 => Subject::Socket(key),
        1 => Subject::Listener(key),
        _ => Subject::Handshake(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_names_what_it_was_made_for() {
        for key in [0, 1, 2, 77] {
            assert_eq!(subject(socket(key)), Subject::Socket(key));
            assert_eq!(subject(listener(key)), Subject::Listener(key));
            assert_eq!(subject(handshake(key)), Subject::Handshake(key));
        }
        assert_eq!(subject(crate::engine::control::worker_handle::WAKER), Subject::Waker);
    }
}
