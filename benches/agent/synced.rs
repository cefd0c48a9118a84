//! When the agent's commits were on the disk, by the kernel's own clock: what is told comes after that, and has threads
//! and a pipe to pass. Needs root, the kernel's tracing and ext4; knows nothing of what is committed.

use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const TRACING: &str = "/sys/kernel/tracing";

/// The end of every wait for the disk, as the kernel notes it. It costs who waits nothing that could be measured.
pub(crate) struct Synced(PathBuf);

impl Synced {
    /// Notes those of that process's first thread; why not, as a sentence.
    pub(crate) fn of(pid: u32) -> Result<Self, String> {
        let own = Self(Path::new(TRACING).join("instances").join(format!("mcpwatch-bench-{pid}")));
        fs::create_dir(&own.0).map_err(|error| format!("{TRACING}: {error}"))?;
        let event = "events/ext4/ext4_sync_file_exit";
        let filter = (format!("{event}/filter"), format!("common_pid == {pid}"));
        let all = [
            ("trace_clock".to_owned(), "mono".to_owned()),
            filter,
            (format!("{event}/enable"), "1".to_owned()),
        ];
        for (name, value) in all {
            fs::write(own.0.join(&name), value).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(own)
    }

    /// When they ended, in order, by the clock of [`now`].
    pub(crate) fn ends(&self) -> Vec<Duration> {
        let trace = fs::read_to_string(self.0.join("trace")).unwrap_or_default();
        let of_event = |line: &str| {
            let (before, _) = line.split_once(": ext4_sync_file_exit:")?;
            before.rsplit(' ').next()?.parse().ok().map(Duration::from_secs_f64)
        };
        trace.lines().filter_map(of_event).collect()
    }
}

impl Drop for Synced {
    fn drop(&mut self) {
        let _gone = fs::remove_dir(&self.0);
    }
}

/// The time by the clock that the notes have.
pub(crate) fn now() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}
