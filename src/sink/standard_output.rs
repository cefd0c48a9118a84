//! Standard output, line by line. Must not know who reads it.

use super::format::line;
use super::{Accepted, Sink, SinkError};
use crate::model::line::Format;
use crate::model::outgoing::Outgoing;
use std::io::Write as _;

/// Standard output.
pub struct StdoutSink {
    format: Format,
    lines: Vec<u8>,
}

impl StdoutSink {
    /// Lines of that format.
    pub fn new(format: Format) -> Self {
        Self { format, lines: Vec::new() }
    }
}

impl Sink for StdoutSink {
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError> {
        self.lines.clear();
        batch.iter().for_each(|outgoing| line(self.format, outgoing, &mut self.lines));
        let mut out = std::io::stdout().lock();
        out.write_all(&self.lines)
            .and_then(|()| out.flush())
            .map_err(|error| SinkError::failed(format!("standard output cannot be written: {error}")))?;
        // Whoever reads it has it, or nobody has.
        Ok(Accepted { is_sure: true, refused: None })
    }
}
