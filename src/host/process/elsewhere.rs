//! A process as any other system shows it, through `sysinfo`. Must not know what was before.

use super::environment::{Kept, Reading};
use super::{Facts, Seen, arguments};
use crate::model::process::{Credentials, Elsewhere, FileId, Image, ProcessId};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

#[cfg_attr(test, allow(dead_code, reason = "a test on Linux asks for the whole only"))]
pub(super) fn facts(pid: u32) -> Option<Facts> {
    with(pid, ProcessRefreshKind::nothing().with_user(UpdateKind::Always), |process| facts_of(pid, process))
}

#[cfg_attr(test, allow(dead_code, reason = "a test on Linux asks for the whole only"))]
pub(super) fn started(pid: u32) -> Option<u64> {
    with(pid, ProcessRefreshKind::nothing(), Process::start_time)
}

pub(super) fn look(pid: u32) -> Option<Seen> {
    let kind = ProcessRefreshKind::nothing()
        .with_user(UpdateKind::Always)
        .with_cmd(UpdateKind::Always)
        .with_cwd(UpdateKind::Always)
        .with_environ(UpdateKind::Always)
        .with_exe(UpdateKind::Always);
    with(pid, kind, |process| {
        let mut line = Vec::new();
        for argument in process.cmd() {
            line.extend_from_slice(argument.as_bytes());
            line.push(0);
        }
        let (args, is_cut) = arguments::masked(&line);
        let executable = process.exe().map(std::path::Path::to_path_buf);
        let file = executable.as_ref().and_then(|path| fs::metadata(path).ok());
        let image = Image {
            file: file.map(|file| FileId { device: file.dev(), inode: file.ino() }),
            executable,
            name: process.name().to_string_lossy().into_owned(),
            args,
            is_cut,
            directory: process.cwd().map(std::path::Path::to_path_buf),
            environment: kept(process),
        };
        let has_command_line = !line.is_empty();
        Seen { facts: facts_of(pid, process), elsewhere: Elsewhere::default(), image, has_command_line }
    })
}

#[cfg_attr(test, allow(dead_code, reason = "nothing here is told by events"))]
pub(super) fn glance(pid: u32) -> Option<Seen> {
    look(pid)
}

#[cfg_attr(test, allow(dead_code, reason = "nothing here is told by events"))]
pub(super) fn skim(pid: u32) -> Option<Seen> {
    look(pid)
}

#[cfg_attr(test, allow(dead_code, reason = "a test on Linux asks for the whole only"))]
pub(super) fn executable(pid: u32) -> Option<std::path::PathBuf> {
    let kind = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always);
    with(pid, kind, |process| process.exe().map(std::path::Path::to_path_buf)).flatten()
}

#[cfg_attr(test, allow(dead_code, reason = "a test on Linux asks for one process only"))]
pub(super) fn all() -> Vec<u32> {
    let Ok(mut system) = System::new() else { return Vec::new() };
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, ProcessRefreshKind::nothing());
    system.processes().keys().map(|pid| pid.as_u32()).collect()
}

/// Seconds are what there is.
#[cfg_attr(test, allow(dead_code, reason = "Linux has its own"))]
pub(super) fn ticks_per_second() -> u64 {
    1
}

#[cfg_attr(test, allow(dead_code, reason = "Linux has its own"))]
pub(super) fn hurry() {}

#[cfg_attr(test, allow(dead_code, reason = "Linux has its own"))]
pub(super) fn dawdle() {}

fn with<T>(pid: u32, kind: ProcessRefreshKind, then: impl FnOnce(&Process) -> T) -> Option<T> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    system.process(pid).map(then)
}

fn facts_of(pid: u32, process: &Process) -> Facts {
    let credentials = process.user_id().map(|real| Credentials {
        real: **real,
        effective: process.effective_user_id().map_or(**real, |effective| **effective),
        login: None,
    });
    Facts {
        id: ProcessId { pid, start: process.start_time() },
        parent: process.parent().map_or(0, Pid::as_u32),
        // A leader in another pid namespace has no number here.
        session: process.session_id().map(Pid::as_u32).filter(|&leader| leader != 0),
        has_terminal: false,
        threads: 1,
        is_ended: matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead),
        stack: 0,
        name: process.name().to_string_lossy().into_owned(),
        credentials,
        is_traced: None,
    }
}

fn kept(process: &Process) -> Kept {
    let mut reading = Reading::default();
    for variable in process.environ() {
        reading.take(variable.as_bytes());
        reading.take(b"\0");
    }
    reading.end()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    /// The two ways of reading hold each other true.
    #[test]
    fn both_ways_say_the_same() {
        let mut child = Command::new("/bin/cat")
            .arg("-")
            .env_clear()
            .env("npm_package_name", "left-pad")
            .env("GITHUB_TOKEN", "no")
            .current_dir("/usr")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // A child that is just being started changes its name, arguments and environment one after the
        // other. One that answers is all there.
        child.stdin.as_mut().unwrap().write_all(b"?").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let mut own = super::super::linux::look(child.id()).unwrap();
        let mut other = look(child.id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(own.image.environment.len(), 1);
        assert_eq!(own.facts.parent, std::process::id());
        // What this way cannot know, and what it counts from another beginning.
        other.facts.id.start = own.facts.id.start;
        other.facts.has_terminal = own.facts.has_terminal;
        other.facts.stack = own.facts.stack;
        other.facts.is_traced = own.facts.is_traced;
        own.facts.credentials = own.facts.credentials.map(|uids| Credentials { login: None, ..uids });
        assert_eq!(own, other);
    }
}
