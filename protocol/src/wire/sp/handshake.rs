//! The handshake of SP (sp.md section 3): each side sends one greeting, and neither answers the other's.

use crate::wire::handshake::{Form, Handshake, Refusal, Session, Step, Turn};
use crate::{PeerInfo, Role};

/// How many bytes each side sends before its first message.
const GREETING: usize = 8;

/// The start of every greeting, up to the version.
const MAGIC: [u8; 3] = [0, b'S', b'P'];

/// More than the longest offer has.
const LONGEST_OFFER: usize = 64;

/// What an end of this role is called in a subprotocol of WebSocket (sp.md section 4.4), and wherever else a medium has a way of
/// its own to say it.
pub const fn offer(role: Role) -> &'static str {
    match role {
        Role::PairV0 => "pair.sp.nanomsg.org",
        Role::PairV1 => "pair1.sp.nanomsg.org",
        Role::Pub => "pub.sp.nanomsg.org",
        Role::Sub => "sub.sp.nanomsg.org",
        Role::Req => "req.sp.nanomsg.org",
        Role::Rep => "rep.sp.nanomsg.org",
        Role::Push => "push.sp.nanomsg.org",
        Role::Pull => "pull.sp.nanomsg.org",
        Role::Surveyor => "surveyor.sp.nanomsg.org",
        Role::Respondent => "respondent.sp.nanomsg.org",
        Role::Bus => "bus.sp.nanomsg.org",
    }
}

/// What an end of this role sends first (sp.md section 2).
pub fn greeting(role: Role) -> [u8; GREETING] {
    let [high, low] = role.number().to_be_bytes();
    [MAGIC[0], MAGIC[1], MAGIC[2], 0, high, low, 0, 0]
}

/// One end of the handshake.
#[derive(Debug)]
pub struct Greeting {
    role: Role,
    form: Form,
    /// What we say, of which so much has been sent.
    ours: [u8; GREETING],
    sent: usize,
    /// Whether it may go out.
    speaks: bool,
    asked: bool,
    received: Vec<u8>,
    /// What it came to.
    refused: Option<Refusal>,
}

impl Greeting {
    /// The handshake of an end that has this role.
    pub fn new(role: Role, form: Form, turn: Turn) -> Self {
        let speaks = turn == Turn::SpeaksFirst;
        Self {
            role,
            form,
            ours: greeting(role),
            sent: 0,
            speaks,
            asked: speaks,
            received: Vec::with_capacity(form.length()),
            refused: None,
        }
    }

    fn judge(&mut self) -> Result<Step, Refusal> {
        let talks_to = |role: &Role| self.role.talks_to(*role);
        let heard = match self.form {
            Form::Greeting => check(&self.received, talks_to)?,
            Form::Offer => offered(&self.received, talks_to)?,
        };
        let Some(role) = heard else { return Ok(Step::NeedMore) };
        let peer = PeerInfo::of(role);
        Ok(if self.speaks {
            Step::Done(Session::sp(peer))
        } else if std::mem::replace(&mut self.asked, true) {
            Step::NeedMore
        } else {
            Step::Ask(peer)
        })
    }

    /// A peer of another pattern is told what we are, and refuses us for that as well.
    fn refuse(&mut self, refusal: Refusal) {
        self.speaks |= matches!(refusal, Refusal::WrongPattern(_));
        self.refused = Some(refusal);
    }
}

impl Handshake for Greeting {
    fn advance(&mut self, input: &[u8]) -> Result<Step, Refusal> {
        self.received.extend_from_slice(input);
        if let Some(refusal) = self.refused {
            return Err(refusal);
        }
        self.judge().inspect_err(|refusal| self.refuse(*refusal))
    }

    fn wants(&self) -> usize {
        self.form.length().saturating_sub(self.received.len())
    }

    fn admit(&mut self) {
        self.speaks = true;
    }

    fn outgoing(&self) -> &[u8] {
        if self.speaks { self.ours.get(self.sent..).unwrap_or_default() } else { &[] }
    }

    fn sent(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count);
    }

    fn surplus(&mut self) -> Vec<u8> {
        self.received.split_off(self.form.length().min(self.received.len()))
    }
}

