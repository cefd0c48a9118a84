//! A process as `/proc` shows it. Must not know what was before.
//!
//! Everything is read through one descriptor of the process's directory, which leads to that process or, once it is
//! gone, to nothing: never to another one with the same number.

use super::arguments;
use super::environment::{Kept, MOST_LOOKED_THROUGH, Reading};
use super::stat::{Stat, stat, status};
use super::{Facts, Seen};
use crate::model::process::{Credentials, Elsewhere, FileId, Image, ProcessId};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, makedev, openat, readlinkat, statx};
use rustix::io::{Errno, read};
use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;
use std::sync::LazyLock;
use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id,
};

/// What a uid file says where nobody logged in.
const NOBODY: u32 = u32::MAX;
/// What the kernel says behind the path of a file that is gone.
const DELETED: &[u8] = b" (deleted)";
/// How much of an environment is read at once.
const CHUNK: usize = 32 << 10;

thread_local! {
    /// Room for what a file says, kept: a thread that reads a thousand processes a second would have the allocator
    /// move its heap's end for each.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn with_scratch<T>(then: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.resize(CHUNK, 0);
        then(scratch)
    })
}

/// Our own namespaces, which nothing changes, as their links say them. To follow the links would cost the kernel a file
/// each time.
static OWN: LazyLock<(Option<PathBuf>, Option<PathBuf>)> = LazyLock::new(|| {
    let own = Directory::open(std::process::id());
    let link = |name| own.as_ref().and_then(|own| own.link(name));
    (link("ns/pid"), link("ns/mnt"))
});

pub(super) fn facts(pid: u32) -> Option<Facts> {
    let directory = Directory::open(pid)?;
    let mut facts = facts_of(directory.stat()?);
    directory.add_owner(&mut facts);
    Some(facts)
}

pub(super) fn started(pid: u32) -> Option<u64> {
    Some(Directory::open(pid)?.stat()?.start)
}

pub(super) fn look(pid: u32) -> Option<Seen> {
    let directory = Directory::open(pid)?;
    let mut seen = directory.seen(true)?;
    directory.add_owner(&mut seen.facts);
    Some(seen)
}

pub(super) fn glance(pid: u32) -> Option<Seen> {
    Directory::open(pid)?.seen(true)
}

pub(super) fn skim(pid: u32) -> Option<Seen> {
    Directory::open(pid)?.seen(false)
}

pub(super) fn executable(pid: u32) -> Option<PathBuf> {
    let link = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let path = link.as_os_str().as_bytes();
    Some(PathBuf::from(OsString::from_vec(path.strip_suffix(DELETED).unwrap_or(path).to_vec())))
}

pub(super) fn all() -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

pub(super) fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second().max(1)
}

pub(super) fn hurry() {
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin);
    // The lowest of the real-time priorities. Where the processors are busy an ordinary thread that wakes waits for
    // another one's slice to end, for milliseconds, however nice the others are.
    if set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, policy).is_err()
        && let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), -10)
    {
        tracing::debug!(%error, "this thread goes before no other");
    }
}

pub(super) fn dawdle() {
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 19) {
        tracing::debug!(%error, "this thread goes before others");
    }
}

/// A process's directory.
struct Directory(OwnedFd);

