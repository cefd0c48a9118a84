//! The client's processes that run now, and which session each has open. Must not know what they have loaded.

use crate::host::clock::{booted, since_boot};
use crate::host::files::Files;
use crate::host::fs_identity::{self, FsIdentity};
use crate::host::process::{self, Seen, ticks_per_second};
use crate::model::running_client::RunningClient;
use crate::surface::claude_code::is_client_program;
use jiff::Timestamp;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// Clients that were found and not taken yet; when no more fit, whoever looks waits.
const WAITING: usize = 64;

/// What the client says of a process of its own is a few hundred bytes long.
const CAP: u64 = 64 << 10;

/// A longer name of a session is none.
const LONGEST: usize = 128;

/// Whose clients are looked for, and where those say which session they have open.
pub struct Place {
    /// The files.
    pub files: &'static dyn Files,
    /// The account; every account where none is given.
    pub owner: Option<u32>,
    /// The directories (`~/.claude/sessions`), read with that account's rights.
    pub sessions: Vec<PathBuf>,
}

/// What the client says of a process of its own, in `<pid>.json` (seen on 2.1.329).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    session_id: String,
    /// When it was started, in clock ticks: the number alone may be another process's by now.
    proc_start: Option<String>,
}

/// The client's processes, the oldest first. Those that could not be looked at within `patience` are left out.
pub fn running(place: Place, patience: Duration) -> Vec<RunningClient> {
    let (found, clients) = sync_channel(WAITING);
    // Once for all: looking takes a while, and none of them became older by it.
    let booted = booted();
    // It may be lost: a process places its arguments in memory that a file system of its own serves.
    let looking = thread::Builder::new().name("sessions".into()).spawn(move || {
        let identity = place.owner.and_then(FsIdentity::of);
        for pid in process::all() {
            // Most are something else, and to see that costs little and cannot be held up.
            if !process::executable(pid).is_some_and(|program| is_client_program(&program)) {
                continue;
            }
            let client = process::look(pid).and_then(|seen| client(&seen, &place, booted));
            let Some((mut client, start)) = client else { continue };
            client.session = fs_identity::with(identity.as_ref(), || place.session(client.pid, start));
            if found.send(client).is_err() {
                return;
            }
        }
    });
    let mut all = Vec::new();
    if looking.is_ok() {
        let mut left = patience;
        let start = since_boot();
        while let Ok(client) = clients.recv_timeout(left) {
            all.push(client);
            left = patience.saturating_sub(since_boot().saturating_sub(start));
        }
    }
    all.sort_by_key(|client: &RunningClient| (client.started, client.pid));
    all
}

fn client(seen: &Seen, place: &Place, booted: Timestamp) -> Option<(RunningClient, u64)> {
    let program = seen.image.executable.as_deref()?;
    let is_owners = place
        .owner
        .is_none_or(|owner| seen.facts.credentials.as_ref().is_some_and(|whose| whose.real == owner));
    if !is_client_program(program) || !is_owners || seen.facts.is_ended {
        return None;
    }
    let start = seen.facts.id.start;
    let after_boot = Duration::from_nanos(
        u64::try_from(u128::from(start) * 1_000_000_000 / u128::from(ticks_per_second())).unwrap_or(u64::MAX),
    );
    let client = RunningClient {
        pid: seen.facts.id.pid,
        started: booted.checked_add(after_boot).ok()?,
        session: None,
        directory: seen.image.directory.clone(),
    };
    Some((client, start))
}

impl Place {
    /// The session that the process with that number, started at that tick, says it has open.
    fn session(&self, pid: u32, start: u64) -> Option<String> {
        let said = |directory: &PathBuf| self.said(&directory.join(format!("{pid}.json")), start);
        self.sessions.iter().find_map(said)
    }

    fn said(&self, file: &Path, start: u64) -> Option<String> {
        let contents = self.files.read(file, CAP).ok()?;
        let said: Said = serde_json::from_slice(&contents.bytes).ok()?;
        let is_its = said.proc_start.is_none_or(|said| said.parse() == Ok(start));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_name = (1..=LONGEST).contains(&said.session_id.len()) && said.session_id.bytes().all(plain);
        (is_its && is_name).then_some(said.session_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeFiles;

    fn said(text: &str, start: u64) -> Option<String> {
        let files: &'static FakeFiles = Box::leak(Box::default());
        files.write(Path::new("/h/.claude/sessions/7.json"), text);
        let place =
            Place { files, owner: None, sessions: vec!["/none".into(), "/h/.claude/sessions".into()] };
        place.session(7, start)
    }

    #[test]
    fn the_session_is_what_the_process_says_and_no_other_one_that_had_its_number() {
        let text =
            r#"{"pid":7,"sessionId":"74aaeea6-1321","cwd":"/p","procStart":"4466866","peerProtocol":1}"#;
        assert_eq!(said(text, 4_466_866).as_deref(), Some("74aaeea6-1321"));
        assert_eq!(said(text, 4_466_867), None);
        assert_eq!(said(&text.replace("74aa", "\\u001b[2J"), 4_466_866), None, "no name of a session");
        assert_eq!(said(&text.replace("74aa", &"a".repeat(LONGEST)), 4_466_866), None);
        assert_eq!(said("[1", 1), None);
    }
}
