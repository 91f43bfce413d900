//! What the background thread sees of a socket, whatever its pattern.

use std::fmt;
use std::io;
use std::sync::Arc;

use hubless_protocol::patterns::{Refusal, Role};
use hubless_transport::Connection;

use super::close_report::CloseReport;
use super::connect::newcomer::{Newcomer, Unwelcome};
use super::pipe::endpoint_counters::SourceEndpoint;
use super::sys::ids::EndpointId;
use super::sys::ids::SocketId;
use super::worker_handle::WorkerHandle;
use crate::monitor::EventKind;
use crate::stats::Refused;
use crate::traffic::Traffic;

/// A socket in the care of a background thread.
pub(crate) trait ManagedSocket: Send + Sync + fmt::Debug {
    fn id(&self) -> SocketId;
    fn role(&self) -> Role;
    fn worker(&self) -> &Arc<WorkerHandle>;

    /// Makes the event loop, if there is none.
    fn prepare(&self) -> io::Result<()>;
    /// Why it takes no further peer now.
    fn refusal(&self) -> Option<Refusal>;
    /// Makes a pipe of a connection.
    fn admit(&self, newcomer: Newcomer) -> Result<(), Unwelcome>;
    /// Counts a connection that did not become a pipe.
    fn count_refused(&self, count: &dyn Fn(&mut Refused));
    /// Tells every monitor.
    fn tell(&self, event: &dyn Fn() -> EventKind);
    /// How many pipes a source has, and what went through those it has and had.
    fn carried(&self, source: &SourceEndpoint) -> (usize, Traffic);
    /// Ends some of the pipes that came from this endpoint, from this slot of the table on. Where it is to go on, if there are more.
    fn remove_pipes_of(&self, endpoint: EndpointId, slot: usize) -> Option<usize>;

    /// Reads, parses and writes for a slice of time, if nobody else does and the thread is to serve the socket. Whether there is
    /// more to do.
    fn serve(&self) -> bool;
    /// Looks at a socket whose seat a caller left a while ago. Whether to look again.
    fn poll_handoff(&self) -> bool;
    /// Flushes what a stream has left, for a slice of time at most. Whether the stream goes on, or something is left.
    fn flush_interval(&self) -> bool;
    /// Calls the pattern if its time has come.
    fn timer(&self);
    /// Looks at the next pipes and removes those whose message comes too slowly, and those whose peer has vanished. Whether there are
    /// more to look at.
    fn check_pipes(&self) -> bool;
    /// The context has memory again: looks at some pipes, from this slot on. Where that goes on, if there are more.
    fn relieve(&self, slot: usize) -> Option<usize>;

    /// The background thread has died: every call ends with an error.
    fn give_up(&self);

    /// See `closing`.
    fn begin_close(&self);
    fn go_on_closing(&self) -> bool;
    fn end_close(&self) -> CloseReport;
    /// See `remains`.
    fn bury(&self);
    /// Counts what lies in a connection that does not become a pipe.
    fn count_unread(&self, connection: &Connection);
}
