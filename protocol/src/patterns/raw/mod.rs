//! Raw sockets, for devices: what comes out of one goes into another as it is, with the header that tells the way.
//!
//! Every one sends and receives packets; which bytes of a message are header is the pattern's to know.

mod bus;
mod pair;
mod publish;
mod pull;
mod push;
mod reply;
mod req;
mod surveyor;

pub use bus::RawBus;
pub use pair::RawPair;
pub use publish::RawPublish;
pub use pull::RawPull;
pub use push::RawPush;
pub use reply::RawReply;
pub use req::RawReq;
pub use surveyor::RawSurveyor;

use hubless_transport::Header;

use crate::patterns::backtrace::take_words;
use crate::patterns::{Effects, Inbox, Incoming, PipeId, ProtocolViolation, Verdict};

/// The most words an answer may have in front on its way back: as many as NNG holds (sp.md section 7.1).
const ANSWER_WORDS: u8 = 16;

/// Delivers an answer on its way back, with all words up to its id for a header.
fn deliver_answer(pipe: PipeId, mut incoming: Incoming<'_>, fx: &mut impl Effects<Header>) -> Verdict {
    match take_words(&mut incoming, ANSWER_WORDS) {
        Ok(Some(header)) => deliver(pipe, header, incoming, fx),
        Ok(None) => Verdict::Close(ProtocolViolation::MalformedHeader),
        Err(verdict) => verdict,
    }
}

/// Delivers what is left of a packet.
fn deliver(pipe: PipeId, header: Header, incoming: Incoming<'_>, fx: &mut impl Effects<Header>) -> Verdict {
    fx.deliver(Inbox::Socket, pipe, header, incoming.into_body());
    Verdict::Accepted
}
