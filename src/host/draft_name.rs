//! The name of a file that is to replace another, and what it says to whoever finds it after its maker was killed. Must
//! not touch any file.

use super::way::marked;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;

/// What stands in the name of a file of ours that is not in its place yet, or that was displaced.
pub(super) const MARK: &str = ".mcpwatch-";
/// How many random digits a name has.
pub(super) const DIGITS: usize = 24;

/// What a name says: which file was to be replaced, as it was read, and which one was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    old: Version,
    new: Version,
}

/// A file and what it holds. Neither says enough alone: a number is given to another file when its own is removed, and
/// one of old may be saved again. Whoever could make two with one check sum could as well remove the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    inode: u64,
    check: u32,
}

impl Version {
    pub(super) fn of(inode: u64, bytes: &[u8]) -> Self {
        Self::by(inode, crc32fast::hash(bytes))
    }

    /// The same of one whose check sum is known already.
    pub(super) fn by(inode: u64, check: u32) -> Self {
        Self { inode, check }
    }
}

impl Said {
    /// That this one is to be replaced by that one.
    pub(super) fn of(old: Version, new: Version) -> Self {
        Self { old, new }
    }

    /// What the name of something beside `file` says; `None` for one that is not complete, or not of our making.
    pub(super) fn by(name: &OsStr, file: &OsStr) -> Option<Self> {
        let mut parts = str::from_utf8(behind(name, file)?).ok()?.strip_prefix('-')?.split('-');
        let mut next = || {
            let (inode, check) = (parts.next()?.parse().ok()?, u32::from_str_radix(parts.next()?, 16).ok()?);
            Some(Version { inode, check })
        };
        Some(Self { old: next()?, new: next()? })
    }

    /// Whether this is the one that was to be replaced or the new one, as either was.
    pub(super) fn knows(&self, there: &Version) -> bool {
        [self.old, self.new].contains(there)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { old, new } = self;
        write!(f, "-{}-{:08x}-{}-{:08x}", old.inode, old.check, new.inode, new.check)
    }
}

/// The name of a new file for `file`; what it says is added when its number is known.
pub(super) fn random(file: &OsStr) -> Result<OsString, getrandom::Error> {
    let mut random = [0; DIGITS / 2];
    getrandom::fill(&mut random)?;
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(marked(file, &format!("{MARK}{digits}")))
}

/// Whether something beside `file` has such a name.
pub(super) fn is_one(name: &OsStr, file: &OsStr) -> bool {
    behind(name, file).is_some()
}

/// Whether that is the name of one that is not complete: its own says nothing yet.
pub(super) fn is_incomplete(name: &OsStr, file: &OsStr) -> bool {
    behind(name, file).is_some_and(<[u8]>::is_empty)
}

/// What stands behind the digits of such a name.
fn behind<'n>(name: &'n OsStr, file: &OsStr) -> Option<&'n [u8]> {
    let rest = name.as_bytes().strip_prefix(file.as_bytes())?.strip_prefix(MARK.as_bytes())?;
    let (digits, behind) = rest.split_at_checked(DIGITS)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_it_was_given_and_others_say_nothing() {
        let (old, new) = (Version::of(7, b"old"), Version::of(8, b"new"));
        let (said, file) = (Said::of(old, new), OsStr::new("f"));
        let first = random(file).unwrap();
        let name = marked(&first, &said.to_string());
        assert!(is_one(&first, file) && is_one(&name, file));
        assert!(is_incomplete(&first, file) && !is_incomplete(&name, file));
        let odd = OsStr::from_bytes(b"\xff");
        let of_odd = marked(&random(odd).unwrap(), &said.to_string());
        assert_eq!(Said::by(&of_odd, odd), Some(said), "names are bytes");
        assert_eq!((Said::by(&first, file), Said::by(&name, file)), (None, Some(said)));
        assert!(said.knows(&old) && said.knows(&new));
        assert!(!said.knows(&Version::of(7, b"new")) && !said.knows(&Version::of(8, b"old")));
        for other in ["f", "f.mcpwatch-", "f.mcpwatch-mine", "g.mcpwatch-aaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert!(
                !is_one(OsStr::new(other), file) && Said::by(OsStr::new(other), file).is_none(),
                "{other}"
            );
        }
    }
}
