//! What a judgement is made from. Must not know who gathers it.

use crate::model::install::Install;
use crate::model::process::{Ancestry, Process};
use crate::model::provenance::{Broker, Deed, Method};
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};

/// How firmly a touch is tied to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// It was held (a pidfd) while it was looked at: it cannot have been another one.
    Held,
    /// It had ended. The record, which lost nothing, knows exactly one process that had the number then.
    Recorded,
    /// The number is all there is: it may have been used again.
    Guessed,
}

/// By which way a change came into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// By opening or naming it.
    Path,
    /// Through memory that is mapped from it.
    Mapping,
    /// Through a descriptor that another process had opened.
    Descriptor,
}

/// Somebody who touched the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Writer {
    /// Who, with what it descends from.
    pub ancestry: Ancestry,
    /// What it did.
    pub deed: Deed,
    /// When that was seen.
    pub when: Option<Timestamp>,
    /// How it became known.
    pub method: Method,
    /// How firmly.
    pub identity: Identity,
    /// By which way.
    pub through: Through,
}

/// What a package says of itself in its own directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Which file says it.
    pub file: PathBuf,
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// Somebody asked a broker to run something: called its client, or wrote its unit or its table.
#[derive(Clone, Debug, PartialEq)]
pub struct Handover {
    /// Which broker.
    pub broker: Broker,
    /// Who asked, with what it descends from.
    pub by: Ancestry,
    /// When.
    pub when: Timestamp,
}

/// Whether the file that a process executes is the client: the same device and inode as one whose digest is known.
pub type ClientCheck<'f> = &'f dyn Fn(&Process) -> bool;

/// Everything that a judgement is made from.
#[derive(Clone, Copy)]
pub struct Facts<'f> {
    /// Who touched the file since it was read before, oldest first. The last one made what stands.
    pub writers: &'f [Writer],
    /// When the change was seen.
    pub changed: Timestamp,
    /// The account whose file it is.
    pub user: Option<u32>,
    /// The project that the file belongs to.
    pub project: Option<&'f Path>,
    /// Installs that are known from the journal and from receipts.
    pub installs: &'f [Install],
    /// How far back an install is still a candidate.
    pub window: SignedDuration,
    /// What was handed to brokers in that time.
    pub handovers: &'f [Handover],
    /// Recognises the client's program.
    pub is_client: ClientCheck<'f>,
    /// Reads the manifest of a directory.
    pub manifest: &'f dyn Fn(&Path) -> Option<Manifest>,
}
