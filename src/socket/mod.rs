//! The typed sockets. Each is a handle of an engine socket with the calls that make sense for its pattern; there is no
//! protocol logic and no I/O here.

mod builder;
mod bus;
mod closing;
mod end;
mod endpoints;
pub mod future;
mod handle;
mod iter;
mod pair;
mod poller;
mod pub_sub;
mod push_pull;
pub mod raw;
mod reply;
mod req;
mod sealed;
#[cfg(feature = "futures")]
mod stream;
mod surveyor;
mod traits;
mod unsent;
mod verbs;
mod waiting;
mod watching;

pub(crate) use end::End;
pub(crate) use handle::{Handle, Patience};
pub(crate) use poller::sealed::{Receiving, Sending, Subject};
pub(crate) use sealed::{Opens, Options};
pub(crate) use verbs::MaxHops;
pub(crate) use waiting::Waits;

pub use builder::Builder;
pub use bus::Bus;
pub use closing::close_all_async;
pub use iter::Iter;
pub use pair::Pair;
pub use poller::{CanRecv, CanSend, Poller};
pub use pub_sub::{Pub, Sub};
pub use push_pull::{Pull, Push};
pub use reply::{Rep, Request, Respondent};
pub use req::{Pending, Req};
pub use surveyor::{Answer, Survey, SurveyEnd, Surveyor};
pub use traits::{RecvSocket, SendSocket, Socket};
pub use unsent::Unsent;
pub use watching::EventIter;
