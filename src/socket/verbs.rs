//! The methods that several sockets have in common, so that they read the same on each.

/// Opening, connecting, closing: every socket.
macro_rules! common {
    ($socket:ident, $pattern:ty, $name:expr) => {
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
            /// endpoint that has settings of its own, such as `Tcp::any(0).connections(100)`. When it returns, peers can
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
            /// [`Error::Peers`](crate::Error::Peers) after `timeout`, with the number there was;
            /// [`Error::Closed`](crate::Error::Closed).
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
            pub fn wait_for_peers_async(&self, count: usize) -> $crate::future::Meeting<'_> {
                $crate::future::Meeting::new(self, count)
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
            /// # Errors
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn close(&self, timeout: std::time::Duration) -> Result<$crate::CloseReport, $crate::Error> {
                self.0.close(timeout)
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

        impl $crate::socket::Kind for $socket {}

        impl $crate::socket::Waits for $socket {
            fn leave(&self, place: &mut $crate::engine::Place) {
                self.0.socket().leave(place);
            }
        }

        impl $crate::socket::Meets for $socket {
            fn poll_peers(
                &self,
                place: &mut $crate::engine::Place,
                context: &std::task::Context<'_>,
                count: usize,
            ) -> std::task::Poll<Result<(), $crate::Error>> {
                self.0.socket().poll_peers(place, context, count)
            }
        }
    };
}

/// Sending messages without an answer.
macro_rules! sends {
    ($socket:ident, $what:ty) => {
        impl $socket {
            /// Sends, waiting for room if it must, as long as the option `send_timeout` says.
            ///
            /// # Errors
            /// With the message: [`Error::Timeout`](crate::Error::Timeout), [`Error::Closed`](crate::Error::Closed),
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn send(&self, message: impl Into<$what>) -> Result<(), $crate::SendError<$what>> {
                self.0.send_message(message.into(), $crate::socket::Patience::Option)
            }

            /// Sends if that is possible without waiting.
            ///
            /// # Errors
            /// [`Error::Full`](crate::Error::Full) when it is not; otherwise as [`send`](Self::send).
            pub fn try_send(&self, message: impl Into<$what>) -> Result<(), $crate::SendError<$what>> {
                self.0.send_message(message.into(), $crate::socket::Patience::None)
            }

            /// Sends, waiting for room at most `timeout`.
            ///
            /// # Errors
            /// As [`send`](Self::send).
            pub fn send_timeout(
                &self,
                message: impl Into<$what>,
                timeout: std::time::Duration,
            ) -> Result<(), $crate::SendError<$what>> {
                self.0.send_message(message.into(), $crate::socket::Patience::Timeout(timeout))
            }

            /// Sends, waiting for room until `deadline` at the latest.
            ///
            /// # Errors
            /// As [`send`](Self::send).
            pub fn send_deadline(
                &self,
                message: impl Into<$what>,
                deadline: std::time::Instant,
            ) -> Result<(), $crate::SendError<$what>> {
                self.0.send_message(message.into(), $crate::socket::Patience::Deadline(deadline))
            }

            /// Sends, waiting for room if it must, as a [future](crate::future): without a time limit of its own. Dropped
            /// before its end it has sent nothing.
            ///
            /// # Errors
            /// With the message: [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked),
            /// [`Error::Dead`](crate::Error::Dead).
            pub fn send_async(&self, message: impl Into<$what>) -> $crate::future::Sending<'_, $what> {
                $crate::future::Sending::new(self, message.into())
            }

            /// A descriptor that is readable while [`try_send`](Self::try_send) is worth a try: see
            /// [`Ready`](crate::Ready).
            ///
            /// # Errors
            /// [`Error::System`](crate::Error::System) when there are no descriptors left;
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn send_ready(&self) -> Result<$crate::Ready, $crate::Error> {
                self.0.send_ready()
            }

            /// A sink that sends, with a hold of its own on the socket. Of the cargo feature `futures`.
            #[cfg(feature = "futures")]
            pub fn sink(&self) -> $crate::future::SendSink<$what> {
                $crate::future::SendSink::new(self.clone())
            }
        }

        impl $crate::CanSend for $socket {}

        impl $crate::socket::Sending for $socket {
            fn sending(&self) -> $crate::socket::Subject {
                $crate::socket::Subject(self.0.watched(), $crate::engine::Want::Room)
            }
        }

        impl $crate::socket::Sends<$what> for $socket {
            fn poll_send(
                &self,
                place: &mut $crate::engine::Place,
                context: &std::task::Context<'_>,
                message: &mut $what,
            ) -> std::task::Poll<Result<(), $crate::Error>> {
                self.0.socket().poll_send(place, context, message)
            }
        }
    };
}

/// Sending many messages at a time.
macro_rules! sends_many {
    ($socket:ident) => {
        impl $socket {
            /// Sends all messages in order, each as [`send`](Self::send) does but with less work for each; how many. The
            /// iterator is not asked for a message while a lock is held.
            ///
            /// # Errors
            /// As [`send`](Self::send), with all messages that were not sent. They borrow what the iterator borrows; where an
            /// error must not, `.map_err(hubless::Error::from)` keeps the reason alone.
            pub fn send_many<I>(
                &self,
                messages: I,
            ) -> Result<usize, $crate::SendError<$crate::Unsent<I::IntoIter>>>
            where
                I: IntoIterator<Item: Into<$crate::Message>>,
            {
                self.0.send_many(messages.into_iter())
            }
        }
    };
}