impl Form {
    /// How many bytes the peer says at most.
    const fn length(self) -> usize {
        match self {
            Self::Greeting => GREETING,
            Self::Offer => LONGEST_OFFER,
        }
    }
}

/// Checks what has arrived so far, which may be less or more than a greeting. The role in it, once all of it is there.
///
/// The first byte that is wrong is an error at once (sp.md section 12, row 1). A field of two bytes is checked when both are
/// there, so that the error can name its value.
fn check(received: &[u8], talks_to: impl Fn(&Role) -> bool) -> Result<Option<Role>, Refusal> {
    if received.iter().zip(MAGIC).any(|(byte, right)| *byte != right) {
        return Err(Refusal::UnknownProtocol);
    }
    match received.get(3) {
        None | Some(0) => {}
        Some(version) => return Err(Refusal::UnknownVersion(*version)),
    }
    let role = field(received, 4).map(|number| known(number, talks_to)).transpose()?;
    match field(received, 6) {
        None => Ok(None),
        Some(0) => Ok(role),
        Some(reserved) => Err(Refusal::ReservedBytes(reserved)),
    }
}

/// The role of this number, which must be one that we talk to.
fn known(number: u16, talks_to: impl Fn(&Role) -> bool) -> Result<Role, Refusal> {
    Role::from_number(number).filter(talks_to).ok_or(Refusal::WrongPattern(number))
}

/// The role that was offered, which must be one that we talk to.
fn offered(received: &[u8], talks_to: impl Fn(&Role) -> bool) -> Result<Option<Role>, Refusal> {
    if received.is_empty() {
        return Ok(None);
    }
    let role = Role::ALL.into_iter().find(|role| offer(*role).as_bytes().eq_ignore_ascii_case(received));
    known(role.ok_or(Refusal::UnknownProtocol)?.number(), talks_to).map(Some)
}

