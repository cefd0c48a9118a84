//! One process as the machine shows it now. Must not know what was before, nor who asks.
//!
//! Every field that another process could fake or hide is read as such: what is missing is missing, what is too
//! long is cut, and no two processes are ever mixed, even when one ends and its number is used again meanwhile.

mod arguments;
mod environment;
mod packages;

#[cfg(any(test, not(target_os = "linux")))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, target_os = "linux"))]
mod stat;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

use crate::model::process::{Credentials, Elsewhere, Image, ProcessId};
use std::path::PathBuf;

/// What the kernel itself knows of a process. Asking for it cannot be held up by the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Which one.
    pub id: ProcessId,
    /// Who would be told of its end now: another one than its forker, when that one is gone. 0 for nobody.
    pub parent: u32,
    /// The leader of its session.
    pub session: Option<u32>,
    /// Whether it has a terminal.
    pub has_terminal: bool,
    /// How many threads it has.
    pub threads: u32,
    /// Whether it has ended, and nobody has asked how yet.
    pub is_ended: bool,
    /// Where its stack begins, which is another place for every program that is run; 0 where that is not told.
    pub stack: u64,
    /// The name that the kernel keeps.
    pub name: String,
    /// Whose it is.
    pub credentials: Option<Credentials>,
    /// Whether another process watches it.
    pub is_traced: Option<bool>,
}

/// A process, with what it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What the kernel knows of it.
    pub facts: Facts,
    /// Where it lives.
    pub elsewhere: Elsewhere,
    /// What it runs.
    pub image: Image,
    /// Whether its command line was there to be read: not when it has ended, and never of the kernel's own.
    pub has_command_line: bool,
}

/// What the kernel knows of that process, if it is there.
pub fn facts(pid: u32) -> Option<Facts> {
    system::facts(pid)
}

/// When that process started, in clock ticks, if it is there.
pub fn started(pid: u32) -> Option<u64> {
    system::started(pid)
}

/// That process with what it runs, if it is there. A process can make its reader wait for ever, by placing its
/// arguments in memory that a file system of its own serves: ask on a thread that may be lost.
pub fn look(pid: u32) -> Option<Seen> {
    system::look(pid)
}

/// Like [`look`], but only what no event tells: neither whose it is nor whether it is watched.
pub fn glance(pid: u32) -> Option<Seen> {
    system::glance(pid)
}

/// Like [`glance`], but only what is needed to say which program it is: neither where it lives nor its directory and
/// environment.
pub fn skim(pid: u32) -> Option<Seen> {
    system::skim(pid)
}

/// The file that the process with that number executes, if it is there and ours to know. The process cannot hold that
/// up.
pub fn executable(pid: u32) -> Option<PathBuf> {
    system::executable(pid)
}

/// The numbers of all processes that are shown.
pub fn all() -> Vec<u32> {
    system::all()
}

/// How many clock ticks a second has, in which the start of a process is counted.
pub fn ticks_per_second() -> u64 {
    system::ticks_per_second()
}

/// Lets all others go before this thread, for work that has time.
pub fn dawdle() {
    system::dawdle();
}

/// Lets this thread go before others, where that is allowed: what it is to read may be gone in a millisecond.
pub fn hurry() {
    system::hurry();
}
