//! Whether somebody has a file open for writing, or writes to it through memory: the kernel gives a lease on it only
//! where nobody does. Must not know why it is asked.
//!
//! The lease is let go at once. Whoever wants to open the file for writing in that moment waits for that moment.
#![allow(
    unsafe_code,
    reason = "no crate takes leases; each call is wrapped alone, with the reason why it is sound"
)]

use rustix::fs::{CWD, Mode, OFlags, fstat, openat};
use rustix::io::Errno;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;

/// A signal that does nothing: the one that tells of a lease ends a process unless it is told otherwise.
const NO_SIGNAL: libc::c_int = libc::SIGURG;

/// `F_SETSIG`, see fcntl(2); `libc` has no name for it.
const SET_SIGNAL: libc::c_int = 10;

/// Whether somebody could write to that file without opening it anew; nothing if that cannot be known: another one's
/// file, no file, a file system without leases.
pub fn is_open_for_writing(path: &Path) -> Option<bool> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat(CWD, path, flags, Mode::empty()).ok()?;
    let is_file = fstat(&file).is_ok_and(|seen| seen.st_mode & libc::S_IFMT == libc::S_IFREG);
    if !is_file {
        return None;
    }
    ask(&file, SET_SIGNAL, NO_SIGNAL).ok()?;
    match ask(&file, libc::F_SETLEASE, libc::F_RDLCK) {
        Ok(()) => {
            // It ends with the descriptor at the latest.
            let _gone = ask(&file, libc::F_SETLEASE, libc::F_UNLCK);
            Some(false)
        }
        Err(Errno::AGAIN) => Some(true),
        Err(_) => None,
    }
}

fn ask(file: &OwnedFd, what: libc::c_int, how: libc::c_int) -> Result<(), Errno> {
    // SAFETY: the descriptor is open as long as this runs; both orders take a number and no pointer.
    let done = unsafe { libc::fcntl(file.as_raw_fd(), what, how) };
    if done < 0 {
        return Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    #[test]
    fn who_holds_it_open_or_mapped_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("f");
        fs::write(&path, "x").unwrap();
        let Some(open) = is_open_for_writing(&path) else {
            return eprintln!("not run: this file system has no leases");
        };
        assert!(!open);
        let reader = File::open(&path).unwrap();
        assert_eq!(is_open_for_writing(&path), Some(false), "reading is no writing");
        drop(reader);
        let writer = fs::OpenOptions::new().write(true).open(&path).unwrap();
        assert_eq!(is_open_for_writing(&path), Some(true));
        drop(writer);
        assert_eq!(is_open_for_writing(&path), Some(false));
        assert_eq!(is_open_for_writing(root.path()), None);
        // Memory that is mapped from it, and no descriptor.
        let script = "import mmap, sys, time\n\
            f = open(sys.argv[1], 'r+b'); m = mmap.mmap(f.fileno(), 0); f.close()\n\
            print(flush=True); time.sleep(600)";
        let mapper = Command::new("python3").args(["-c", script]).arg(&path).stdout(Stdio::piped()).spawn();
        let Ok(mut mapper) = mapper else { return eprintln!("not run: there is no python3") };
        let mut line = String::new();
        BufReader::new(mapper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let is_mapped = is_open_for_writing(&path);
        mapper.kill().unwrap();
        mapper.wait().unwrap();
        assert_eq!(is_mapped, Some(true));
        assert_eq!(is_open_for_writing(&path), Some(false));
    }
}
