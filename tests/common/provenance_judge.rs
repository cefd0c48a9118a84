//! What must hold for any process tree: no panic, an install is proven only over recorded forks, and no argument's
//! secret reaches the line. Shared by the fuzz target and the replay of its seeds.
//!
//! A line is a process, the writer first: a letter that says how it is known, then its executable, directory, arguments
//! and `NAME=value` of its environment, with tabs between.

use jiff::Timestamp;
use mcpwatch::model::masking::mask_arguments;
use mcpwatch::model::process::{Ancestry, Elsewhere, Image, KEPT_VARIABLES, Process, ProcessId};
use mcpwatch::model::provenance::{Confidence, Method};
use mcpwatch::model::text::Text;
use mcpwatch::model::touch::Deed;
use mcpwatch::provenance::{DEFAULT_WINDOW, Facts, Identity, Through, Writer, judge};
use std::path::PathBuf;
use std::sync::Arc;

/// What must not be shown.
const SECRET: &str = "s3cReT9qZ4vLw7Xk2Jd8PmHb";

fn image(fields: &[&str]) -> Image {
    let at = |place: usize| fields.get(place).copied().unwrap_or_default();
    let words: Vec<&str> = at(2).split(' ').chain(["--token", SECRET]).collect();
    let environment = fields.iter().skip(3).filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let name = KEPT_VARIABLES.iter().find(|kept| **kept == name)?;
        Some((*name, Text::plain(value)))
    });
    let mut args = vec![Text::plain(words[0])];
    args.extend(mask_arguments(words[0], &words[1..]));
    Image {
        executable: (!at(0).is_empty()).then(|| PathBuf::from(at(0))),
        directory: Some(PathBuf::from(at(1))),
        args,
        environment: environment.collect(),
        ..Image::default()
    }
}

fn process(number: usize, line: &str) -> Process {
    let how = line.bytes().next().unwrap_or_default();
    let fields: Vec<&str> = line.get(1..).unwrap_or_default().split('\t').collect();
    let id = |number: usize| ProcessId { pid: u32::try_from(number).unwrap_or(0) + 2, start: 1 };
    Process {
        id: id(number),
        parent: Some(id(number + 1)),
        is_fork_seen: how != b's',
        started: None,
        ended: None,
        session: None,
        has_terminal: how == b't',
        credentials: None,
        is_traced: how == b'd',
        elsewhere: Elsewhere { has_own_pids: how == b'c', has_own_mounts: false },
        images: vec![Arc::new(image(&fields))],
    }
}

/// Judges the tree that the bytes describe.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if text.contains(&SECRET[..8]) {
        return; // a fuzzer that has found it by itself may write it where nothing is secret
    }
    let lines: Vec<&str> = text.lines().take(64).collect();
    let mut processes: Vec<Arc<Process>> =
        lines.iter().enumerate().map(|(number, line)| Arc::new(process(number, line))).collect();
    for at in 0..processes.len() {
        let inherited = processes.get(at + 1).and_then(|parent| parent.images.last().cloned());
        Arc::make_mut(&mut processes[at]).images.splice(0..0, inherited);
    }
    let is_lossless = !text.starts_with('!');
    let ancestry = Ancestry { processes: processes.clone(), is_whole: true, is_lossless };
    let writer = Writer {
        ancestry,
        deed: Some(Deed::Written),
        when: None,
        method: Method::Kernel,
        identity: Identity::Held,
        through: Through::Path,
    };
    let provenance = judge(&Facts {
        writers: &[writer],
        changed: Timestamp::UNIX_EPOCH,
        user: None,
        project: None,
        installs: &[],
        window: DEFAULT_WINDOW,
        handovers: &[],
        at_work: &[],
        is_client: &|_| false,
        manifest: &|_| None,
    });
    assert!(!provenance.line().contains(SECRET));
    assert!(provenance.install_confidence() <= provenance.confidence);
    if provenance.install_confidence() == Confidence::Proven {
        let manager = provenance.install.as_ref().and_then(|link| link.install.process);
        let depth = processes.iter().position(|process| Some(process.id) == manager).unwrap_or(0);
        assert!(is_lossless);
        assert!(processes.iter().take(depth).all(|process| process.is_fork_seen));
    }
}
