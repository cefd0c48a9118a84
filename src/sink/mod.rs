//! Where events go: one file for each kind of sink. One batch out, or an error. Must not know where events come from,
//! what was sent before, nor when to try again.

mod connection;
mod datagram;
mod file;
mod format;
mod journald;
mod otlp;
mod proof;
mod said;
#[cfg(test)]
pub(crate) mod samples;
mod standard_output;
mod stream;
mod syslog;

pub use self::file::FileSink;
pub use self::journald::JournaldSink;
pub use self::otlp::OtlpSink;
pub use self::standard_output::StdoutSink;
pub use self::syslog::{DatagramSyslog, StreamSyslog};

use crate::model::outgoing::Outgoing;
use std::time::Duration;

/// Something that takes events.
pub trait Sink: Send {
    /// Hands over a batch, in its order.
    ///
    /// # Errors
    /// Why not all of it was taken. It is handed over again then, so that some of it may come twice.
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError>;

    /// Makes sure that all that was handed over has arrived.
    ///
    /// # Errors
    /// Why that is not sure. All since the last time is handed over again then.
    fn confirm(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Opens anew what is open: somebody may have put another file or another certificate there.
    fn reopen(&mut self) {}
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Whether it has arrived for sure, without [`Sink::confirm`].
    pub is_sure: bool,
    /// How many events of it the receiver does not want, now or ever, and why.
    pub refused: Option<(u64, String)>,
}

/// Why a batch was not taken. Each is one sentence and holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It may be taken later.
    #[error("{why}")]
    Failed {
        /// What went wrong, and what to do about it.
        why: String,
        /// Not before that time, says the receiver.
        after: Option<Duration>,
    },
    /// It will never be taken as it is.
    #[error("{0}")]
    Refused(String),
}

impl SinkError {
    /// What may be tried again.
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into(), after: None }
    }
}
