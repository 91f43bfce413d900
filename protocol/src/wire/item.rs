use crate::Control;

/// What is taken out of a stream: a message, or what the peer says beside messages.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A message: the first `length` bytes of `window`, which is what there is of the input.
    Front {
        /// The input from the first byte of the message.
        window: &'a [u8],
        /// How long the message is, in bytes.
        length: usize,
    },
    /// A message in memory of its own.
    Large(Vec<u8>),
    /// No message.
    Control(Control<'a>),
}
