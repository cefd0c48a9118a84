//! A small file that others read, replaced as a whole: nobody ever reads half of it. Must not know what it says.

use super::refusal::Refusal;
use super::trusted::trusted_place;
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Everybody may read it.
const MODE: u32 = 0o644;

/// Puts these bytes under that name, in a directory where nobody else can put another file.
pub fn publish(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let failed = |errno: Errno| Refusal::from_io(path, &errno.into());
    let (dir, name) = trusted_place(path)?;
    // Those who read every file of the directory pass over hidden ones.
    let mut draft = OsString::from(".");
    draft.push(&name);
    draft.push(".new");
    match rustix::fs::unlinkat(&dir, &draft, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(errno) => return Err(failed(errno)),
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(&dir, &draft, flags, Mode::from_raw_mode(MODE)).map_err(failed)?;
    File::from(file).write_all(bytes).map_err(|error| Refusal::from_io(path, &error))?;
    rustix::fs::renameat(&dir, &draft, &dir, &name).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn it_is_replaced_as_a_whole_and_leads_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let (path, other) = (root.path().join("a.prom"), root.path().join("other"));
        fs::write(&other, "precious").unwrap();
        symlink(&other, &path).unwrap();
        symlink(&other, root.path().join(".a.prom.new")).unwrap();
        publish(&path, b"one\n").unwrap();
        publish(&path, b"two\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(publish(&path, b"x"), Err(Refusal::Writable { .. })));
    }
}
