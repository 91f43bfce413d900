/// What became of the copies of messages: one for each pipe that a message is to take.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// Were to be sent.
    pub(crate) sent: usize,
    /// Were put into an inbox.
    pub(crate) delivered: usize,
    /// Were counted as lost, by whatever reason.
    pub(crate) lost: usize,
    /// Were under way in a pipe that broke, or queued in a socket that started anew; or given back to a REQ, which still has
    /// the request and makes another copy.
    pub(crate) died: usize,
}

impl Accounts {
    /// Whether it adds up, with `left` copies still under way.
    pub(crate) fn balance(&self, left: usize) -> bool {
        self.sent == self.delivered + self.lost + self.died + left
    }
}
