use std::io;

use hubless_transport::SettingError;
use socket2::Socket;

/// Connections that the system keeps ready for us to accept, unless said otherwise.
const BACKLOG: u32 = 1024;

/// Read and write for the owner alone: connecting needs the right to write.
const MODE: u32 = 0o600;

/// What can be set on the sockets of one endpoint.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) mode: Option<u32>,
    pub(crate) backlog: Option<u32>,
    pub(crate) send_buffer: Option<usize>,
    /// Others may be able to replace the socket of a listener.
    pub(crate) world_writable_directory: bool,
}

impl Options {
    /// What the system would refuse, or take for something else.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        if let Some(mode) = self.mode.filter(|mode| mode & !0o777 != 0) {
            let reason = "a mode has three octal digits, as in `0o660`";
            return Err(SettingError::new("mode", format!("{mode:#o}"), reason));
        }
        if self.backlog == Some(0) {
            return Err(SettingError::new("backlog", 0, "at least one connection must be able to wait"));
        }
        if let Some(bytes) = self.send_buffer.filter(|bytes| *bytes == 0 || i32::try_from(*bytes).is_err()) {
            return Err(SettingError::new("system_send_buffer", bytes, "the system takes 1 byte to 2 GiB"));
        }
        Ok(())
    }

    /// What every connection gets.
    pub(crate) fn configure(&self, socket: &Socket) -> io::Result<()> {
        self.send_buffer.map_or(Ok(()), |bytes| socket.set_send_buffer_size(bytes))
    }

    /// The mode of a listener's file.
    pub(crate) fn mode(&self) -> u32 {
        self.mode.unwrap_or(MODE)
    }

    /// As the system wants it.
    pub(crate) fn backlog(&self) -> i32 {
        i32::try_from(self.backlog.unwrap_or(BACKLOG)).unwrap_or(i32::MAX)
    }
}
