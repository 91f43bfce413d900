use std::time::Duration;

use crate::patterns::Balance;

/// What a REQ can be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReqOptions {
    /// How long a request goes unanswered before it is sent again. `None`: never, not even when its peer dies.
    pub(crate) resend: Option<Duration>,
    /// How long a request waits for its reply in all.
    pub(crate) deadline: Option<Duration>,
    /// How many requests may be open.
    pub(crate) open: usize,
    /// Which pipe gets the next.
    pub(crate) balance: Balance,
}
