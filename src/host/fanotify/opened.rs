//! A file or directory that is held, and which one it is. Must not know what is in it.

use super::call;
use super::handle::Handle;
use crate::host::entry::Identity;
use rustix::fs::{Mode, OFlags, fstat, fstatvfs, open};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

/// Something in the file system that is held and cannot become something else. It was not opened for reading: no pipe,
/// no lease and no device is disturbed.
#[derive(Debug)]
pub struct Opened {
    file: OwnedFd,
    handle: Handle,
    path: CString,
}

impl Opened {
    /// What stands at that path, if it is that file or directory; a link in its place is not followed.
    ///
    /// # Errors
    /// [`Errno::NOENT`] if it is not there, or something else; what the file system says if it has no handles.
    pub fn at(path: &Path, identity: Identity) -> Result<Self, Errno> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = open(path, flags, Mode::empty())?;
        let seen = fstat(&file)?;
        if (seen.st_dev, seen.st_ino) != identity {
            return Err(Errno::NOENT);
        }
        Self::of(file)
    }

    /// That file or directory, whatever it is.
    ///
    /// # Errors
    /// What the file system says if it has no handles.
    pub fn of(file: OwnedFd) -> Result<Self, Errno> {
        let (kind, bytes, length) = call::handle(file.as_fd())?;
        let bytes = bytes.get(..length).unwrap_or_default();
        let handle = Handle::new(system(&file)?, kind, bytes);
        // The one name that leads to what is held and to nothing else.
        let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).map_err(|_| Errno::INVAL)?;
        Ok(Self { file, handle, path })
    }

    /// Which one it is.
    pub fn handle(&self) -> Handle {
        self.handle
    }

    pub(super) fn path(&self) -> &CStr {
        debug_assert!(self.file.as_raw_fd() >= 0, "it is held as long as its name is used");
        &self.path
    }
}

/// The file system's number, as events state it.
fn system(file: &OwnedFd) -> Result<[u8; 8], Errno> {
    let id = fstatvfs(file)?.f_fsid;
    // Two words of the kernel's, the first one below.
    let [a, b, c, d, e, f, g, h] = id.to_le_bytes();
    let [first, second] = [[a, b, c, d], [e, f, g, h]].map(|word| u32::from_le_bytes(word).to_ne_bytes());
    let ([a, b, c, d], [e, f, g, h]) = (first, second);
    Ok([a, b, c, d, e, f, g, h])
}
