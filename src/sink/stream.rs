//! A stream to a receiver that answers nothing, plain or encrypted: how to know that it has read all. Must not know
//! what is written.
//!
//! What was written to a stream may still lie in a buffer when its receiver dies. So the stream is ended after each
//! burst: a receiver that reads on to the end closes it in return, and one that dies before resets it.

use super::SinkError;
use super::connection::Timed;
use super::proof::Proof;
use crate::config::{Address, Tls};
use crate::host::clock::Clock;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// What is read of an answer at once: there should be none.
const ANSWER: usize = 4096;

/// What was made.
enum Open {
    Plain(Timed),
    Protected(Box<StreamOwned<ClientConnection, Timed>>),
}

/// A stream, made when it is needed.
pub(super) struct Stream {
    address: Address,
    /// How it is protected, if it is.
    tls: Option<Tls>,
    timeout: Duration,
    clock: &'static dyn Clock,
    open: Option<Open>,
}

impl Stream {
    /// Connects to nobody yet.
    pub(super) fn new(
        address: Address,
        tls: Option<Tls>,
        timeout: Duration,
        clock: &'static dyn Clock,
    ) -> Self {
        Self { address, tls, timeout, clock, open: None }
    }

    /// Writes all of it.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        stream.timed().allow(self.timeout);
        stream.write_all(bytes).map_err(|error| self.failed("does not take what is sent", &error))?;
        self.open = Some(stream);
        Ok(())
    }

    /// Ends the stream, and waits until the other side has read it to its end.
    pub(super) fn finish(&mut self) -> Result<(), SinkError> {
        let Some(mut stream) = self.open.take() else { return Ok(()) };
        stream.timed().allow(self.timeout);
        let ended = stream.end().and_then(|()| stream.timed().was_read());
        ended.map_err(|error| self.failed("did not confirm that it read everything", &error))
    }

    /// Lets go of it.
    pub(super) fn abandon(&mut self) {
        self.open = None;
    }

    fn connect(&self) -> Result<Open, SinkError> {
        let Some(tls) = &self.tls else {
            return Timed::connect(&self.address, self.timeout, self.clock).map(Open::Plain);
        };
        let config = Proof::read(tls)?.client_config()?;
        let failed = |why: String| SinkError::failed(format!("{} is not trusted: {why}", self.address));
        let name =
            ServerName::try_from(self.address.host.clone()).map_err(|error| failed(error.to_string()))?;
        let connection =
            ClientConnection::new(Arc::new(config), name).map_err(|error| failed(error.to_string()))?;
        let timed = Timed::connect(&self.address, self.timeout, self.clock)?;
        let mut stream = StreamOwned::new(connection, timed);
        // Now, so that a wrong certificate is called one, and nothing is sent to whoever shows it.
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).map_err(|error| match error.kind() {
                ErrorKind::InvalidData => failed(error.to_string()),
                _ => self.failed("does not begin a protected connection", &error),
            })?;
        }
        Ok(Open::Protected(Box::new(stream)))
    }

    fn failed(&self, what: &str, error: &io::Error) -> SinkError {
        let why = match error.kind() {
            ErrorKind::TimedOut => format!("it took longer than {} seconds", self.timeout.as_secs()),
            _ => error.to_string(),
        };
        SinkError::failed(format!("{} {what}: {why}", self.address))
    }
}

impl Open {
    fn timed(&mut self) -> &mut Timed {
        match self {
            Self::Plain(timed) => timed,
            Self::Protected(stream) => &mut stream.sock,
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(timed) => timed.write_all(bytes),
            Self::Protected(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// Says that this is the end, and reads until the other side says the same.
    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(timed) => {
                timed.end_writing()?;
                drain(timed)
            }
            Self::Protected(stream) => {
                stream.conn.send_close_notify();
                while stream.conn.wants_write() {
                    stream.conn.write_tls(&mut stream.sock)?;
                }
                stream.sock.end_writing()?;
                read_protected(stream)?;
                drain(&mut stream.sock)
            }
        }
    }
}

/// Reads the protected part to its end: only there stands that the receiver did not believe us. Not every receiver
/// takes its leave in it.
fn read_protected(stream: &mut StreamOwned<ClientConnection, Timed>) -> io::Result<()> {
    match drain(stream) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
        other => other,
    }
}

/// Reads to the end whatever the other side says.
fn drain(stream: &mut impl Read) -> io::Result<()> {
    let mut answer = [0; ANSWER];
    while stream.read(&mut answer)? > 0 {}
    Ok(())
}
