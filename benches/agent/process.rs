//! What the kernel says of a process: memory, processor time, how often its threads slept. Knows nothing of whose
//! process it is.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// Kilobytes of one line of `/proc/PID/status`, such as `VmRSS` or `VmHWM`.
pub(crate) fn memory(pid: u32, name: &str) -> u64 {
    line(&format!("/proc/{pid}/status"), name)
}

/// Kilobytes that are its share: what it has alone, and its part of what it has with others.
pub(crate) fn proportional(pid: u32) -> u64 {
    line(&format!("/proc/{pid}/smaps_rollup"), "Pss")
}

/// Processor time, its own and the kernel's for it.
pub(crate) fn processor_time(pid: u32) -> Duration {
    /// USER_HZ, which is 100 on every Linux that one meets.
    const TICKS: u64 = 100;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// How often each thread slept by its own will, with its name.
pub(crate) fn sleeps(pid: u32) -> BTreeMap<String, u64> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks
        .map(|task| {
            let path = task.path().display().to_string();
            let name = fs::read_to_string(format!("{path}/comm")).unwrap_or_default();
            let id = task.file_name().display().to_string();
            (format!("{} {id}", name.trim()), line(&format!("{path}/status"), "voluntary_ctxt_switches"))
        })
        .collect()
}

fn line(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.split(':').next() == Some(name));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
