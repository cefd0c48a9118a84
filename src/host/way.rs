//! The way to a file, gone one component at a time, so that nobody's link leads where the file's owner did not send
//! us. Must not know what lies at its end.

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// More links than this are a loop, as in the kernel.
const MOST_LINKS: usize = 40;

/// Where a way ends: the directory, held open, and the name in it, which is no link.
#[derive(Debug)]
pub struct End {
    /// The directory.
    pub dir: OwnedFd,
    /// The name in it.
    pub name: OsString,
    /// Where the path's own last component stands, if that is a link.
    pub link: Option<(OwnedFd, OsString)>,
}

/// Why a way was not gone.
#[derive(Debug, PartialEq, Eq)]
pub enum Blocked {
    /// Nothing is there.
    Missing,
    /// A link that neither root nor the file's owner made.
    ForeignLink(PathBuf),
    /// Links without end.
    Loop,
    /// The system refused.
    Refused(Errno),
}

/// Goes the way to `path`, following links that `owner` or root made, and no others. What it ends at may be missing.
pub fn go(path: &Path, owner: u32) -> Result<End, Blocked> {
    let mut rest: VecDeque<OsString> = parts(path);
    let mut dir = root()?;
    let mut gone = PathBuf::from("/");
    let (mut links, mut link) = (0, None);
    while let Some(name) = rest.pop_front() {
        let is_last = rest.is_empty();
        if is_last && name != ".." {
            match statat(&dir, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(there) if FileType::from_raw_mode(there.st_mode) == FileType::Symlink => {}
                Ok(_) | Err(Errno::NOENT) => return Ok(End { dir, name, link }),
                Err(errno) => return Err(refused(errno)),
            }
        }
        let there = statat(&dir, &name, AtFlags::SYMLINK_NOFOLLOW).map_err(refused)?;
        if FileType::from_raw_mode(there.st_mode) == FileType::Symlink {
            links += 1;
            if links > MOST_LINKS {
                return Err(Blocked::Loop);
            }
            if there.st_uid != 0 && there.st_uid != owner {
                return Err(Blocked::ForeignLink(gone.join(&name)));
            }
            // Nothing is left of the path: the first time that is its own last component, later what that led to.
            if is_last && link.is_none() {
                link = Some((dir.try_clone().map_err(|_| Blocked::Refused(Errno::MFILE))?, name.clone()));
            }
            let target = readlinkat(&dir, &name, Vec::new()).map_err(refused)?;
            let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
            if target.is_absolute() {
                dir = root()?;
                gone = PathBuf::from("/");
            }
            parts(&target).into_iter().rev().for_each(|part| rest.push_front(part));
            continue;
        }
        // Not through a link that has just been put there.
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        dir = openat(&dir, &name, flags, Mode::empty()).map_err(refused)?;
        gone.push(&name);
    }
    Err(Blocked::Refused(Errno::ISDIR))
}

fn root() -> Result<OwnedFd, Blocked> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(CWD, "/", flags, Mode::empty()).map_err(refused)
}

fn refused(errno: Errno) -> Blocked {
    match errno {
        Errno::NOENT => Blocked::Missing,
        Errno::LOOP => Blocked::Loop,
        other => Blocked::Refused(other),
    }
}

/// Every component but the root, and those that lead nowhere.
fn parts(path: &Path) -> VecDeque<OsString> {
    let part = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(part).collect()
}

/// The name with `mark` behind it.
pub(super) fn marked(name: &OsStr, mark: &str) -> OsString {
    OsStr::from_bytes(&[name.as_bytes(), mark.as_bytes()].concat()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::accounts::own_uid;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_of_the_owner_are_followed_and_said() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        fs::create_dir_all(root.join("real/deep")).unwrap();
        fs::write(root.join("real/file"), "x").unwrap();
        symlink("real", root.join("dir")).unwrap();
        symlink("../real/file", root.join("real/deep/link")).unwrap();
        symlink(root.join("real/deep/../file"), root.join("absolute")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("real/deep", root.join("far")).unwrap();
        symlink("../file", root.join("real/deep/near")).unwrap();
        let to = |path: &str| go(&root.join(path), own_uid());
        assert!(to("dir/file").unwrap().link.is_none());
        assert!(to("dir/missing").unwrap().link.is_none());
        for link in ["absolute", "real/../absolute", "far/near"] {
            let end = to(link).unwrap();
            let own = link.rsplit('/').next().unwrap();
            assert!(end.link.is_some_and(|(_, name)| name == own) && end.name == "file");
        }
        // It leads to nothing: what is beside the directory is another one.
        assert_eq!(to("real/deep/link").unwrap_err(), Blocked::Missing);
        assert_eq!(to("loop").unwrap_err(), Blocked::Loop);
        assert_eq!(to("real/file/x").unwrap_err(), Blocked::Refused(Errno::NOTDIR));
        assert_eq!(to("none/x").unwrap_err(), Blocked::Missing);
    }

    #[test]
    fn links_of_others_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        fs::write(root.join("file"), "x").unwrap();
        symlink("file", root.join("link")).unwrap();
        if own_uid() != 0 {
            eprintln!("not run: only root can give a link to somebody else");
            return;
        }
        std::os::unix::fs::lchown(root.join("link"), Some(12_345), None).unwrap();
        assert_eq!(go(&root.join("link"), 54_321).unwrap_err(), Blocked::ForeignLink(root.join("link")));
        assert!(go(&root.join("link"), 12_345).unwrap().link.is_some());
    }
}
