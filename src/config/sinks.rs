//! The sinks of the configuration file: which there are, what each wants and where it leads. Pure; must not know how
//! anything is delivered.

mod address;
mod options;
mod reading;
mod target;

pub use self::address::Address;
pub use self::target::{FileTarget, OtlpTarget, SyslogTarget, Target, Tls, Token, Transport};

use crate::model::selection::Selection;
use std::time::Duration;

pub(super) use self::reading::sinks;

/// Where a sink that is new begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Begin {
    /// With the oldest event that is in the journal.
    #[default]
    Beginning,
    /// With the next event.
    End,
}

/// One sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkConfig {
    /// Its name: what it has taken is remembered under it.
    pub name: String,
    /// Which events it wants.
    pub selection: Selection,
    /// Where it begins when it is new.
    pub begin: Begin,
    /// The most events that it gets at once.
    pub batch: usize,
    /// How long one delivery may take.
    pub timeout: Duration,
    /// Where it leads.
    pub target: Target,
}
