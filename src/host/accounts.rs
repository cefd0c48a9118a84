//! Who has an account here and where their home is. Must not know what lies in a home.

use rustix::process::{getegid, geteuid};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use uzers::os::unix::{GroupExt, UserExt};

/// Where the accounts of this machine itself are listed.
const ACCOUNT_FILE: &str = "/etc/passwd";
/// Where homes lie; who has one there is an account even when a directory service knows it and no file does.
const HOME_PARENTS: [&str; 2] = ["/home", "/Users"];
/// More homes than this in one place are not looked through.
const MOST_HOMES: usize = 10_000;
/// Accounts below this number are the system's own.
const FIRST_PERSON: u32 = 1000;
/// Homes that mean "none".
const NO_HOMES: [&str; 4] = ["/", "/nonexistent", "/dev/null", "/var/empty"];

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub uid: u32,
    /// Its primary group's number.
    pub gid: u32,
    /// Its name.
    pub name: String,
    /// Its home.
    pub home: PathBuf,
}

/// The uid that the kernel judges us by.
pub fn own_uid() -> u32 {
    geteuid().as_raw()
}

/// The gid that the kernel judges us by.
pub fn own_gid() -> u32 {
    getegid().as_raw()
}

/// The caller's home: `$HOME` where it is an absolute path, else what the account database says.
pub fn own_home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute())
        .or_else(|| by_uid(own_uid()).map(|account| account.home))
}

/// The account with that number, from any directory service that the system asks.
pub fn by_uid(uid: u32) -> Option<Account> {
    let user = uzers::get_user_by_uid(uid)?;
    Some(Account {
        uid,
        gid: user.primary_group_id(),
        name: user.name().to_string_lossy().into_owned(),
        home: user.home_dir().to_path_buf(),
    })
}

/// The name of that account; its number where it has none.
pub fn name_of(uid: u32) -> String {
    by_uid(uid).map_or_else(|| uid.to_string(), |account| account.name)
}

/// Every account that has a home which is there, one a home.
pub fn with_homes() -> Vec<Account> {
    let mut homes = BTreeSet::new();
    known().into_iter().filter(has_home).filter(|account| homes.insert(account.home.clone())).collect()
}

/// The number of whose that directory is.
pub fn owner_of(dir: &Path) -> Option<u32> {
    fs::metadata(dir).ok().map(|found| found.uid())
}

/// Whether nobody but `uid` is in the group `gid`, so that "the group may write" lets nobody else in.
pub fn is_private_group(gid: u32, uid: u32) -> bool {
    let (Some(group), Some(owner)) = (uzers::get_group_by_gid(gid), by_uid(uid)) else {
        return false;
    };
    owner.gid == gid
        && group.members().iter().all(|member| member.as_os_str() == OsStr::new(&owner.name))
        && !known().iter().any(|account| account.gid == gid && account.uid != uid)
}

/// Every account that can be listed: those of the account file, then the owners of other homes.
fn known() -> Vec<Account> {
    let mut accounts = fs::read(ACCOUNT_FILE).map(|text| parse(&text)).unwrap_or_default();
    let mut seen: BTreeSet<u32> = accounts.iter().map(|account| account.uid).collect();
    for parent in HOME_PARENTS {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        for entry in entries.take(MOST_HOMES).flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() && seen.insert(metadata.uid()) {
                accounts.extend(by_uid(metadata.uid()));
            }
        }
    }
    accounts
}

/// A system account whose home is somebody else's directory (`/bin`, `/dev`) has none.
fn has_home(account: &Account) -> bool {
    is_home(&account.home)
        && fs::metadata(&account.home)
            .is_ok_and(|home| home.is_dir() && (account.uid >= FIRST_PERSON || home.uid() == account.uid))
}

fn is_home(home: &Path) -> bool {
    home.is_absolute() && !NO_HOMES.iter().any(|none| home == Path::new(none))
}

/// Reads `name:password:uid:gid:comment:home:shell` lines; what is no such line is left out.
fn parse(text: &[u8]) -> Vec<Account> {
    text.split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let mut fields = line.split(|byte| *byte == b':');
            let name = fields.next().filter(|name| !name.is_empty() && !name.starts_with(b"#"))?;
            let number = |field: &[u8]| str::from_utf8(field).ok()?.parse().ok();
            let uid = number(fields.nth(1)?)?;
            let gid = number(fields.next()?)?;
            let home = fields.nth(1)?;
            Some(Account {
                uid,
                gid,
                name: OsStr::from_bytes(name).to_string_lossy().into_owned(),
                home: PathBuf::from(OsString::from_vec(home.to_vec())),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_file_is_read_line_by_line() {
        let accounts = parse(
            b"root:x:0:0:root:/root:/bin/sh\n# no\nbad\nx:y:z:1::/x:\nu:x:1000:1001:U,,:/home/u:/bin/sh",
        );
        assert_eq!(accounts.len(), 2);
        assert_eq!(
            accounts[1],
            Account { uid: 1000, gid: 1001, name: "u".into(), home: PathBuf::from("/home/u") }
        );
    }

    #[test]
    fn no_home_is_no_home() {
        assert!(!is_home(Path::new("/")) && !is_home(Path::new("/nonexistent")) && !is_home(Path::new("x")));
        assert!(is_home(Path::new("/home/u")));
        assert!(with_homes().iter().all(|account| account.home.is_dir()));
    }

    #[test]
    fn we_have_a_name() {
        assert!(!name_of(own_uid()).is_empty());
        assert_eq!(name_of(3_999_999_999), "3999999999");
        assert!(!is_private_group(3_999_999_999, own_uid()));
    }
}
