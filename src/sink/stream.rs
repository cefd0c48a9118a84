//! A stream to a receiver that answers nothing, plain or encrypted: how to know that it has read all. Must not know
//! what is written.
//!
//! What was written to a stream may still lie in a buffer when its receiver dies. So the stream is ended after each
//! burst: a receiver that reads on to the end closes it in return, and one that dies before resets it.

use super::SinkError;
use super::connection::Timed;
use crate::config::Address;
use crate::host::clock::Clock;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::time::Duration;

/// What is read of an answer at once: there should be none.
const ANSWER: usize = 4096;

/// A stream, made when it is needed.
pub(super) struct Stream {
    address: Address,
    timeout: Duration,
    clock: &'static dyn Clock,
    open: Option<Timed>,
}

impl Stream {
    /// Connects to nobody yet.
    pub(super) fn new(address: Address, timeout: Duration, clock: &'static dyn Clock) -> Self {
        Self { address, timeout, clock, open: None }
    }

    /// Writes all of it.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => Timed::connect(&self.address, self.timeout, self.clock)?,
        };
        stream.allow(self.timeout);
        stream.write_all(bytes).map_err(|error| self.failed("does not take what is sent", &error))?;
        self.open = Some(stream);
        Ok(())
    }

    /// Ends the stream, and waits until the other side has read it to its end.
    pub(super) fn finish(&mut self) -> Result<(), SinkError> {
        let Some(mut stream) = self.open.take() else { return Ok(()) };
        stream.allow(self.timeout);
        let ended = stream.end_writing().and_then(|()| drain(&mut stream)).and_then(|()| stream.was_read());
        ended.map_err(|error| self.failed("did not confirm that it read everything", &error))
    }

    /// Lets go of it.
    pub(super) fn abandon(&mut self) {
        self.open = None;
    }

    fn failed(&self, what: &str, error: &io::Error) -> SinkError {
        let why = match error.kind() {
            ErrorKind::TimedOut => format!("it took longer than {} seconds", self.timeout.as_secs()),
            _ => error.to_string(),
        };
        SinkError::failed(format!("{} {what}: {why}", self.address))
    }
}

/// Reads to the end whatever the other side says.
fn drain(stream: &mut Timed) -> io::Result<()> {
    let mut answer = [0; ANSWER];
    while stream.read(&mut answer)? > 0 {}
    Ok(())
}