/// Receiving. `$take` makes what the user gets of the socket's handle and what the engine received.
macro_rules! receives {
    ($socket:ident, $what:ty, $take:expr) => {
        impl $socket {
            /// Receives, waiting for a message if it must, as long as the option `recv_timeout` says.
            ///
            /// # Errors
            /// [`Error::Timeout`](crate::Error::Timeout), [`Error::Closed`](crate::Error::Closed),
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn recv(&self) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::Option, $take)
            }

            /// Receives what has arrived already.
            ///
            /// # Errors
            /// [`Error::Empty`](crate::Error::Empty) when nothing has; otherwise as [`recv`](Self::recv).
            pub fn try_recv(&self) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::None, $take)
            }

            /// Receives, waiting at most `timeout`.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            pub fn recv_timeout(&self, timeout: std::time::Duration) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::Timeout(timeout), $take)
            }

            /// Receives, waiting until `deadline` at the latest.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            pub fn recv_deadline(&self, deadline: std::time::Instant) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::Deadline(deadline), $take)
            }

            /// Receives for ever: ends at the first error of [`recv`](Self::recv), so when the socket is closed, or when
            /// the option `recv_timeout` passes without a message.
            pub fn iter(&self) -> impl Iterator<Item = $what> + '_ {
                std::iter::from_fn(|| self.recv().ok())
            }

            /// Receives, waiting for a message if it must, as a [future](crate::future): without a time limit of its own.
            /// Dropped at any time it loses nothing.
            ///
            /// # Errors
            /// [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked),
            /// [`Error::Dead`](crate::Error::Dead).
            pub fn recv_async(&self) -> $crate::future::Receiving<'_, $what> {
                $crate::future::Receiving::new(self)
            }

            /// A descriptor that is readable while [`try_recv`](Self::try_recv) is worth a try: see
            /// [`Ready`](crate::Ready).
            ///
            /// # Errors
            /// [`Error::System`](crate::Error::System) when there are no descriptors left;
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn recv_ready(&self) -> Result<$crate::Ready, $crate::Error> {
                self.0.recv_ready()
            }

            /// The messages as a stream, as [`iter`](Self::iter) gives them, with a hold of its own on the socket. Of the
            /// cargo feature `futures`.
            #[cfg(feature = "futures")]
            pub fn stream(&self) -> $crate::future::RecvStream<$what> {
                $crate::future::RecvStream::new(self.clone())
            }
        }

        impl $crate::CanRecv for $socket {}

        impl $crate::socket::Receiving for $socket {
            fn receiving(&self) -> $crate::socket::Subject {
                $crate::socket::Subject(self.0.watched(), $crate::engine::Want::MESSAGE)
            }
        }

        impl $crate::socket::Receives<$what> for $socket {
            fn poll_recv(
                &self,
                place: &mut $crate::engine::Place,
                context: &std::task::Context<'_>,
            ) -> std::task::Poll<Result<$what, $crate::Error>> {
                self.0.poll_recv(place, context, $take)
            }
        }
    };
}

/// Receiving many messages at a time.
macro_rules! receives_many {
    ($socket:ident) => {
        impl $socket {
            /// Receives at least one message, waiting as [`recv`](Self::recv) does, and as many as have arrived, up to
            /// `most`.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            pub fn recv_many(&self, most: usize) -> Result<Vec<$crate::Message>, $crate::Error> {
                self.0.recv_many(most, $crate::socket::Patience::Option)
            }

            /// Receives at least one message, and as many as have arrived, up to `most`, as a [future](crate::future).
            ///
            /// # Errors
            /// As [`recv_async`](Self::recv_async).
            pub fn recv_many_async(&self, most: usize) -> $crate::future::ReceivingMany<'_> {
                $crate::future::ReceivingMany::new(self, most)
            }
        }

        impl $crate::socket::ReceivesMany for $socket {
            fn poll_recv_many(
                &self,
                place: &mut $crate::engine::Place,
                context: &std::task::Context<'_>,
                most: usize,
            ) -> std::task::Poll<Result<Vec<$crate::Message>, $crate::Error>> {
                self.0.socket().poll_recv_many(place, context, most)
            }
        }
    };
}

/// How a socket is opened: its own settings and the pattern they make.
macro_rules! opens {
    ($socket:ident, $own:ty, $pattern:expr) => {
        impl $crate::socket::Open for $socket {
            type Own = $own;

            fn open(context: $crate::Context, options: $crate::socket::Options, own: $own) -> Self {
                Self($crate::socket::Handle::open(context, ($pattern)(own), options.0))
            }
        }
    };
}

/// The choice of a peer, where the pattern's own setting is that alone.
macro_rules! balances {
    ($socket:ident) => {
        impl $crate::Builder<$socket> {
            /// Which of the peers with room gets a message; default [`Balance::RoundRobin`](crate::Balance::RoundRobin).
            #[must_use]
            pub fn balance(mut self, balance: $crate::Balance) -> Self {
                self.own = balance;
                self
            }
        }
    };
}

pub(crate) use {balances, common, opens, receives, receives_many, sends, sends_many};
