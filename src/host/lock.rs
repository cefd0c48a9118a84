//! The agent's lock: held by one process, gone with it however it goes, and saying who holds it. Must not
//! know what the announcement means.

use super::private_dir::{PrivateDir, require_ours};
use super::private_file::identity;
use super::refusal::Refusal;
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

const NAME: &str = "agent.lock";
/// The most that is read of an announcement.
const CAP: u64 = 1 << 20;
/// A reader tries the lock for a moment; so a holder-to-be tries again before it gives up.
const TRIES: u32 = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another agent has it.
    #[error("another agent runs on this state directory{}: stop it first, or use another --state", who(.pid))]
    Held {
        /// Which process, where it says so.
        pid: Option<u64>,
    },
    /// The lock file cannot be used.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

fn who(pid: &Option<u64>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

/// The lock, as long as this lives.
#[derive(Debug)]
pub struct AgentLock {
    file: File,
    path: std::path::PathBuf,
}

impl AgentLock {
    /// Takes the lock of that state directory, which is made where it is missing.
    pub fn acquire(state: &Path) -> Result<Self, LockError> {
        let dir = PrivateDir::make(state)?;
        let path = dir.join(NAME);
        let flags = OFlags::RDWR | OFlags::CREATE;
        let file = open(&path, flags).map_err(|error| Refusal::from_io(&path, &error))?;
        let metadata = file.metadata().map_err(|error| Refusal::from_io(&path, &error))?;
        require_ours(&path, &metadata, 0o600)?;
        for attempt in 1.. {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if attempt < TRIES => sleep(PAUSE),
                Err(Errno::AGAIN) => return Err(LockError::Held { pid: written(&file).and_then(pid_of) }),
                Err(errno) => return Err(Refusal::from_io(&path, &errno.into()).into()),
            }
        }
        let mut lock = Self { file, path };
        lock.write(Map::new(), false)?;
        Ok(lock)
    }

    /// Says that the agent is ready, and what it has to say of itself; `pid` is added. Only from now on does
    /// [`AgentLock::holder`] see it; a later announcement replaces an earlier one.
    pub fn announce(&mut self, announcement: Map<String, Value>) -> Result<(), LockError> {
        self.write(announcement, true)
    }

    /// What the running agent of that state directory announced; `None` when none runs or it is not ready.
    pub fn holder(state: &Path) -> Option<Map<String, Value>> {
        let dir = PrivateDir::verify(state).ok()??;
        let path = dir.join(NAME);
        let file = open(&path, OFlags::RDONLY).ok()?;
        require_ours(&path, &file.metadata().ok()?, 0o600).ok()?;
        if flock(&file, FlockOperation::NonBlockingLockShared) != Err(Errno::AGAIN) {
            return None; // Closing the file gives the lock back.
        }
        // Half a line is an announcement that is being written.
        let mut said = written(&file);
        for _ in 0..3 {
            if said.is_some() {
                break;
            }
            sleep(PAUSE / 4);
            said = written(&file);
        }
        let mut said = said?;
        let is_ready = said.remove("ready") == Some(Value::Bool(true));
        // Whoever holds the lock may have only just taken it, and what stands there is of one that was killed.
        let pid = said.get("pid").and_then(Value::as_u64)?;
        let is_its_own = said.remove("started") == Some(started(pid));
        (is_ready && is_its_own).then_some(said)
    }

    /// Takes the lock again where the file that was locked no longer has its name, so that others go on seeing who
    /// runs; says whether it was so.
    pub fn follow(&mut self) -> Result<bool, LockError> {
        use std::os::unix::fs::MetadataExt as _;
        let held = self.file.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()));
        if held.is_some() && held == identity(&self.path) {
            return Ok(false);
        }
        *self = Self::acquire(self.path.parent().unwrap_or(&self.path))?;
        Ok(true)
    }

    fn write(&mut self, mut said: Map<String, Value>, is_ready: bool) -> Result<(), LockError> {
        said.insert("pid".into(), std::process::id().into());
        said.insert("started".into(), started(std::process::id().into()));
        said.insert("ready".into(), is_ready.into());
        let line = format!("{}\n", Value::Object(said));
        self.replace(line.as_bytes()).map_err(|error| Refusal::from_io(&self.path, &error).into())
    }

    fn replace(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(line)?;
        self.file.set_len(line.len() as u64)
    }
}

/// When a process started, in the kernel's own ticks: with its number it is that process and no later one. `null`
/// where there is no such process, or no `/proc`.
fn started(pid: u64) -> Value {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name may hold anything, spaces and brackets too; field 22 is the 20th after it (proc_pid_stat(5)).
    let ticks = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(19));
    ticks.and_then(|ticks| ticks.parse::<u64>().ok()).into()
}

fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))?.into())
}

/// The first line of the file, when it is whole.
fn written(file: &File) -> Option<Map<String, Value>> {
    let mut file = file;
    file.rewind().ok()?;
    let mut text = String::new();
    file.take(CAP).read_to_string(&mut text).ok()?;
    serde_json::from_str(text.split_once('\n')?.0).ok()
}

fn pid_of(said: Map<String, Value>) -> Option<u64> {
    said.get("pid")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(since: &str) -> Map<String, Value> {
        Map::from_iter([("since".to_owned(), Value::from(since))])
    }

    #[test]
    fn is_seen_once_it_is_announced_and_gone_with_its_holder() {
        let root = tempfile::tempdir().unwrap();
        let state = root.path().join("state");
        assert_eq!(AgentLock::holder(&state), None);
        let mut lock = AgentLock::acquire(&state).unwrap();
        assert_eq!(AgentLock::holder(&state), None, "not ready yet");
        lock.announce(announcement("a much longer text than the next one")).unwrap();
        lock.announce(announcement("now")).unwrap();
        let said = AgentLock::holder(&state).unwrap();
        assert_eq!(said["since"], "now");
        assert_eq!(said["pid"], std::process::id());
        let refused = AgentLock::acquire(&state).unwrap_err().to_string();
        assert!(refused.contains(&format!("(process {})", std::process::id())), "{refused}");
        drop(lock);
        assert_eq!(AgentLock::holder(&state), None);
        let _again = AgentLock::acquire(&state).unwrap();
        assert_eq!(AgentLock::holder(&state), None, "an old announcement is not ours");
    }

    #[test]
    fn is_taken_again_where_its_directory_was_moved_away() {
        let root = tempfile::tempdir().unwrap();
        let state = root.path().join("state");
        let mut lock = AgentLock::acquire(&state).unwrap();
        assert!(!lock.follow().unwrap(), "it is where it was");
        std::fs::rename(&state, root.path().join("away")).unwrap();
        assert!(lock.follow().unwrap());
        assert!(matches!(AgentLock::acquire(&state), Err(LockError::Held { .. })));
        drop(AgentLock::acquire(&root.path().join("away")).unwrap());
    }
}
