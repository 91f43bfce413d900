//! Sockets at work: I/O, polling, timers and background threads. Rooms, lowest first: sys, wait, memory, pipe, connect,
//! control, socket, background. Each knows only those before it; ARCHITECTURE.md tells how they play together.

mod background;
mod connect;
mod connecting;
mod context;
mod control;
mod memory;
mod pipe;
mod socket;
mod sys;
mod wait;

pub(crate) use control::completion::Completion;
pub(crate) use control::named_endpoint::NamedEndpoint;
pub(crate) use control::until::Until;
pub(crate) use socket::async_ops::WaitSlot;
pub(crate) use socket::calls::Socket;
pub(crate) use socket::core::Want;
#[cfg(test)]
pub(crate) use socket::effects::Fx;
pub(crate) use socket::inbox::{Answered, Received, Taken};
pub(crate) use socket::listed::Listed;
#[cfg(test)]
pub(crate) use socket::listed::ListedPattern;
pub(crate) use socket::options::SocketOptions;
pub(crate) use socket::readiness::{Observable, ReadinessHandle};
pub(crate) use socket::shared::AnySocket;
#[cfg(test)]
pub(crate) use socket::typed::Typed;
pub(crate) use sys::clock::Clock;
pub(crate) use sys::fork::generation;
pub(crate) use sys::random::seed;
pub(crate) use sys::signals::Blocked;
pub(crate) use sys::sync::{Flag, Mutex};
pub(crate) use wait::block_on::Deadline;
pub(crate) use wait::close_hooks::CloseHook;
pub(crate) use wait::ready_queue::{ReadyEntry, ReadyQueue};

pub(crate) use context::begin_close_all;
pub use context::{Context, ContextBuilder, close_all};
pub use control::close_report::CloseReport;
pub use control::endpoint::{Dialer, DialerState, DialerStatus, Listener, ListenerStatus};
#[cfg(feature = "futures")]
pub(crate) use socket::monitor::Events;
pub use socket::monitor::Monitor;
pub use socket::ready::Ready;
pub(crate) use wait::event_queue::EventSlot;
