//! Connections on which nothing takes longer than it may in all, however slowly the other side reads or writes. Must
//! not know what is said on them.

use super::SinkError;
use crate::config::Address;
use crate::host::clock::Clock;
use crate::host::send_queue::unacknowledged;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// A connection and until when it must be done with.
pub(super) struct Timed {
    socket: TcpStream,
    clock: &'static dyn Clock,
    until: Duration,
}

impl Timed {
    /// Connects. Every address that the name has is tried, in turn, until the time is over.
    pub(super) fn connect(
        address: &Address,
        timeout: Duration,
        clock: &'static dyn Clock,
    ) -> Result<Self, SinkError> {
        let until = clock.elapsed() + timeout;
        let failed = |why: String| SinkError::failed(format!("{address} cannot be reached: {why}"));
        let resolved = (address.host.as_str(), address.port).to_socket_addrs();
        let mut why = "its name has no address".to_owned();
        for one in resolved.map_err(|error| failed(error.to_string()))? {
            let left = until.saturating_sub(clock.elapsed());
            if left.is_zero() {
                break;
            }
            match TcpStream::connect_timeout(&one, left) {
                Ok(socket) => {
                    // Batches are written whole: waiting for more helps nobody. Failing costs a moment.
                    let _ignored = socket.set_nodelay(true);
                    return Ok(Self { socket, clock, until });
                }
                Err(error) => why = error.to_string(),
            }
        }
        Err(failed(why))
    }

    /// From now on it may take that long in all.
    pub(super) fn allow(&mut self, timeout: Duration) {
        self.until = self.clock.elapsed() + timeout;
    }

    /// Says that nothing more will be written.
    pub(super) fn end_writing(&self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }

    /// Whether the other side has closed after it had all that was written, and not before.
    pub(super) fn was_read(&self) -> io::Result<()> {
        if let Some(error) = self.socket.take_error()? {
            return Err(error);
        }
        match unacknowledged(&self.socket)? {
            0 => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it closed before it had everything")),
        }
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_sub(self.clock.elapsed());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

/// The two words that systems have for the same.
fn in_time(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(buffer).map_err(in_time)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(bytes).map_err(in_time)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}
