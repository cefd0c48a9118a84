//! Files that decide what we do (config, templates, rules) and so must be writable by their owner only. Must
//! not know what they say.

use super::accounts::{is_private_group, own_uid};
use super::files::{Contents, Files};
use super::machine::Machine;
use super::read_error::ReadError;
use super::refusal::Refusal;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const ROOT: u32 = 0;
const STICKY: u32 = 0o1000;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;

/// Reads such a file, at most `cap` bytes. What is judged is the very file that is read.
pub fn trusted_input(path: &Path, cap: u64) -> Result<Contents, Refusal> {
    let contents = Machine.read(path, cap)?;
    let facts = &contents.facts;
    let real = facts.link_target.as_deref().unwrap_or(path);
    require_owner(path, facts.owner)?;
    require_unwritable(path, facts.mode, facts.owner, facts.group)?;
    for file in [path, real] {
        trusted_parent(file)?;
    }
    Ok(contents)
}

/// The names in a directory of such files, sorted.
pub fn trusted_list(dir: &Path) -> Result<Vec<OsString>, Refusal> {
    let metadata = fs::metadata(dir).map_err(|error| Refusal::Unreadable(ReadError::from_io(dir, &error)))?;
    require_trusted_dir(dir, &metadata)?;
    Ok(Machine.list(dir)?)
}

/// The directory in which that file is made or replaced, open, and the file's name in it. What is judged is the very
/// directory that is open.
pub(super) fn trusted_place(path: &Path) -> Result<(OwnedFd, OsString), Refusal> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| Refusal::NotFile(path.to_path_buf()))?.to_owned();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dir = rustix::fs::open(parent, flags, Mode::empty())
        .map_err(|errno| Refusal::from_io(parent, &errno.into()))?;
    let dir = File::from(dir);
    let metadata = dir.metadata().map_err(|error| Refusal::from_io(parent, &error))?;
    require_trusted_dir(parent, &metadata)?;
    Ok((dir.into(), name))
}

fn trusted_parent(file: &Path) -> Result<(), Refusal> {
    let parent = match file.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()),
    };
    // A link that leads through a descriptor's path may have no parent that can be looked at.
    let metadata = fs::metadata(parent).map_err(|error| Refusal::from_io(parent, &error))?;
    require_trusted_dir(parent, &metadata)
}

/// Who can write a directory can put another file under a trusted name, unless the directory is sticky.
fn require_trusted_dir(dir: &Path, metadata: &Metadata) -> Result<(), Refusal> {
    require_owner(dir, metadata.uid())?;
    let mode = metadata.mode() & 0o7777;
    if mode & STICKY != 0 {
        return Ok(());
    }
    require_unwritable(dir, mode, metadata.uid(), metadata.gid())
}

fn require_owner(path: &Path, owner: u32) -> Result<(), Refusal> {
    let us = own_uid();
    if owner == us || owner == ROOT {
        return Ok(());
    }
    Err(Refusal::NotOurs { path: path.to_path_buf(), owner, wanted: us })
}

/// A group with only the owner in it lets nobody else in, unless an access list widens what "group" means.
fn require_unwritable(path: &Path, mode: u32, owner: u32, group: u32) -> Result<(), Refusal> {
    let by_group = mode & GROUP_WRITES != 0 && (has_access_list(path) || !is_private_group(group, owner));
    if by_group || mode & OTHERS_WRITE != 0 {
        return Err(Refusal::Writable { path: path.to_path_buf(), mode });
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn has_access_list(path: &Path) -> bool {
    let mut nothing: [u8; 0] = [];
    rustix::fs::getxattr(path, "system.posix_acl_access", &mut nothing).is_ok_and(|size| size > 0)
}

#[cfg(not(target_os = "linux"))]
fn has_access_list(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_others_can_write_is_not_trusted() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("config.toml");
        fs::write(&path, b"x").unwrap();
        for mode in [0o600, 0o644, 0o444] {
            chmod(&path, mode);
            assert_eq!(trusted_input(&path, 9).unwrap().bytes, b"x");
        }
        for mode in [0o666, 0o646] {
            chmod(&path, mode);
            let text = trusted_input(&path, 9).unwrap_err().to_string();
            assert!(text.contains("chmod go-w ") && text.contains("config.toml"), "{text}");
        }
    }

    #[test]
    fn a_directory_that_others_can_write_spoils_what_lies_in_it() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("rules");
        fs::create_dir(&dir).unwrap();
        let path = dir.join("a.yml");
        fs::write(&path, b"x").unwrap();
        chmod(&path, 0o644);
        chmod(&dir, 0o777);
        assert!(matches!(trusted_input(&path, 9), Err(Refusal::Writable { .. })));
        assert!(matches!(trusted_list(&dir), Err(Refusal::Writable { .. })));
        symlink(&path, root.path().join("link")).unwrap();
        assert!(matches!(trusted_input(&root.path().join("link"), 9), Err(Refusal::Writable { .. })));
        chmod(&dir, 0o1777);
        assert!(trusted_input(&path, 9).is_ok());
        chmod(&dir, 0o755);
        assert_eq!(trusted_list(&dir).unwrap(), ["a.yml"]);
        assert!(matches!(
            trusted_input(&dir.join("none"), 9),
            Err(Refusal::Unreadable(ReadError::Missing(_)))
        ));
    }
}
