//! From the user into the engine.

/// Sending `$what`, without an answer. The traits have the same methods for code that is generic, and the handle has them for all.
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

            /// Sends all messages in order, each as [`send`](Self::send) does but with less work for each; how many. The
            /// iterator is not asked for a message while a lock is held.
            ///
            /// # Errors
            /// As [`send`](Self::send), with all messages that were not sent. They borrow what the iterator borrows; where an
            /// error must not, `.map_err(hubless::Error::from)` keeps the reason alone.
            pub fn send_many<I>(
                &self,
                messages: I,
            ) -> Result<usize, $crate::SendError<$crate::Unsent<I::IntoIter, $what>>>
            where
                I: IntoIterator<Item: Into<$what>>,
            {
                self.0.send_many(messages.into_iter())
            }

            /// Sends, waiting for room if it must, as a [future](crate::future): without a time limit of its own. Dropped
            /// before its end it has sent nothing.
            ///
            /// # Errors
            /// With the message: [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked),
            /// [`Error::Dead`](crate::Error::Dead).
            pub fn send_async(&self, message: impl Into<$what>) -> $crate::future::SendMessage<'_, $what> {
                self.0.send_async(message.into())
            }

            /// Sends all messages of `messages` in order, as a [future](crate::future); how many. What is sent leaves the queue. So
            /// nothing is lost, whatever ends it: when it fails, or is dropped before its end, what was not sent is still in
            /// `messages`, in order, and can be sent again.
            ///
            /// # Errors
            /// [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked),
            /// [`Error::Dead`](crate::Error::Dead).
            pub fn send_many_async<'a>(
                &'a self,
                messages: &'a mut std::collections::VecDeque<$what>,
            ) -> $crate::future::SendMany<'a, $what> {
                self.0.send_many_async(messages)
            }

            /// A descriptor that is readable while [`try_send`](Self::try_send) is worth a try: see
            /// [`Ready`](crate::Ready).
            ///
            /// # Errors
            /// [`Error::System`](crate::Error::System) when there are no descriptors left;
            /// [`Error::Forked`](crate::Error::Forked), [`Error::Dead`](crate::Error::Dead).
            pub fn send_ready(&self) -> Result<$crate::Ready, $crate::Error> {
                self.0.ready($crate::engine::Want::Room)
            }

            /// A sink that sends, with a hold of its own on the socket. Of the cargo feature `futures`.
            #[cfg(feature = "futures")]
            pub fn sink(&self) -> $crate::future::SendSink<$what> {
                $crate::future::SendSink::new(self.0.clone())
            }
        }

        impl $crate::SendSocket for $socket {
            type Outgoing = $what;
        }

        impl $crate::CanSend for $socket {}

        impl $crate::socket::Sending for $socket {
            fn sending(&self) -> $crate::socket::Subject {
                self.0.subject($crate::engine::Want::Room)
            }
        }
    };
}

pub(crate) use sends;
