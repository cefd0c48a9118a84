//! Replacing against everything that may happen in between.

use super::*;
use crate::host::accounts::own_uid;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

const CAP: u64 = 1 << 20;

struct Scratch {
    _root: tempfile::TempDir,
    dir: PathBuf,
}

fn scratch() -> Scratch {
    let root = tempfile::tempdir().unwrap();
    let dir = fs::canonicalize(root.path()).unwrap();
    fs::write(dir.join("f"), "old").unwrap();
    Scratch { _root: root, dir }
}

impl Scratch {
    fn file(&self) -> PathBuf {
        self.dir.join("f")
    }

    fn place(&self) -> Place {
        Place::find(&self.file(), own_uid()).unwrap()
    }

    fn save(&self, text: &str) {
        fs::write(self.dir.join("beside"), text).unwrap();
        fs::rename(self.dir.join("beside"), self.file()).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn names(&self) -> usize {
        fs::read_dir(&self.dir).unwrap().count()
    }
}

#[test]
fn bytes_change_and_all_else_stays() {
    let scratch = scratch();
    fs::set_permissions(scratch.file(), Permissions::from_mode(0o640)).unwrap();
    let file = File::open(scratch.file()).unwrap();
    let kept = rustix::fs::fsetxattr(&file, "user.kept", b"yes", rustix::fs::XattrFlags::empty());
    let place = scratch.place();
    let held = place.read(CAP).unwrap();
    assert_eq!(place.replace(&held, b"new"), Ok(Swap::Exchanged));
    assert_eq!((scratch.text().as_str(), scratch.names()), ("new", 1));
    assert_eq!(fs::metadata(scratch.file()).unwrap().mode() & 0o7777, 0o640);
    if kept.is_ok() {
        let mut value = [0; 8];
        assert_eq!(rustix::fs::getxattr(scratch.file(), "user.kept", &mut value[..]), Ok(3));
    } else {
        eprintln!("not run with attributes: this file system has none");
    }
    place.forbid(0o040).unwrap();
    assert_eq!(fs::metadata(scratch.file()).unwrap().mode() & 0o7777, 0o600);
}

#[test]
fn what_was_saved_since_stands() {
    let scratch = scratch();
    let place = scratch.place();
    let held = place.read(CAP).unwrap();
    scratch.save("theirs");
    assert_eq!(place.replace(&held, b"new"), Ok(Swap::Overtaken));
    assert_eq!((scratch.text().as_str(), scratch.names()), ("theirs", 1));
    let held = place.read(CAP).unwrap();
    fs::write(scratch.file(), "inplac").unwrap();
    assert_eq!(place.replace(&held, b"new"), Ok(Swap::Overtaken));
    assert_eq!((scratch.text().as_str(), scratch.names()), ("inplac", 1));
    // Within one tick of the clock nothing but its bytes tells that it was written.
    let mut held = place.read(CAP).unwrap();
    fs::write(scratch.file(), "within").unwrap();
    held.stat = fstat(&held.file).unwrap();
    assert_eq!(place.replace(&held, b"new"), Ok(Swap::Overtaken));
    assert_eq!((scratch.text().as_str(), scratch.names()), ("within", 1));
    // And whoever only touches it has saved nothing.
    let held = place.read(CAP).unwrap();
    File::open(scratch.file()).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(place.replace(&held, b"within"), Ok(Swap::Exchanged));
    let held = place.read(CAP).unwrap();
    fs::set_permissions(scratch.file(), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(place.replace(&held, b"new"), Ok(Swap::Overtaken), "nobody else is to read it now");
    let held = place.read(CAP).unwrap();
    fs::remove_file(scratch.file()).unwrap();
    assert_eq!(place.replace(&held, b"new"), Ok(Swap::Overtaken));
    assert_eq!(scratch.names(), 0, "who removed it meant that");
    for odd in ["a link", "a directory"] {
        scratch.save("old");
        let held = place.read(CAP).unwrap();
        fs::remove_file(scratch.file()).unwrap();
        if odd == "a link" {
            symlink("/etc/passwd", scratch.file()).unwrap();
        } else {
            fs::create_dir(scratch.file()).unwrap();
        }
        assert_eq!(place.replace(&held, b"new"), Ok(Swap::Overtaken), "{odd}");
        assert!(!fs::symlink_metadata(scratch.file()).unwrap().is_file(), "{odd}");
        assert_eq!(scratch.names(), 1);
        fs::remove_file(scratch.file()).or_else(|_| fs::remove_dir(scratch.file())).unwrap();
    }
}

#[test]
fn what_is_no_plain_file_of_its_owner_is_refused() {
    let scratch = scratch();
    let refusal = |place: Place| place.read(CAP).err().unwrap();
    fs::hard_link(scratch.file(), scratch.dir.join("other")).unwrap();
    assert_eq!(refusal(scratch.place()), ReplaceError::HardLinks);
    fs::remove_file(scratch.dir.join("other")).unwrap();
    assert_eq!(scratch.place().read(2).err(), Some(ReplaceError::TooLarge(2)));
    let other = Place::find(&scratch.file(), own_uid() + 1).unwrap();
    assert_eq!(refusal(other), ReplaceError::Owner(own_uid()));
    fs::remove_file(scratch.file()).unwrap();
    assert_eq!(refusal(scratch.place()), ReplaceError::Missing);
    rustix::fs::mknodat(rustix::fs::CWD, scratch.file(), FileType::Fifo, Mode::from_raw_mode(0o600), 0)
        .unwrap();
    assert_eq!(refusal(scratch.place()), ReplaceError::NotRegular);
}

/// A file system gives the number of a removed file away at once: a later save may have that of what it replaced.
#[test]
fn a_save_is_not_taken_for_what_had_its_number_before() {
    let scratch = scratch();
    let place = scratch.place();
    let assert_stands_after = |what: &str, happens: &dyn Fn(), text: &str| {
        scratch.save("old");
        let held = place.read(CAP).unwrap();
        let mut draft = Draft::make(&place, &held, b"new").unwrap();
        scratch.save("displaced");
        place.exchange(&draft.name).unwrap();
        draft.is_theirs = true;
        happens();
        assert_eq!(draft.put_back(), Ok(Swap::Overtaken), "{what}");
        assert_eq!((scratch.text().as_str(), scratch.names()), (text, 1), "{what}");
    };
    for saves in 0..=5 {
        let save = || (1..=saves).for_each(|_| scratch.save("later"));
        assert_stands_after(&format!("{saves} saves"), &save, if saves == 0 { "displaced" } else { "later" });
    }
    assert_stands_after("in place", &|| fs::write(scratch.file(), "in place").unwrap(), "in place");
    assert_stands_after("removed", &|| fs::remove_file(scratch.file()).unwrap(), "displaced");
}

#[test]
fn nothing_that_anybody_saved_is_lost() {
    let scratch = scratch();
    scratch.save("0");
    let is_over = AtomicBool::new(false);
    let replaced = std::thread::scope(|scope| {
        scope.spawn(|| {
            (1..=2_000).for_each(|number| scratch.save(&number.to_string()));
            is_over.store(true, Ordering::Relaxed);
        });
        let place = scratch.place();
        let mut replaced = 0;
        while !is_over.load(Ordering::Relaxed) || replaced == 0 {
            let held = place.read(CAP).unwrap();
            let text = String::from_utf8(held.bytes.clone()).unwrap();
            let new = format!("{} reverted", text.trim_end_matches(" reverted"));
            match place.replace(&held, new.as_bytes()) {
                Ok(swap) => replaced += u32::from(swap != Swap::Overtaken),
                Err(error) => assert_eq!(error, ReplaceError::Overtaken),
            }
        }
        replaced
    });
    assert!(replaced > 0);
    assert_eq!(scratch.text().trim_end_matches(" reverted"), "2000");
    assert_eq!(scratch.names(), 1);
}

/// As root, which nothing holds back: what is not the owner's is not touched, whatever is swapped for what.
#[test]
fn a_home_that_swaps_in_a_tight_loop_leads_nowhere_else() {
    const OWNER: u32 = 45_678;
    if own_uid() != 0 {
        eprintln!("not run: only root can act for others");
        return;
    }
    let scratch = scratch();
    let (home, outside) = (scratch.dir.join("home"), scratch.dir.join("outside"));
    let give = |path: &Path| std::os::unix::fs::lchown(path, Some(OWNER), Some(OWNER)).unwrap();
    [&home, &outside].into_iter().for_each(|dir| fs::create_dir(dir).unwrap());
    give(&home);
    let (file, secret) = (home.join("f"), outside.join("f"));
    fs::write(&secret, "secret").unwrap();
    let before = fs::metadata(&secret).unwrap();
    let is_over = AtomicBool::new(false);
    let mut replaced = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in (0..4_u32).cycle() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let [name, moved] = [home.join("name"), scratch.dir.join("moved")];
                // NOTE(ignored): what one round leaves may be in the way of the next.
                let _swapped = match round {
                    0 => {
                        symlink(&secret, &name).map(|()| give(&name)).and_then(|()| fs::rename(&name, &file))
                    }
                    1 => fs::hard_link(&secret, &name).and_then(|()| fs::rename(&name, &file)),
                    2 => fs::rename(&home, &moved)
                        .and_then(|()| symlink(&outside, &home))
                        .and_then(|()| fs::remove_file(&home))
                        .and_then(|()| fs::rename(&moved, &home)),
                    _ => {
                        fs::write(&name, "own").map(|()| give(&name)).and_then(|()| fs::rename(&name, &file))
                    }
                };
                if round == 3 {
                    // Long enough for one of many to get through.
                    std::thread::sleep(std::time::Duration::from_micros(500));
                }
            }
        });
        let start = std::time::Instant::now();
        let mut tries = 0;
        while (tries < 5_000 || replaced == 0) && start.elapsed().as_secs() < 60 {
            tries += 1;
            let Ok(place) = Place::find(&file, OWNER) else { continue };
            let Ok(held) = place.read(CAP) else { continue };
            assert_ne!(held.bytes, b"secret", "it is read out");
            let swap = place.replace(&held, b"reverted");
            replaced += u32::from(matches!(swap, Ok(Swap::Exchanged)));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let after = fs::metadata(&secret).unwrap();
    assert_eq!(fs::read(&secret).unwrap(), b"secret");
    assert_eq!((before.uid(), before.mode(), before.ino()), (after.uid(), after.mode(), after.ino()));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "nothing is put there");
    assert!(replaced > 0);
}
