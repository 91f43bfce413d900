//! Moves the bytes of a handshake between its machine and the connection.

use std::io::{self, IoSlice};

use hubless_protocol::wire::handshake::Step as Said;
use hubless_transport::{Connection, Stream};

use super::handshake::{Handshake, Step};
use super::pipe::connection::link;
use super::places::Need;
use crate::monitor::Failure;

/// Bytes, or messages, that are read of a peer that is held.
const EARLY: (usize, usize) = (4096, 16);

impl Handshake {
    /// Goes on as far as the connection and what has been decided allow.
    pub(crate) fn step(&mut self) -> Result<Step, Failure> {
        if !self.is_established {
            match link(&self.connection).establish() {
                Ok(()) => self.is_established = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Step::Wait),
                Err(error) => return Err(Failure::Broken(error.into())),
            }
        }
        if self.need == Need::Held && self.has_left() {
            return Err(Failure::AlreadyPaired);
        }
        // One that dials asks for its place before it says anything; one that accepts, when it knows for whom.
        if (self.is_dialed || self.has_asked)
            && let Some(step) = self.undecided()
        {
            return Ok(step);
        }
        if self.has_asked {
            self.machine.admit();
        }
        self.exchange()
    }

    fn exchange(&mut self) -> Result<Step, Failure> {
        let mut input = Vec::new();
        loop {
            if self.session.is_none()
                && let Some(step) = self.advance(&input)?
            {
                return Ok(step);
            }
            let all_sent = self.send_outgoing()?;
            if self.session.is_some() {
                let admitted = self.admission.pass().filter(|_| all_sent);
                return Ok(admitted.map_or(Step::Wait, Step::Done));
            }
            input.clear();
            if !self.read_greeting(&mut input)? {
                // Reading may have left something to write.
                self.flush()?;
                return Ok(Step::Wait);
            }
        }
    }

    /// Has the machine take what has come. What is to be decided first, if anything is.
    fn advance(&mut self, input: &[u8]) -> Result<Option<Step>, Failure> {
        match self.machine.advance(input) {
            Ok(Said::NeedMore) => Ok(None),
            Ok(Said::Done(session)) => {
                self.session = Some(session);
                Ok(None)
            }
            Ok(Said::Ask(_)) => {
                self.has_asked = true;
                if let Some(step) = self.undecided() {
                    return Ok(Some(step));
                }
                self.machine.admit();
                self.advance(&[])
            }
            Err(refusal) => {
                self.part();
                Err(Failure::of_handshake(refusal, self.role))
            }
        }
    }

    /// A peer is told why it is refused, if there is anything to say, but not where somebody has yet to let it in.
    fn part(&mut self) {
        if self.admission.pass().is_some() {
            let _ = self.send_outgoing();
        }
    }

    /// Sends what is outgoing; whether all of it has left.
    fn send_outgoing(&mut self) -> Result<bool, Failure> {
        let stream = match &*self.connection {
            Connection::Stream(stream) => stream,
            Connection::Messages(messages) => {
                let count = self.machine.outgoing().len();
                if count > 0 {
                    messages.admit();
                    self.machine.sent(count);
                }
                return self.flush();
            }
            _ => return Err(Failure::Broken(io::ErrorKind::Unsupported.into())),
        };
        while !self.machine.outgoing().is_empty() {
            match stream.write(&[IoSlice::new(self.machine.outgoing())]) {
                Ok(0) => return Err(Failure::Broken(io::ErrorKind::WriteZero.into())),
                Ok(count) => self.machine.sent(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(Failure::Broken(error.into())),
            }
        }
        self.flush()
    }

    /// Has the transport send what it has in its buffers; whether all of it has left.
    fn flush(&self) -> Result<bool, Failure> {
        match link(&self.connection).flush() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(Failure::Broken(error.into())),
        }
    }

    /// Reads what the machine wants and is there; whether anything is.
    fn read_greeting(&mut self, input: &mut Vec<u8>) -> Result<bool, Failure> {
        match &*self.connection {
            Connection::Stream(stream) => {
                match read_at_most(&**stream, self.machine.wants().min(EARLY.0), input) {
                    Ok(0) => Err(Failure::PeerLeft),
                    Ok(_) => Ok(true),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
                    Err(error) => Err(Failure::Broken(error.into())),
                }
            }
            Connection::Messages(messages) => {
                if std::mem::replace(&mut self.has_heard, true) {
                    return Ok(false);
                }
                let offered = messages.offered();
                input.extend_from_slice(offered.as_bytes());
                // One that offers nothing will not do so later.
                if offered.is_empty() { Err(Failure::UnknownProtocol) } else { Ok(true) }
            }
            _ => Err(Failure::Broken(io::ErrorKind::Unsupported.into())),
        }
    }

    /// Whether a peer that waits for our word has hung up. What it has sent by then is kept, up to a bound.
    pub(crate) fn has_left(&mut self) -> bool {
        loop {
            let read = match &*self.connection {
                Connection::Stream(stream) if self.early_bytes < EARLY.0 => {
                    let mut input = Vec::new();
                    let read = read_at_most(&**stream, EARLY.0 - self.early_bytes, &mut input);
                    self.early_bytes += input.len();
                    // It has asked, and keeps all that comes until it is answered.
                    let _ = self.machine.advance(&input);
                    read
                }
                Connection::Messages(messages) if self.early.len() < EARLY.1 => {
                    let room = EARLY.1 - self.early.len();
                    messages.recv(&mut self.early, room)
                }
                _ => return false,
            };
            match read {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
        }
    }
}

