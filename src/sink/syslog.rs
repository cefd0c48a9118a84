//! Syslog, RFC 5424: messages in datagrams, or in a stream with their lengths before them (RFC 6587, 3.4.1; RFC 5425).
//! Must not know what a message says.

use super::datagram::Datagrams;
use super::format::{frame, stored};
use super::stream::Stream;
use super::{Accepted, Sink, SinkError};
use crate::config::{Address, SyslogTarget, Tls};
use crate::export::Frame;
use crate::host::clock::Clock;
use crate::model::outgoing::Outgoing;
use std::path::Path;
use std::time::Duration;

/// A syslog daemon that takes datagrams.
pub struct DatagramSyslog {
    frame: Frame,
    datagrams: Datagrams,
    timeout: Duration,
    message: Vec<u8>,
}

impl DatagramSyslog {
    /// Over UDP.
    pub fn udp(target: &SyslogTarget, address: Address, timeout: Duration) -> Self {
        Self::to(target, Datagrams::Udp(address, None), timeout)
    }

    /// Over a socket of this machine.
    pub fn unix(target: &SyslogTarget, path: &Path, timeout: Duration) -> Self {
        Self::to(target, Datagrams::Unix(path.to_path_buf(), None), timeout)
    }

    fn to(target: &SyslogTarget, datagrams: Datagrams, timeout: Duration) -> Self {
        Self { frame: frame(target), datagrams, timeout, message: Vec::new() }
    }
}

impl Sink for DatagramSyslog {
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError> {
        for outgoing in batch {
            self.message.clear();
            self.frame.write(stored(outgoing), &mut self.message);
            self.datagrams.send(&self.message, self.timeout)?;
        }
        Ok(Accepted { is_sure: true, refused: None })
    }

    fn reopen(&mut self) {
        self.datagrams.abandon();
    }
}

/// A syslog daemon that takes a stream.
pub struct StreamSyslog {
    frame: Frame,
    stream: Stream,
    /// Whether the daemon is asked to confirm, by the end of the stream.
    confirm: bool,
    messages: Vec<u8>,
    message: Vec<u8>,
}

impl StreamSyslog {
    /// Over TCP, protected if `tls` says how.
    pub fn new(
        target: &SyslogTarget,
        address: Address,
        tls: Option<Tls>,
        timeout: Duration,
        clock: &'static dyn Clock,
    ) -> Self {
        Self {
            frame: frame(target),
            stream: Stream::new(address, tls, timeout, clock),
            confirm: target.confirm,
            messages: Vec::new(),
            message: Vec::new(),
        }
    }
}

impl Sink for StreamSyslog {
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError> {
        self.messages.clear();
        for outgoing in batch {
            self.message.clear();
            self.frame.write(stored(outgoing), &mut self.message);
            self.messages.extend_from_slice(format!("{} ", self.message.len()).as_bytes());
            self.messages.extend_from_slice(&self.message);
        }
        self.stream.write(&self.messages)?;
        Ok(Accepted { is_sure: !self.confirm, refused: None })
    }

    fn confirm(&mut self) -> Result<(), SinkError> {
        if self.confirm { self.stream.finish() } else { Ok(()) }
    }

    fn reopen(&mut self) {
        self.stream.abandon();
    }
}
