use std::time::Duration;

use crate::patterns::Balance;

/// What a REQ can be told.
#[derive(Debug, Clone, Copy)]
pub struct ReqOptions {
    /// How long a request goes unanswered before it is sent again. `None`: never, not even when its peer dies.
    pub resend: Option<Duration>,
    /// How long a request waits for its reply in all.
    pub deadline: Option<Duration>,
    /// How many requests may be open.
    pub open: usize,
    /// Which pipe gets the next.
    pub balance: Balance,
}
