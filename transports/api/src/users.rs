use crate::Credentials;

/// Processes of this machine, by the user and the group they run as: an allow-list for [`Admission`](crate::Admission).
/// It holds for transports that know the process at the other end, as ipc does (`SO_PEERCRED`).
///
/// ```
/// use hubless::admission::Users;
/// use hubless::transport::Credentials;
///
/// let list = Users::of_uids([0, 1000]).or_gids([27]);
/// assert!(list.contains(Some(Credentials::new(1000, 1, 4711))));
/// assert!(!list.contains(Some(Credentials::new(1001, 1, 4711))));
/// assert!(!list.contains(None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Users {
    uids: Vec<u32>,
    gids: Vec<u32>,
}

impl Users {
    /// The user that this process runs as now.
    #[cfg(unix)]
    pub fn same() -> Self {
        Self::of_uids([rustix::process::geteuid().as_raw()])
    }

    /// These users.
    pub fn of_uids(uids: impl IntoIterator<Item = u32>) -> Self {
        Self::default().or_uids(uids)
    }

    /// Everybody of these groups. What counts is the group that a process runs as, not the others that it is in.
    pub fn of_gids(gids: impl IntoIterator<Item = u32>) -> Self {
        Self::default().or_gids(gids)
    }

    /// And these users.
    #[must_use]
    pub fn or_uids(mut self, uids: impl IntoIterator<Item = u32>) -> Self {
        self.uids.extend(uids);
        self
    }

    /// And everybody of these groups.
    #[must_use]
    pub fn or_gids(mut self, gids: impl IntoIterator<Item = u32>) -> Self {
        self.gids.extend(gids);
        self
    }

    /// Whether this process is on the list; one that nobody knows never is.
    pub fn contains(&self, process: Option<Credentials>) -> bool {
        process.is_some_and(|process| self.uids.contains(&process.uid) || self.gids.contains(&process.gid))
    }
}
