//! Names under which files of ours, or what stood in their place, are set aside in a private directory: never
//! followed, never changed, a bounded number of them kept. Must not know what they hold.

use super::draft::rename_new;
use super::private_dir::PrivateDir;
use super::refusal::Refusal;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fs;
use std::io;

/// What stands between a file's name and the time at which it was set aside.
const MARK: &str = ".set-aside-";
/// So many times are kept; what was set aside before is removed.
const KEPT: usize = 5;
/// How long such a time is: `20260102T030405.678901Z`.
const LENGTH: usize = 23;

/// A time as part of a name.
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%S.%6fZ").to_string()
}

/// The name under which that file is set aside at that time.
pub fn name_of(file: &str, stamp: &str) -> String {
    format!("{file}{MARK}{stamp}")
}

/// Gives what has the name `from` the name `to`, whatever it is, and never over another; says whether there was
/// something.
pub fn set_aside(dir: &PrivateDir, from: &str, to: &str) -> Result<bool, Refusal> {
    match rename_new(&dir.join(from), &dir.join(to)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        other => other.map(|()| true).map_err(|error| Refusal::from_io(&dir.join(from), &error)),
    }
}

/// Gives what has the name `from` the name `to` besides, where the file system can do that: whatever becomes of the
/// one name, it is not lost.
pub fn also(dir: &PrivateDir, from: &str, to: &str) {
    if let Err(error) = fs::hard_link(dir.join(from), dir.join(to)) {
        tracing::debug!(%error, "a file has no second name");
    }
}

/// Removes what has that name, a link itself and not what it leads to; what cannot be removed so is set aside.
pub fn clear(dir: &PrivateDir, name: &str, aside: &str) -> Result<(), Refusal> {
    match fs::remove_file(dir.join(name)) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => set_aside(dir, name, aside).map(drop),
    }
}

/// Removes what was set aside longest ago of these files, so that nobody fills the disk with them.
pub fn prune(dir: &PrivateDir, files: &[&str]) {
    let mut found: Vec<(String, String)> = Vec::new();
    for name in names(dir) {
        let stamp = files.iter().find_map(|file| name.strip_prefix(file)?.strip_prefix(MARK)?.get(..LENGTH));
        if let Some(stamp) = stamp.filter(|stamp| is_stamp(stamp)) {
            found.push((stamp.to_owned(), name));
        }
    }
    let stamps: BTreeSet<&String> = found.iter().map(|(stamp, _)| stamp).collect();
    let Some(oldest_kept) = stamps.iter().nth_back(KEPT - 1).map(|stamp| (*stamp).clone()) else { return };
    for (_, name) in found.iter().filter(|(stamp, _)| *stamp < oldest_kept) {
        if let Err(error) = fs::remove_file(dir.join(name)) {
            tracing::debug!(%error, "what was set aside long ago was not removed");
        }
    }
}

/// How often something was set aside there for that file, and is still there.
pub fn count(dir: &PrivateDir, file: &str) -> usize {
    let is_one = |name: &String| {
        let stamp = name.strip_prefix(file).and_then(|rest| rest.strip_prefix(MARK));
        stamp.is_some_and(|stamp| stamp.len() == LENGTH && is_stamp(stamp))
    };
    names(dir).filter(is_one).count()
}

fn names(dir: &PrivateDir) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(dir.path()).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

fn is_stamp(text: &str) -> bool {
    text.ends_with('Z') && text.bytes().all(|byte| byte.is_ascii_digit() || b"T.Z".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::draft::Draft;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn sorted(dir: &PrivateDir) -> Vec<String> {
        let mut names: Vec<String> = names(dir).collect();
        names.sort();
        names
    }

    #[test]
    fn the_last_few_stay_and_nothing_else_is_touched() {
        let root = tempfile::tempdir().unwrap();
        let dir = PrivateDir::make(&root.path().join("state")).unwrap();
        for n in 0..8 {
            let stamp = stamp(Timestamp::from_microsecond(1_767_000_000_000_000 + n).unwrap());
            assert_eq!(stamp.len(), LENGTH);
            fs::write(dir.join("db"), b"x").unwrap();
            assert!(set_aside(&dir, "db", &name_of("db", &stamp)).unwrap());
            fs::write(dir.join(&format!("{}-wal", name_of("db", &stamp))), b"x").unwrap();
        }
        fs::write(dir.join("db.set-aside-by-hand"), b"x").unwrap();
        prune(&dir, &["db", "key"]);
        assert_eq!((sorted(&dir).len(), count(&dir, "db")), (2 * KEPT + 1, KEPT));
        assert!(sorted(&dir)[0].ends_with(".000003Z"), "{:?}", sorted(&dir));
        assert!(!set_aside(&dir, "db", "other").unwrap(), "nothing is there");
    }

    #[test]
    fn whatever_has_the_name_is_set_aside_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let dir = PrivateDir::make(&root.path().join("state")).unwrap();
        let elsewhere = root.path().join("elsewhere");
        fs::write(&elsewhere, b"precious").unwrap();
        type Plant = fn(&Path, &Path) -> io::Result<()>;
        let plants: [Plant; 3] = [
            |path, _| fs::write(path, b"foreign"),
            |path, elsewhere| symlink(elsewhere, path),
            |path, _| fs::create_dir(path),
        ];
        for (at, plant) in plants.into_iter().enumerate() {
            plant(&dir.join("db"), &elsewhere).unwrap();
            let draft = Draft::new(&dir, "db").unwrap();
            fs::write(draft.path(), b"ours").unwrap();
            let aside = format!("aside-{at}");
            assert!(draft.replace(&aside).unwrap());
            assert_eq!(fs::read(dir.join("db")).unwrap(), b"ours");
            assert!(fs::symlink_metadata(dir.join(&aside)).is_ok());
            fs::remove_file(dir.join("db")).unwrap();
        }
        assert_eq!(fs::read(dir.join("aside-0")).unwrap(), b"foreign");
        assert_eq!(fs::read_link(dir.join("aside-1")).unwrap(), elsewhere);
        assert_eq!(fs::read(&elsewhere).unwrap(), b"precious");
        let draft = Draft::new(&dir, "db").unwrap();
        assert!(!draft.replace("aside-3").unwrap(), "nothing was there");
        // A name that is taken is not given twice, and what had the draft's name has it again.
        fs::write(dir.join("db"), b"foreign").unwrap();
        assert!(Draft::new(&dir, "db").unwrap().replace("aside-0").is_err());
        assert_eq!(fs::read(dir.join("db")).unwrap(), b"foreign");
        assert_eq!(sorted(&dir), ["aside-0", "aside-1", "aside-2", "db"]);
    }
}