impl Directory {
    fn open(pid: u32) -> Option<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(CWD, format!("/proc/{pid}"), flags, Mode::empty()).ok().map(Self)
    }

    fn open_file(&self, name: &str) -> Option<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        openat(&self.0, name, flags, Mode::empty()).ok()
    }

    /// As many bytes of a file as it has, up to `most`, handed on where they lie.
    fn bytes<T>(&self, name: &str, most: usize, then: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let file = self.open_file(name)?;
        with_scratch(|scratch| {
            let room = scratch.get_mut(..most)?;
            let length = loop {
                // These files give all they have at once, as far as there is room for it.
                match read(&file, &mut *room) {
                    Err(Errno::INTR) => {}
                    other => break other.ok()?,
                }
            };
            Some(then(room.get(..length)?))
        })
    }

    fn environment(&self) -> Option<Kept> {
        let file = self.open_file("environ")?;
        let mut reading = Reading::default();
        let mut passed = 0;
        with_scratch(|chunk| {
            while passed < MOST_LOOKED_THROUGH {
                match read(&file, &mut *chunk) {
                    Ok(0) => break,
                    Ok(length) => {
                        reading.take(chunk.get(..length).unwrap_or_default());
                        passed += length;
                        if length < chunk.len() {
                            break;
                        }
                    }
                    Err(Errno::INTR) => {}
                    Err(_) => break,
                }
            }
        });
        Some(reading.end())
    }

    /// What it runs; the whole of it, or what says which program it is.
    fn seen(&self, is_whole: bool) -> Option<Seen> {
        // What is gone first when the process ends, before what stays until somebody asks how it ended.
        let arguments = |bytes: &[u8]| (!bytes.is_empty()).then(|| arguments::masked(bytes));
        let command_line = self.bytes("cmdline", arguments::MOST + 1, arguments).flatten();
        let environment = is_whole.then(|| self.environment()).flatten();
        let executable = self.link("exe");
        let file = self.file("exe");
        let directory = is_whole.then(|| self.link("cwd")).flatten();
        let stat = self.stat()?;
        let elsewhere = if is_whole { self.elsewhere() } else { Elsewhere::default() };
        let has_command_line = command_line.is_some();
        let (args, is_cut) = command_line.unwrap_or_default();
        let is_gone = file.is_some_and(|(_, links)| links == 0);
        let image = Image {
            executable: executable.map(|path| if is_gone { undeleted(path) } else { path }),
            file: file.map(|(file, _)| file),
            name: stat.name.clone(),
            args,
            is_cut,
            directory,
            environment: environment.unwrap_or_default(),
        };
        Some(Seen { facts: facts_of(stat), elsewhere, image, has_command_line })
    }

    fn stat(&self) -> Option<Stat> {
        self.bytes("stat", 2048, stat)?
    }

    /// Whose it is, and whether it is watched.
    fn add_owner(&self, facts: &mut Facts) {
        let Some((uids, is_traced)) = self.bytes("status", 8192, status) else { return };
        let number = |text: &[u8]| str::from_utf8(text).ok()?.trim().parse().ok();
        let login = || self.bytes("loginuid", 16, number).flatten().filter(|uid| *uid != NOBODY);
        facts.credentials = uids.map(|(real, effective)| Credentials { real, effective, login: login() });
        facts.is_traced = Some(is_traced);
    }

    fn link(&self, name: &str) -> Option<PathBuf> {
        let path = readlinkat(&self.0, name, Vec::new()).ok()?.into_bytes();
        Some(PathBuf::from(OsString::from_vec(path)))
    }

    /// The file behind a link, and how many names it has. The file system is not asked again, since one that
    /// hangs would hang us.
    fn file(&self, name: &str) -> Option<(FileId, u32)> {
        let wanted = StatxFlags::INO | StatxFlags::NLINK;
        let file = statx(&self.0, name, AtFlags::STATX_DONT_SYNC, wanted).ok()?;
        let device = makedev(file.stx_dev_major, file.stx_dev_minor);
        Some((FileId { device, inode: file.stx_ino }, file.stx_nlink))
    }

    fn elsewhere(&self) -> Elsewhere {
        let differs = |own: &Option<PathBuf>, name| {
            own.as_ref().zip(self.link(name)).is_some_and(|(own, its)| *own != its)
        };
        Elsewhere { has_own_pids: differs(&OWN.0, "ns/pid"), has_own_mounts: differs(&OWN.1, "ns/mnt") }
    }
}

/// What that line tells.
fn facts_of(stat: Stat) -> Facts {
    Facts {
        id: ProcessId { pid: stat.pid, start: stat.start },
        parent: stat.parent,
        session: Some(stat.session).filter(|session| *session != 0),
        has_terminal: stat.terminal != 0,
        threads: stat.threads,
        is_ended: stat.is_ended,
        stack: stat.stack,
        name: stat.name,
        credentials: None,
        is_traced: None,
    }
}

/// The path without what the kernel adds.
fn undeleted(path: PathBuf) -> PathBuf {
    let bytes = path.as_os_str().as_bytes();
    match bytes.strip_suffix(DELETED) {
        Some(bytes) => PathBuf::from(OsString::from_vec(bytes.to_vec())),
        None => path,
    }
}