/// The two bytes at `at` as a number, once they are there.
fn field(received: &[u8], at: usize) -> Option<u16> {
    received.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hearing(role: Role) -> Greeting {
        Greeting::new(role, Form::Greeting, Turn::HearsFirst)
    }

    fn speaking(role: Role) -> Greeting {
        Greeting::new(role, Form::Greeting, Turn::SpeaksFirst)
    }

    fn peer(role: Role) -> PeerInfo {
        PeerInfo::of(role)
    }

    /// What a REQ makes of these bytes.
    fn heard(received: &[u8]) -> Result<Step, Refusal> {
        speaking(Role::Req).advance(received)
    }

    #[test]
    fn a_greeting_is_eight_bytes_with_the_number_of_the_sender() {
        assert_eq!(greeting(Role::Req), [0x00, 0x53, 0x50, 0x00, 0x00, 0x30, 0x00, 0x00]);
        assert_eq!(greeting(Role::PairV1), [0x00, 0x53, 0x50, 0x00, 0x00, 0x11, 0x00, 0x00]);
    }

    #[test]
    fn one_that_speaks_first_greets_at_once_and_is_done_when_it_has_heard() {
        let mut machine = speaking(Role::Req);
        assert_eq!(machine.advance(&[]), Ok(Step::NeedMore));
        assert_eq!(machine.outgoing(), greeting(Role::Req));
        machine.sent(5);
        assert_eq!(machine.outgoing(), &greeting(Role::Req)[5..]);
        let theirs = greeting(Role::Rep);
        for (at, byte) in theirs.iter().enumerate() {
            assert_eq!(machine.wants(), GREETING - at);
            let done = Ok(Step::Done(Session::sp(peer(Role::Rep))));
            let expected = if at + 1 == GREETING { done } else { Ok(Step::NeedMore) };
            assert_eq!(machine.advance(&[*byte]), expected);
        }
        machine.sent(3);
        assert!(machine.outgoing().is_empty());
    }

    #[test]
    fn one_that_hears_first_asks_once_and_greets_whom_it_admits() {
        let mut machine = hearing(Role::Rep);
        assert_eq!(machine.advance(&greeting(Role::Req)[..7]), Ok(Step::NeedMore));
        assert_eq!(machine.advance(&[0]), Ok(Step::Ask(peer(Role::Req))));
        assert!(machine.outgoing().is_empty() && machine.wants() == 0);
        assert_eq!(machine.advance(b"early"), Ok(Step::NeedMore));
        assert!(machine.outgoing().is_empty());
        machine.admit();
        assert_eq!(machine.outgoing(), greeting(Role::Rep));
        assert_eq!(machine.advance(&[]), Ok(Step::Done(Session::sp(peer(Role::Req)))));
        assert_eq!(machine.surplus(), b"early");
    }

    #[test]
    fn what_came_behind_the_greeting_is_kept_however_it_came() {
        let received = [&greeting(Role::Rep)[..], b"a frame"].concat();
        for cut in 0..received.len() {
            let mut machine = speaking(Role::Req);
            let first = machine.advance(&received[..cut]);
            let second = machine.advance(&received[cut..]);
            assert!(matches!((first, second), (Ok(_), Ok(Step::Done(_)))), "cut at {cut}");
            assert_eq!(machine.surplus(), b"a frame");
        }
    }

    #[test]
    fn other_protocols_are_refused_at_the_first_wrong_byte() {
        for other in
            [&b"GET / HTTP/1.1"[..], &[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f], &[0x16, 3], b"\0SQ", b"\0T"]
        {
            assert_eq!(heard(other), Err(Refusal::UnknownProtocol));
        }
        assert_eq!(heard(b"G"), Err(Refusal::UnknownProtocol));
        assert_eq!(heard(&[0xff]), Err(Refusal::UnknownProtocol));
    }

    #[test]
    fn another_version_and_reserved_bytes_are_refused() {
        assert_eq!(heard(b"\0SP\x01"), Err(Refusal::UnknownVersion(1)));
        assert_eq!(heard(b"\0SP\0\0\x31\0\x02"), Err(Refusal::ReservedBytes(2)));
        assert_eq!(heard(b"\0SP\0\0\x31\x01\0"), Err(Refusal::ReservedBytes(0x0100)));
    }

    #[test]
    fn another_pattern_and_our_own_end_are_refused_with_their_number_and_told_ours() {
        for number in [0x30_u16, 0x60, 0x10, 0x11, 0x0640, 0, 0xffff] {
            let [high, low] = number.to_be_bytes();
            let received = [0, b'S', b'P', 0, high, low, 1, 1];
            for length in 6..=received.len() {
                let mut machine = hearing(Role::Req);
                assert_eq!(machine.advance(&received[..length]), Err(Refusal::WrongPattern(number)));
                assert_eq!(machine.outgoing(), greeting(Role::Req));
                assert_eq!(machine.advance(&greeting(Role::Rep)), Err(Refusal::WrongPattern(number)));
            }
        }
        assert_eq!(speaking(Role::PairV0).advance(&greeting(Role::PairV1)), Err(Refusal::WrongPattern(0x11)));
    }

    #[test]
    fn what_speaks_something_else_is_told_nothing_by_one_that_hears_first() {
        let mut machine = hearing(Role::Rep);
        assert_eq!(machine.advance(b"GET"), Err(Refusal::UnknownProtocol));
        assert!(machine.outgoing().is_empty());
    }

    #[test]
    fn an_offer_stands_for_a_greeting() {
        for role in Role::ALL {
            let mut machine = Greeting::new(role, Form::Offer, Turn::HearsFirst);
            let theirs = role.peers()[0];
            assert_eq!(machine.advance(b""), Ok(Step::NeedMore));
            assert_eq!(machine.advance(offer(theirs).as_bytes()), Ok(Step::Ask(peer(theirs))));
            machine.admit();
            assert_eq!(machine.advance(&[]), Ok(Step::Done(Session::sp(peer(theirs)))));
            assert!(machine.surplus().is_empty());
        }
        for (other, refusal) in [
            ("push.sp.nanomsg.org", Refusal::WrongPattern(0x50)),
            ("push", Refusal::UnknownProtocol),
            ("pub.sp.nanomsg.org.", Refusal::UnknownProtocol),
        ] {
            let mut machine = Greeting::new(Role::Sub, Form::Offer, Turn::SpeaksFirst);
            assert_eq!(machine.advance(other.as_bytes()), Err(refusal), "{other}");
        }
    }
}
