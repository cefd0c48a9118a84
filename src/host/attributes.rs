//! What a file has beside its bytes, given to another file: owner, mode, access lists, extended attributes. Must not
//! know which files.

use rustix::fs::{Gid, Mode, Stat, Uid, XattrFlags, fchmod, fchown, fgetxattr, flistxattr, fsetxattr, fstat};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::os::fd::AsFd;

/// Attributes that the kernel or a security module sets by its own rules, where ours are refused.
const OTHERS: [&[u8]; 2] = [b"security.", b"trusted."];
/// No file has so many names of attributes, or so long a value.
const MOST: usize = 1 << 20;

/// What could not be given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    Owner(Errno),
    Mode(Errno),
    Attributes(Errno),
}

/// Gives `to` everything that `from`, which has that `stat`, has beside its bytes.
pub(super) fn copy(from: impl AsFd, stat: &Stat, to: impl AsFd) -> Result<(), Lost> {
    let fresh = fstat(&to).map_err(Lost::Owner)?;
    if (fresh.st_uid, fresh.st_gid) != (stat.st_uid, stat.st_gid) {
        let (owner, group) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
        let owner = (fresh.st_uid != stat.st_uid).then_some(owner);
        fchown(&to, owner, Some(group)).map_err(Lost::Owner)?;
    }
    copy_attributes(from, &to)?;
    // Last: a new owner would take the higher bits away again, and an access list is part of the mode.
    fchmod(&to, Mode::from_raw_mode(stat.st_mode & 0o7777)).map_err(Lost::Mode)
}

fn copy_attributes(from: impl AsFd, to: impl AsFd) -> Result<(), Lost> {
    let names = match sized(|buffer| flistxattr(&from, buffer)) {
        Ok(names) => names,
        Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(()),
        Err(errno) => return Err(Lost::Attributes(errno)),
    };
    for name in names.split_inclusive(|byte| *byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name).map(CString::from) else { continue };
        let is_others = OTHERS.iter().any(|prefix| name.as_bytes().starts_with(prefix));
        let given = sized(|buffer| fgetxattr(&from, &name, buffer))
            .and_then(|value| fsetxattr(&to, &name, &value, XattrFlags::empty()));
        match given {
            Ok(()) => {}
            Err(_) if is_others => {}
            Err(errno) => return Err(Lost::Attributes(errno)),
        }
    }
    Ok(())
}

/// Asks with a buffer that grows until what is asked for fits.
fn sized(ask: impl Fn(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; 256];
    loop {
        match ask(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            Err(Errno::RANGE) if buffer.len() < MOST => buffer.resize(buffer.len() * 4, 0),
            Err(errno) => return Err(errno),
        }
    }
}
