//! The journal of systemd, in its own protocol. Must not know what a field means.

use super::format::stored;
use super::{Accepted, Sink, SinkError};
use crate::export::journald::entry;
use crate::host::passed::pass;
use crate::model::outgoing::Outgoing;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The journal.
pub struct JournaldSink {
    path: PathBuf,
    timeout: Duration,
    socket: Option<UnixDatagram>,
    entry: Vec<u8>,
}

impl JournaldSink {
    /// Connects to nobody yet.
    pub fn new(path: &Path, timeout: Duration) -> Self {
        Self { path: path.to_path_buf(), timeout, socket: None, entry: Vec::new() }
    }

    fn connect(&self) -> io::Result<UnixDatagram> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(&self.path)?;
        socket.set_write_timeout(Some(self.timeout))?;
        Ok(socket)
    }
}

impl Sink for JournaldSink {
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError> {
        let failed =
            |error: io::Error| SinkError::failed(format!("{} takes nothing: {error}", self.path.display()));
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => self.connect().map_err(failed)?,
        };
        for outgoing in batch {
            self.entry.clear();
            entry(stored(outgoing), &mut self.entry);
            pass(&socket, &self.entry).map_err(failed)?;
        }
        self.socket = Some(socket);
        Ok(Accepted { is_sure: true, refused: None })
    }

    fn reopen(&mut self) {
        self.socket = None;
    }
}
