//! From the engine to the user.

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
                slot: &mut $crate::engine::WaitSlot,
                context: &std::task::Context<'_>,
            ) -> std::task::Poll<Result<$what, $crate::Error>> {
                self.0.poll_recv(slot, context, $take)
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
                slot: &mut $crate::engine::WaitSlot,
                context: &std::task::Context<'_>,
                most: usize,
            ) -> std::task::Poll<Result<Vec<$crate::Message>, $crate::Error>> {
                self.0.socket().poll_recv_many(slot, context, most)
            }
        }
    };
}

pub(crate) use {receives, receives_many};
