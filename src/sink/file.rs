//! A file of lines, rotated by size and age. Must not know what the lines say.

use super::format::line;
use super::{Accepted, Sink, SinkError};
use crate::config::FileTarget;
use crate::host::appended::Appended;
use crate::host::clock::Clock;
use crate::host::refusal::Refusal;
use crate::model::outgoing::Outgoing;
use jiff::SignedDuration;

/// The file of one sink.
pub struct FileSink {
    target: FileTarget,
    clock: &'static dyn Clock,
    file: Option<Appended>,
    lines: Vec<u8>,
}

impl FileSink {
    /// Opens nothing yet.
    pub fn new(target: FileTarget, clock: &'static dyn Clock) -> Self {
        Self { target, clock, file: None, lines: Vec::new() }
    }

    /// The file to append to, with room for so many bytes.
    fn file(&mut self, bytes: u64) -> Result<&mut Appended, Refusal> {
        let now = self.clock.now();
        // Somebody else may have rotated it.
        let mut file = match self.file.take().filter(Appended::has_its_name) {
            Some(file) => file,
            None => Appended::open(&self.target.path, now)?,
        };
        let is_full = self.target.max_size > 0 && file.length() + bytes > self.target.max_size;
        let oldest = self.target.max_age.and_then(|age| SignedDuration::try_from(age).ok());
        let is_old = oldest.is_some_and(|age| now.duration_since(file.begun()) > age);
        if file.length() > 0 && (is_full || is_old) {
            file.rotate(self.target.keep)?;
            file = Appended::open(&self.target.path, now)?;
        }
        Ok(self.file.insert(file))
    }
}

impl Sink for FileSink {
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError> {
        let mut lines = std::mem::take(&mut self.lines);
        lines.clear();
        batch.iter().for_each(|outgoing| line(self.target.format, outgoing, &mut lines));
        let appended = self.file(lines.len() as u64).and_then(|file| file.append(&lines));
        self.lines = lines;
        // What could not be written is cut back when it is opened again.
        appended.inspect_err(|_| self.file = None).map_err(failed)?;
        Ok(Accepted::default())
    }

    fn confirm(&mut self) -> Result<(), SinkError> {
        self.file.as_ref().map_or(Ok(()), Appended::sync).map_err(failed)
    }

    fn reopen(&mut self) {
        self.file = None;
    }
}

fn failed(refusal: Refusal) -> SinkError {
    SinkError::failed(refusal.to_string())
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
