//! Where there is no process connector: nothing can be opened. Must not do anything else.

use super::{Moment, Received};
use std::convert::Infallible;
use std::time::Duration;

/// There is none.
#[derive(Debug)]
pub struct Connector(Infallible);

/// There is none.
#[derive(Debug)]
pub struct Alarm(Infallible);

impl Connector {
    /// Says that there is none.
    ///
    /// # Errors
    /// Always.
    pub fn open(_buffer: usize) -> Result<Self, String> {
        Err("refused: this system has no process connector".into())
    }

    /// What did not go as it should, in a sentence.
    pub fn note(&self) -> Option<&str> {
        match self.0 {}
    }

    /// What there is to receive.
    pub fn receive(&self) -> Received {
        match self.0 {}
    }

    /// Waits until there is something to receive, or the alarm was set off.
    pub fn wait(&self, _alarm: &Alarm, _most: Duration) {
        match self.0 {}
    }
}

impl Alarm {
    /// There is none.
    ///
    /// # Errors
    /// Always.
    pub fn new() -> Result<Self, String> {
        Err("refused: this system has no process connector".into())
    }

    /// Sets it off, until somebody hears it.
    pub fn ring(&self) {
        match self.0 {}
    }
}

/// Now.
pub fn now() -> Moment {
    Moment { running: 0, boot: 0, wall: jiff::Timestamp::now().as_microsecond() }
}
