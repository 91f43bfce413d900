//! From the engine to the user.

/// Receiving `$what`. The traits have the same methods for code that is generic, and the handle has them for all.
macro_rules! receives {
    ($socket:ident, $what:ty) => {
        impl $socket {
            /// Receives, waiting for a message if it must, as long as the option `recv_timeout` says.
            ///
            /// # Errors
            /// [`Error::Timeout`](crate::Error::Timeout), [`Error::Closed`](crate::Error::Closed),
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn recv(&self) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::Option)
            }

            /// Receives what has arrived already.
            ///
            /// # Errors
            /// [`Error::Empty`](crate::Error::Empty) when nothing has; otherwise as [`recv`](Self::recv).
            pub fn try_recv(&self) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::None)
            }

            /// Receives, waiting at most `timeout`.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            pub fn recv_timeout(&self, timeout: std::time::Duration) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::Timeout(timeout))
            }

            /// Receives, waiting until `deadline` at the latest.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            pub fn recv_deadline(&self, deadline: std::time::Instant) -> Result<$what, $crate::Error> {
                self.0.recv($crate::socket::Patience::Deadline(deadline))
            }

            /// Receives at least one message, waiting as [`recv`](Self::recv) does, and as many as have arrived, up to
            /// `max`.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            pub fn recv_many(&self, max: usize) -> Result<Vec<$what>, $crate::Error> {
                self.0.recv_many(max, $crate::socket::Patience::Option)
            }

            /// Receives for ever: ends at the first error of [`recv`](Self::recv), so when the socket is closed, or when
            /// the option `recv_timeout` passes without a message. The iterator has that error: see
            /// [`Iter`](crate::Iter). A loop over `&socket` does the same.
            pub fn iter(&self) -> $crate::Iter<'_, Self> {
                $crate::Iter::new(self)
            }

            /// Receives, waiting for a message if it must, as a [future](crate::future): without a time limit of its own.
            /// Dropped at any time it loses nothing.
            ///
            /// # Errors
            /// [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked),
            /// [`Error::Dead`](crate::Error::Dead).
            pub fn recv_async(&self) -> $crate::future::RecvMessage<'_, $what> {
                self.0.recv_async()
            }

            /// Receives at least one message, and as many as have arrived, up to `max`, as a [future](crate::future).
            /// Dropped at any time it loses nothing.
            ///
            /// # Errors
            /// As [`recv_async`](Self::recv_async).
            pub fn recv_many_async(&self, max: usize) -> $crate::future::RecvMany<'_, $what> {
                self.0.recv_many_async(max)
            }

            /// A descriptor that is readable while [`try_recv`](Self::try_recv) is worth a try: see
            /// [`Ready`](crate::Ready).
            ///
            /// # Errors
            /// [`Error::System`](crate::Error::System) when there are no descriptors left;
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn recv_ready(&self) -> Result<$crate::Ready, $crate::Error> {
                self.0.ready($crate::engine::Want::MESSAGE)
            }

            /// The messages as a stream, as [`iter`](Self::iter) gives them, with a hold of its own on the socket. Of the
            /// cargo feature `futures`.
            #[cfg(feature = "futures")]
            pub fn stream(&self) -> $crate::future::RecvStream<$what> {
                $crate::future::RecvStream::new(self.0.clone())
            }
        }

        impl $crate::RecvSocket for $socket {
            type Incoming = $what;
        }

        impl<'a> IntoIterator for &'a $socket {
            type Item = $what;
            type IntoIter = $crate::Iter<'a, $socket>;

            fn into_iter(self) -> Self::IntoIter {
                self.iter()
            }
        }

        impl $crate::CanRecv for $socket {}

        impl $crate::socket::Receiving for $socket {
            fn receiving(&self) -> $crate::socket::Subject {
                self.0.subject($crate::engine::Want::MESSAGE)
            }
        }
    };
}

pub(crate) use receives;
