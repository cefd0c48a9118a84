//! This program once more, as somebody else: a process with all of an account's ids and none of our rights, files or
//! secrets, which does one thing and ends. Must not know what it does.
//!
//! What hangs there (a network file system, one of the account's own making) hangs the deputy: it is waited for so
//! long and then killed.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// How long a deputy may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// No answer is longer.
const CAP: u64 = 1 << 20;
/// The running program itself, whatever its file is called by now.
const SELF: &str = "/proc/self/exe";

/// Runs `command` of this program as that account, with `input`; gives what it says.
///
/// # Errors
/// When it cannot be started, or does not answer in time: it is killed then.
pub fn ask(command: &str, uid: u32, gid: u32, input: Vec<u8>) -> io::Result<Vec<u8>> {
    // With the ids the supplementary groups go too: the standard library drops them when it changes the user.
    let mut child = Command::new(SELF)
        .arg(command)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .gid(gid)
        .uid(uid)
        .spawn()?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (said, answer) = sync_channel(1);
    let talk = move || {
        let talked = stdin.zip(stdout).ok_or_else(|| io::ErrorKind::BrokenPipe.into());
        let talked = talked.and_then(|(mut stdin, stdout)| {
            stdin.write_all(&input)?;
            drop(stdin);
            let mut answer = Vec::new();
            stdout.take(CAP).read_to_end(&mut answer)?;
            Ok(answer)
        });
        // Nobody listens any more where it took too long.
        let _late = said.send(talked);
    };
    if let Err(error) = thread::Builder::new().name("deputy".into()).spawn(talk) {
        end(child);
        return Err(error);
    }
    match answer.recv_timeout(PATIENCE) {
        Ok(answer) => {
            end(child);
            answer
        }
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            end(child);
            Err(io::ErrorKind::TimedOut.into())
        }
    }
}

/// Ends a deputy. One that the kernel cannot kill yet is waited for by somebody else.
fn end(mut child: Child) {
    let _gone = child.kill();
    if !matches!(child.try_wait(), Ok(Some(_))) {
        let waits = thread::Builder::new().name("deputy".into()).spawn(move || child.wait());
        drop(waits);
    }
}

/// What a deputy is asked: everything on standard input.
///
/// # Errors
/// When it cannot be read, or is too long.
pub fn asked(cap: u64) -> io::Result<Vec<u8>> {
    let mut input = Vec::new();
    io::stdin().lock().take(cap + 1).read_to_end(&mut input)?;
    if input.len() as u64 > cap { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(input) }
}
