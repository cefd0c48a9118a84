//! The system calls that no crate has, and nothing else: here, and only here, the compiler is told to trust us.
#![allow(
    unsafe_code,
    reason = "no crate has these calls; each is wrapped alone, with the reason why it is sound"
)]

use super::Interest;
use super::event::{Event, Malformed, events};
use rustix::io::Errno;
use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

pub(super) const ADD: libc::c_uint = libc::FAN_MARK_ADD;
pub(super) const REMOVE: libc::c_uint = libc::FAN_MARK_REMOVE;
/// What happens to files in a directory that only leads on is none of our business; to directories it is.
pub(super) const HEED_NOT: libc::c_uint = libc::FAN_MARK_ADD | libc::FAN_MARK_IGNORE_SURV;
pub(super) const UNHEED: libc::c_uint = libc::FAN_MARK_REMOVE | libc::FAN_MARK_IGNORE;
/// Without `FAN_ONDIR`: this is about what is no directory.
pub(super) const NOT_IN_WAYS: u64 = libc::FAN_DELETE | libc::FAN_RENAME;

/// The most bytes of a handle that the kernel makes (`MAX_HANDLE_SZ`).
pub(super) const MOST_BYTES: usize = 128;

/// What the kernel shall tell of such a place.
pub(super) fn mask(interest: Interest) -> u64 {
    let itself = libc::FAN_ATTRIB | libc::FAN_DELETE_SELF | libc::FAN_MOVE_SELF;
    let way = itself | libc::FAN_DELETE | libc::FAN_RENAME | libc::FAN_ONDIR;
    let content = libc::FAN_MODIFY | libc::FAN_CLOSE_WRITE;
    match interest {
        Interest::Way => way,
        Interest::Directory => way | libc::FAN_CREATE | content | libc::FAN_EVENT_ON_CHILD,
        Interest::File => itself | content,
        Interest::Openings => itself | libc::FAN_OPEN,
    }
}

/// A new group: events with the directory, the name, the file and the process.
pub(super) fn init() -> Result<OwnedFd, Errno> {
    let flags = libc::FAN_CLASS_NOTIF
        | libc::FAN_REPORT_DFID_NAME_TARGET
        | libc::FAN_REPORT_PIDFD
        | libc::FAN_UNLIMITED_MARKS
        | libc::FAN_CLOEXEC
        | libc::FAN_NONBLOCK;
    // SAFETY: no pointer goes in; what comes out is a new descriptor or an error.
    let fd = unsafe { libc::fanotify_init(flags, libc::O_RDONLY as libc::c_uint) };
    if fd < 0 {
        return Err(last_error());
    }
    // SAFETY: the kernel has just opened it for us, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Changes what is told of what that path leads to.
pub(super) fn mark(group: &OwnedFd, flags: libc::c_uint, mask: u64, path: &CStr) -> Result<(), Errno> {
    // SAFETY: the path ends in a zero and outlives the call, which keeps nothing of it.
    let done = unsafe { libc::fanotify_mark(group.as_raw_fd(), flags, mask, libc::AT_FDCWD, path.as_ptr()) };
    if done < 0 { Err(last_error()) } else { Ok(()) }
}

/// Takes all marks back.
pub(super) fn flush(group: &OwnedFd) -> Result<(), Errno> {
    mark(group, libc::FAN_MARK_FLUSH, 0, c"/")
}

/// The kernel's handle of an open file, as it writes it: its length, its kind and its bytes.
#[repr(C)]
struct RawHandle {
    length: libc::c_uint,
    kind: libc::c_int,
    bytes: [u8; MOST_BYTES],
}

/// The kind and the bytes of an open file's handle, in the form that stands in events.
pub(super) fn handle(file: BorrowedFd<'_>) -> Result<(i32, [u8; MOST_BYTES], usize), Errno> {
    // The first is the form of file systems that can name a file but not find it again.
    match handle_with(file, libc::AT_EMPTY_PATH | libc::AT_HANDLE_FID) {
        Err(Errno::INVAL) => handle_with(file, libc::AT_EMPTY_PATH), // before Linux 6.5
        other => other,
    }
}

fn handle_with(file: BorrowedFd<'_>, flags: libc::c_int) -> Result<(i32, [u8; MOST_BYTES], usize), Errno> {
    let mut handle = RawHandle { length: MOST_BYTES as libc::c_uint, kind: 0, bytes: [0; MOST_BYTES] };
    let mut mount: libc::c_int = 0;
    // SAFETY: `handle` is laid out as `struct file_handle` with room for as many bytes as it says, both pointers
    // outlive the call, and the empty path ends in a zero.
    let done = unsafe {
        libc::syscall(
            libc::SYS_name_to_handle_at,
            file.as_raw_fd(),
            c"".as_ptr(),
            &raw mut handle,
            &raw mut mount,
            flags,
        )
    };
    if done < 0 {
        return Err(last_error());
    }
    let length = usize::try_from(handle.length).unwrap_or(0).min(MOST_BYTES);
    Ok((handle.kind, handle.bytes, length))
}

/// Takes the events that fit, and hands each on with the descriptor of its process.
pub(super) fn read(
    group: &OwnedFd,
    buffer: &mut [u8],
    mut hear: impl FnMut(&Event<'_>, Option<OwnedFd>),
) -> Result<bool, Errno> {
    let length = match rustix::io::read(group, &mut *buffer) {
        Ok(length) => length,
        Err(Errno::AGAIN | Errno::INTR) => return Ok(false),
        Err(error) => return Err(error),
    };
    for event in events(buffer.get(..length).unwrap_or_default()) {
        let event = event.map_err(|Malformed| Errno::PROTO)?;
        // SAFETY: the kernel wrote these bytes just now, and opened a descriptor for each that is no negative number.
        // Every event is come by once, so nothing else closes it.
        let process = (event.pidfd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(event.pidfd) });
        hear(&event, process);
    }
    Ok(length > 0)
}

/// Whether that process's number still belongs to it: it was not reaped yet.
pub(super) fn is_held(process: &OwnedFd) -> bool {
    let nothing: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: signal 0 is only a question; a null pointer is the documented form of "nothing more to say".
    let asked =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_fd().as_raw_fd(), 0, nothing, 0) };
    // That we may not signal it says that it is there.
    asked == 0 || last_error() == Errno::PERM
}

fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