/// Reads once. Where the machine wants nothing now, what comes is left where it is.
fn read_at_most(stream: &dyn Stream, most: usize, into: &mut Vec<u8>) -> io::Result<usize> {
    if most == 0 {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    into.reserve_exact(most);
    stream.read(into)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;

    use hubless_protocol::wire::handshake::{self, Refusal, Session};
    use hubless_protocol::{PeerInfo, Role};
    use hubless_transport::mio::Registry;
    use hubless_transport::{Admission, Link, Peer, Wait};

    use super::*;
    use crate::engine::connect::admission::AdmissionState;
    use crate::engine::sys::sync::Mutex;

    type Bytes = Arc<Mutex<VecDeque<u8>>>;

    /// A stream in memory, of which a call takes one byte at most.
    #[derive(Debug)]
    struct Trickle {
        incoming: Bytes,
        outgoing: Bytes,
    }

    impl Link for Trickle {
        fn watch(&self, _: &Wait<'_>) -> io::Result<()> {
            Ok(())
        }

        fn unwatch(&self, _: &Registry) {}

        fn establish(&self) -> io::Result<()> {
            Ok(())
        }

        fn peer(&self) -> Peer {
            Peer::new("memory://")
        }

        fn shutdown(&self) {}
    }

    impl Stream for Trickle {
        fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
            let byte = self.incoming.lock().pop_front().ok_or(io::ErrorKind::WouldBlock)?;
            into.push(byte);
            Ok(1)
        }

        fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            let byte = slices.iter().find_map(|slice| slice.first()).expect("something to write");
            self.outgoing.lock().push_back(*byte);
            Ok(1)
        }
    }

    /// What an end says in each round: its name and the number of the round.
    const ROUNDS: u8 = 3;

    /// A handshake of three rounds, in which the dialer says something and the listener answers. The listener knows its peer after
    /// the second, and asks before it answers that.
    #[derive(Debug)]
    struct Rounds {
        dials: bool,
        heard: u8,
        asked: bool,
        held: bool,
        outgoing: Vec<u8>,
        received: Vec<u8>,
    }

    impl Rounds {
        fn new(dials: bool) -> Self {
            let outgoing = if dials { vec![b'd', 1] } else { Vec::new() };
            Self { dials, heard: 0, asked: false, held: false, outgoing, received: Vec::new() }
        }

        fn peer(&self) -> PeerInfo {
            PeerInfo::of(if self.dials { Role::Pull } else { Role::Push })
        }
    }

    impl handshake::Handshake for Rounds {
        fn advance(&mut self, input: &[u8]) -> Result<Said, Refusal> {
            self.received.extend_from_slice(input);
            while self.heard < ROUNDS && !self.held && self.received.len() >= 2 {
                let theirs = [if self.dials { b'l' } else { b'd' }, self.heard + 1];
                if !self.received.starts_with(&theirs) {
                    return Err(Refusal::UnknownProtocol);
                }
                if !self.dials && self.heard == 1 && !self.asked {
                    (self.asked, self.held) = (true, true);
                    return Ok(Said::Ask(self.peer()));
                }
                self.received.drain(..2);
                self.heard += 1;
                match self.dials {
                    false => self.outgoing.extend([b'l', self.heard]),
                    true if self.heard < ROUNDS => self.outgoing.extend([b'd', self.heard + 1]),
                    true => {}
                }
            }
            let done = self.heard == ROUNDS;
            Ok(if done { Said::Done(Session::sp(self.peer())) } else { Said::NeedMore })
        }

        fn wants(&self) -> usize {
            if self.held { 0 } else { 16 }
        }

        fn admit(&mut self) {
            self.held = false;
        }

        fn outgoing(&self) -> &[u8] {
            &self.outgoing
        }

        fn sent(&mut self, count: usize) {
            self.outgoing.drain(..count);
        }

        fn surplus(&mut self) -> Vec<u8> {
            std::mem::take(&mut self.received)
        }
    }

    /// Both ends of one connection, and what goes to the listener.
    fn ends(admission: AdmissionState, need: Need) -> (Handshake, Handshake, Bytes) {
        let (there, back) = (Bytes::default(), Bytes::default());
        let end = |incoming: &Bytes, outgoing: &Bytes| {
            let trickle = Trickle { incoming: Arc::clone(incoming), outgoing: Arc::clone(outgoing) };
            Connection::Stream(Box::new(trickle))
        };
        let with = |dials, connection, decided| {
            let role = if dials { Role::Push } else { Role::Pull };
            Handshake::with(Box::new(Rounds::new(dials)), connection, role, dials, decided)
        };
        let dialer = with(true, end(&back, &there).into(), (AdmissionState::Open, Need::Nothing));
        (dialer, with(false, end(&there, &back).into(), (admission, need)), there)
    }

    /// Steps both until neither gets on; what the last step of each was.
    fn go_on(dialer: &mut Handshake, listener: &mut Handshake) -> (Step, Step) {
        let mut steps = (Step::Wait, Step::Wait);
        for _ in 0..2 * ROUNDS {
            if !matches!(steps.0, Step::Done(_)) {
                steps.0 = dialer.step().expect("a good peer");
            }
            if !matches!(steps.1, Step::Done(_)) {
                steps.1 = listener.step().expect("a good peer");
            }
        }
        steps
    }

    #[test]
    fn a_listener_is_driven_through_three_rounds_and_asks_in_the_middle() {
        let judge = Admission::by(hubless_transport::Applicant::accept);
        let admission = AdmissionState::Guarded(judge.into());
        let (mut dialer, mut listener, to_listener) = ends(admission, Need::Nothing);
        let steps = go_on(&mut dialer, &mut listener);
        assert!(matches!(steps, (Step::Wait, Step::Ask)), "{steps:?}");
        listener.admission = AdmissionState::Waiting;
        let steps = go_on(&mut dialer, &mut listener);
        assert!(matches!(steps, (Step::Wait, Step::Wait)), "{steps:?}");
        listener.admission = AdmissionState::Open;
        assert!(matches!(listener.step(), Ok(Step::Wait)));
        assert!(matches!(dialer.step(), Ok(Step::Wait)));
        to_listener.lock().extend(b"a frame");
        let steps = go_on(&mut dialer, &mut listener);
        assert!(matches!(steps, (Step::Done(_), Step::Done(_))), "{steps:?}");
        let mut kept = listener.into_remains().expect("it is done").surplus;
        kept.extend(to_listener.lock().drain(..));
        assert_eq!(kept, b"a frame");
    }

    #[test]
    fn a_listener_with_one_place_seeks_it_before_its_peer_hears_that_it_is_in() {
        let (mut dialer, mut listener, _) = ends(AdmissionState::Open, Need::Wanted);
        let steps = go_on(&mut dialer, &mut listener);
        assert!(matches!(steps, (Step::Wait, Step::Seek)), "{steps:?}");
        listener.need = Need::Held;
        let steps = go_on(&mut dialer, &mut listener);
        assert!(matches!(steps, (Step::Wait, Step::Wait)), "{steps:?}");
        listener.need = Need::Kept;
        let steps = go_on(&mut dialer, &mut listener);
        assert!(matches!(steps, (Step::Done(_), Step::Done(_))), "{steps:?}");
    }

    #[test]
    fn what_a_held_peer_sends_is_kept_up_to_a_bound_and_goes_to_the_decoder() {
        let (mut dialer, mut listener, to_listener) = ends(AdmissionState::Open, Need::Wanted);
        let _ = go_on(&mut dialer, &mut listener);
        listener.need = Need::Held;
        let rest = [&[b'd', 3][..], &[7; 2 * EARLY.0]].concat();
        to_listener.lock().extend(&rest);
        assert!(matches!(listener.step(), Ok(Step::Wait)));
        assert_eq!(to_listener.lock().len(), rest.len() - EARLY.0);
        listener.need = Need::Kept;
        assert!(matches!(listener.step(), Ok(Step::Done(_))));
        assert_eq!(listener.into_remains().expect("it is done").surplus, [7; EARLY.0 - 2]);
    }

    #[test]
    fn a_wrong_byte_in_a_later_round_ends_it() {
        let (mut dialer, mut listener, to_listener) = ends(AdmissionState::Open, Need::Nothing);
        assert!(matches!(dialer.step(), Ok(Step::Wait)));
        to_listener.lock().extend([b'd', 9]);
        assert_eq!(listener.step().err(), Some(Failure::UnknownProtocol));
    }
}
