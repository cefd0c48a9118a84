//! What a judgement is made from. Must not know who gathers it.

use crate::model::install::Install;
use crate::model::process::{Ancestry, Process};
use crate::model::provenance::{Broker, InstallLink, Method};
use crate::model::touch::{Deed, Touch};
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
    /// What it did, where that is known.
    pub deed: Option<Deed>,
    /// When that was seen.
    pub when: Option<Timestamp>,
    /// How it became known.
    pub method: Method,
    /// How firmly.
    pub identity: Identity,
    /// By which way.
    pub through: Through,
}

impl Writer {
    /// The writer of a touch, with the ancestry that the record has for its number.
    pub fn of(touch: &Touch, ancestry: Ancestry, when: Option<Timestamp>) -> Self {
        let known = ancestry.process().map(|process| process.id);
        let is_it = known
            .is_some_and(|id| id.pid == touch.pid && touch.started.is_none_or(|start| start == id.start));
        let identity = if is_it && touch.started.is_some() {
            Identity::Held
        } else if is_it
            && ancestry.is_lossless
            && ancestry.process().is_some_and(|process| process.is_fork_seen)
        {
            Identity::Recorded
        } else {
            Identity::Guessed
        };
        let is_held = identity == Identity::Held && !touch.is_reaped;
        Self {
            // Of another process than the one that touched nothing is to be said.
            ancestry: if is_it { ancestry } else { Ancestry::default() },
            deed: Some(touch.deed),
            when,
            method: if is_held { Method::Kernel } else { Method::Record },
            identity,
            through: if touch.deed == Deed::ClosedWritable { Through::Mapping } else { Through::Path },
        }
    }
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
    /// Where nobody tells who wrote: the hooks that ran when the change was seen.
    pub at_work: &'f [InstallLink],
    /// How far back an install is still a candidate.
    pub window: SignedDuration,
    /// What was handed to brokers in that time.
    pub handovers: &'f [Handover],
    /// Recognises the client's program.
    pub is_client: ClientCheck<'f>,
    /// Reads the manifest of a directory.
    pub manifest: &'f dyn Fn(&Path) -> Option<Manifest>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::process::ProcessId;
    use std::sync::Arc;
    use std::time::Duration;

    fn ancestry(start: u64, is_fork_seen: bool, is_lossless: bool) -> Ancestry {
        let process = Process { is_fork_seen, ..Process::new(ProcessId { pid: 7, start }) };
        Ancestry { processes: vec![Arc::new(process)], is_whole: true, is_lossless }
    }

    fn touch(pid: u32, started: Option<u64>, deed: Deed) -> Touch {
        let is_reaped = started.is_none();
        Touch { file: Arc::from(Path::new("/f")), pid, started, deed, elapsed: Duration::ZERO, is_reaped }
    }

    #[test]
    fn a_number_is_only_as_firm_as_what_ties_it() {
        for (touched, record, method, identity, is_named) in [
            (touch(7, Some(9), Deed::Written), ancestry(9, true, true), Method::Kernel, Identity::Held, true),
            (
                touch(7, None, Deed::Written),
                ancestry(9, true, true),
                Method::Record,
                Identity::Recorded,
                true,
            ),
            (
                touch(7, None, Deed::Written),
                ancestry(9, true, false),
                Method::Record,
                Identity::Guessed,
                true,
            ),
            (
                touch(7, None, Deed::Written),
                ancestry(9, false, true),
                Method::Record,
                Identity::Guessed,
                true,
            ),
            (
                touch(7, Some(8), Deed::Written),
                ancestry(9, true, true),
                Method::Record,
                Identity::Guessed,
                false,
            ),
            (touch(0, None, Deed::Written), Ancestry::default(), Method::Record, Identity::Guessed, false),
        ] {
            let writer = Writer::of(&touched, record, None);
            assert_eq!((writer.method, writer.identity), (method, identity), "{touched:?}");
            assert_eq!(writer.ancestry.process().is_some(), is_named, "{touched:?}");
        }
        let mapped = Writer::of(&touch(7, Some(9), Deed::ClosedWritable), ancestry(9, true, true), None);
        assert_eq!(mapped.through, Through::Mapping);
    }
}
