//! What every socket has: its connections, what it says of itself, and its end.

/// Opening, connecting, closing: every socket. `$own` are its own settings, of which `$make` makes the pattern.
macro_rules! socket {
    ($socket:ident, $name:expr, $pattern:ty, $own:ty, $make:expr) => {
        impl $socket {
            /// Opens a socket in the default context, with default settings.
            ///
            /// # Errors
            /// When the default context cannot be made: the system refuses a thread or a descriptor.
            pub fn new() -> Result<Self, $crate::Error> {
                Self::builder().build()
            }

            /// Settings for a socket.
            pub fn builder() -> $crate::Builder<Self> {
                $crate::Builder::new()
            }

            /// Takes peers at an address, `tcp://127.0.0.1:5555`, `tcp://*:0`, `ipc:///tmp/jobs`, `inproc://jobs`, or at an
            /// endpoint that has settings of its own, such as `Tcp::any(0).max_connections(100)`. When it returns, peers can
            /// connect. Blocks only to look up a name. A socket may listen and dial any number of times, over any
            /// transports.
            ///
            /// # Errors
            /// [`Error::Address`](crate::Error::Address), [`Error::AddressInUse`](crate::Error::AddressInUse) or
            /// [`Error::Listen`](crate::Error::Listen), naming the address and what is wrong;
            /// [`Error::Option`](crate::Error::Option) for a setting of the endpoint; [`Error::Closed`](crate::Error::Closed).
            pub fn listen(
                &self,
                at: impl $crate::transport::Listenable,
            ) -> Result<$crate::Listener, $crate::Error> {
                self.0.listen(at)
            }

            /// Connects to an address or endpoint, now and again whenever the connection ends. Returns at once: a peer that
            /// is not there yet is tried again with growing pauses, and [`Dialer::status`](crate::Dialer::status) says how
            /// it goes.
            ///
            /// Each dialer is a connection of its own, and each connection a peer: a socket that dials one address twice, or
            /// is dialed by the socket that it dials, has two. Nothing tells whether the same socket is at both ends of them.
            /// So a [`Sub`](crate::Sub) or [`Bus`](crate::Bus) then gets each message twice, a [`Respondent`](crate::Respondent)
            /// each survey, and a `Bus` that dials itself hears itself; of two sockets that are to be connected, one dials.
            ///
            /// # Errors
            /// [`Error::Address`](crate::Error::Address) when no transport understands the address;
            /// [`Error::Option`](crate::Error::Option) for a setting of the endpoint; [`Error::Closed`](crate::Error::Closed).
            pub fn dial(
                &self,
                at: impl $crate::transport::Dialable,
            ) -> Result<$crate::Dialer, $crate::Error> {
                self.0.dial(at)
            }

            /// Waits until `count` peers are connected, past the handshake.
            ///
            /// # Errors
            /// [`Error::Timeout`](crate::Error::Timeout) after `timeout`, with the number there was and the addresses of the
            /// socket; [`Error::Closed`](crate::Error::Closed).
            pub fn wait_for_peers(
                &self,
                count: usize,
                timeout: std::time::Duration,
            ) -> Result<(), $crate::Error> {
                self.0.wait_for_peers(count, timeout)
            }

            /// Waits until `count` peers are connected, as a [future](crate::future): without a time limit of its own.
            ///
            /// # Errors
            /// [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked),
            /// [`Error::Dead`](crate::Error::Dead).
            pub fn wait_for_peers_async(&self, count: usize) -> $crate::future::WaitForPeers<'_> {
                self.0.wait_for_peers_async(count)
            }

            /// What the socket has counted so far. Never blocks.
            pub fn stats(&self) -> $crate::Stats {
                self.0.stats()
            }

            /// The live peers one by one, in no order: who they are, since when, and what went to and fro. Never blocks. See
            /// [`PipeStats`](crate::PipeStats).
            pub fn pipes(&self) -> Vec<$crate::PipeStats> {
                self.0.pipes()
            }

            /// Watches the socket from now on: who connects and leaves and why, what fails, what is dropped. See
            /// [`Monitor`](crate::Monitor); up to 1000 events wait to be taken.
            pub fn monitor(&self) -> $crate::Monitor {
                self.0.monitor(1000)
            }

            /// The same, where up to `events` events wait to be taken; at least one always can.
            pub fn monitor_with_capacity(&self, events: usize) -> $crate::Monitor {
                self.0.monitor(events)
            }

            /// Closes the socket for all its handles: what is queued is sent, for at most `timeout`, and every call that
            /// waits returns [`Error::Closed`](crate::Error::Closed). Returns within `timeout`; sooner when everything has
            /// been handed to the system and, in patterns that talk both ways, every peer has hung up in answer. Where a
            /// message can go to any peer, one whose peer leaves meanwhile is given to another. The report says what became
            /// of everything. Closing again does nothing.
            ///
            /// The time is yours: a few milliseconds after it the call ends the socket itself, though the background thread is held up by
            /// a judge, a waker or a logger of the program's. Its addresses are free as soon as that thread goes on. Called from such a
            /// judge, waker or logger it does all the work, and the other sockets of the thread wait for it.
            ///
            /// # Errors
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn close(&self, timeout: std::time::Duration) -> Result<$crate::CloseReport, $crate::Error> {
                self.0.close(timeout)
            }

            /// The same as a [future](crate::future), which blocks no executor: what is queued is sent, for at most `timeout` from
            /// its first poll, and it gives the report then or sooner. The time is kept though the background thread is held up. Every
            /// call fails from the first poll on. Dropped after that, the socket closes all the same, in the same time, and the
            /// report is nobody's; dropped before, nothing has happened.
            ///
            /// # Errors
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn close_async(&self, timeout: std::time::Duration) -> $crate::future::CloseSocket<'_> {
                self.0.close_async(timeout)
            }
        }

        impl Clone for $socket {
            /// Another handle of the same socket.
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl std::fmt::Debug for $socket {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.debug($name, f)
            }
        }

        impl $crate::Socket for $socket {}

        impl $crate::socket::Opens for $socket {
            type Own = $own;
            type Pattern = $pattern;

            fn open(context: $crate::Context, options: $crate::socket::Options, own: $own) -> Self {
                Self($crate::socket::Handle::open(context, ($make)(own), options.0))
            }

            #[inline]
            fn handle(&self) -> &$crate::socket::Handle<$pattern> {
                &self.0
            }
        }
    };
}

pub(crate) use socket;
