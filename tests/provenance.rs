//! Who did it: recorded trees of real package managers, the table in `docs/provenance.md`, and what no forgery may
//! bring about.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

#[path = "provenance/forgeries.rs"]
mod forgeries;
#[path = "provenance/managers.rs"]
mod managers;
#[path = "provenance/table.rs"]
mod table;
#[path = "provenance/trees.rs"]
mod trees;

use jiff::Timestamp;
use mcpwatch::model::install::Install;
use mcpwatch::model::process::{Ancestry, FileId, Process};
use mcpwatch::model::provenance::{Method, Provenance};
use mcpwatch::model::touch::Deed;
use mcpwatch::provenance::{
    DEFAULT_WINDOW, Facts, Handover, Identity, Manifest, Through, Writer, install_of, judge,
};
use std::path::Path;

/// The client's program in every case.
const CLIENT: FileId = FileId { device: 1, inode: 4242 };

/// What one judgement is made from.
struct Case {
    writers: Vec<Writer>,
    installs: Vec<Install>,
    handovers: Vec<Handover>,
    at_work: Vec<Ancestry>,
    manifest: Option<Manifest>,
}

impl Case {
    /// The plain case: this process wrote, everything was seen.
    fn by(ancestry: Ancestry) -> Self {
        let writer = Writer {
            ancestry,
            deed: Some(Deed::Written),
            when: Some(now()),
            method: Method::Kernel,
            identity: Identity::Held,
            through: Through::Path,
        };
        Self {
            writers: vec![writer],
            installs: Vec::new(),
            handovers: Vec::new(),
            at_work: Vec::new(),
            manifest: None,
        }
    }

    fn writer(&mut self) -> &mut Writer {
        self.writers.last_mut().unwrap()
    }
}

fn now() -> Timestamp {
    "2026-05-10T12:00:00Z".parse().unwrap()
}

/// Judges the case, with the images that processes inherited.
fn judged(case: &Case) -> Provenance {
    let told = |one: &Ancestry| trees::with_inherited(one.clone());
    let writers =
        case.writers.iter().map(|one| Writer { ancestry: told(&one.ancestry), ..one.clone() }).collect();
    let handovers = case.handovers.iter().map(|one| Handover { by: told(&one.by), ..one.clone() }).collect();
    judged_as_it_is(&Case {
        writers,
        handovers,
        installs: case.installs.clone(),
        at_work: case.at_work.iter().map(told).collect(),
        manifest: case.manifest.clone(),
    })
}

fn judged_as_it_is(case: &Case) -> Provenance {
    let is_client = |process: &Process| process.image().and_then(|image| image.file) == Some(CLIENT);
    let manifest = |_: &Path| case.manifest.clone();
    let at_work: Vec<_> = case.at_work.iter().filter_map(|hook| install_of(hook, &manifest)).collect();
    judge(&Facts {
        writers: &case.writers,
        changed: now(),
        user: Some(1000),
        project: None,
        installs: &case.installs,
        window: DEFAULT_WINDOW,
        handovers: &case.handovers,
        at_work: &at_work,
        is_client: &is_client,
        manifest: &manifest,
    })
}
