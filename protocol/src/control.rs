/// What one side says to the other beside messages, in wire protocols that can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control<'a> {
    /// What is said.
    pub kind: ControlKind,
    /// About what.
    pub body: &'a [u8],
}

/// The kinds of [`Control`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlKind {
    /// From now on, messages that begin with the body are wanted. For the pattern.
    Subscribe,
    /// One `Subscribe` with the same body no longer holds. For the pattern.
    Cancel,
    /// Asks for a `Pong` with the same body. The engine answers; no pattern sees it.
    Ping,
    /// The answer to a `Ping`. That the peer lives is all it says, so it ends in the engine.
    Pong,
}

/// Why a control was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlRefused {
    /// The wire protocol of this pipe has no controls, or the pipe is gone.
    NoControls,
    /// Others wait in this pipe, and there is no room beside them. `pipe_writable` follows when there is.
    Full,
}

impl Control<'_> {
    /// Bytes that each one is charged beside its body.
    const OVERHEAD: usize = 32;

    /// Bytes of memory that one is charged while it waits to leave.
    #[inline]
    pub fn cost(&self) -> usize {
        self.body.len().saturating_add(Self::OVERHEAD)
    }
}
