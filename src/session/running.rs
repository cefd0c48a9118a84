//! The client's processes that run now. Must not know what they have loaded.

use crate::host::clock::since_boot;
use crate::host::process::{self, Seen, ticks_per_second};
use crate::surface::claude_code::is_client_program;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// A process can hold up whoever looks at it; nobody waits longer than this for all of them.
const PATIENCE: Duration = Duration::from_secs(2);

/// Clients that were found and not taken yet; when no more fit, whoever looks waits.
const WAITING: usize = 64;

/// A process of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningClient {
    /// Its number.
    pub pid: u32,
    /// When it was started.
    pub started: Timestamp,
    /// Where it was started, or went since.
    pub directory: Option<PathBuf>,
}

/// The client's processes of that account, the oldest first; of every account where none is given. Those that could not
/// be looked at in time are left out.
pub fn running(owner: Option<u32>, now: Timestamp) -> Vec<RunningClient> {
    let (found, clients) = sync_channel(WAITING);
    // Once for all: looking takes a while, and none of them became older by it.
    let Ok(booted) = now.checked_sub(since_boot()) else { return Vec::new() };
    // It may be lost: a process places its arguments in memory that a file system of its own serves.
    let looking = thread::Builder::new().name("sessions".into()).spawn(move || {
        for pid in process::all() {
            let client = process::look(pid).and_then(|seen| client(&seen, owner, booted));
            if client.is_some_and(|client| found.send(client).is_err()) {
                return;
            }
        }
    });
    let mut all = Vec::new();
    if looking.is_ok() {
        let mut left = PATIENCE;
        let start = since_boot();
        while let Ok(client) = clients.recv_timeout(left) {
            all.push(client);
            left = PATIENCE.saturating_sub(since_boot().saturating_sub(start));
        }
    }
    all.sort_by_key(|client: &RunningClient| (client.started, client.pid));
    all
}

fn client(seen: &Seen, owner: Option<u32>, booted: Timestamp) -> Option<RunningClient> {
    let program = seen.image.executable.as_deref()?;
    let is_owners =
        owner.is_none_or(|owner| seen.facts.credentials.as_ref().is_some_and(|whose| whose.real == owner));
    if !is_client_program(program) || !is_owners || seen.facts.is_ended {
        return None;
    }
    let started = Duration::from_nanos(
        u64::try_from(u128::from(seen.facts.id.start) * 1_000_000_000 / u128::from(ticks_per_second()))
            .unwrap_or(u64::MAX),
    );
    Some(RunningClient {
        pid: seen.facts.id.pid,
        started: booted.checked_add(started).ok()?,
        directory: seen.image.directory.clone(),
    })
}
