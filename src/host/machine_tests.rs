//! What `Machine` must not be fooled by.

use super::*;
use rustix::fs::{CWD, FileType, mknodat};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

const CAP: u64 = 1 << 20;

fn read(path: &Path) -> Result<Contents, ReadError> {
    Machine.read(path, CAP)
}

#[test]
fn a_regular_file_is_read_with_its_facts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.json");
    fs::write(&path, b"{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let contents = read(&path).unwrap();
    assert_eq!(contents.bytes, b"{}");
    assert_eq!((contents.facts.mode, contents.facts.size, contents.facts.hard_links), (0o640, 2, 1));
    assert_eq!(contents.facts.link_target, None);
    assert_eq!(Machine.facts(&path).unwrap(), contents.facts);
    assert!(Machine.exists(&path));
    assert!(!format!("{contents:?}").contains("{}"));
}

#[test]
fn links_are_followed_and_their_target_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    fs::write(root.join("real"), b"x").unwrap();
    symlink("real", root.join("one")).unwrap();
    symlink("one", root.join("two")).unwrap();
    let contents = read(&root.join("two")).unwrap();
    assert_eq!(contents.bytes, b"x");
    assert_eq!(contents.facts.link_target, Some(root.join("real")));
    symlink("loop", root.join("loop")).unwrap();
    assert!(matches!(read(&root.join("loop")), Err(ReadError::LinkLoop(_))));
    symlink("nowhere", root.join("dangling")).unwrap();
    assert!(matches!(read(&root.join("dangling")), Err(ReadError::Missing(_))));
    assert!(!Machine.exists(&root.join("dangling")));
}

#[test]
fn what_is_no_file_is_named_and_never_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    assert!(matches!(read(&fifo), Err(ReadError::Fifo(_))));
    let socket = dir.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    assert!(matches!(read(&socket), Err(ReadError::Socket(_))));
    assert!(matches!(read(dir.path()), Err(ReadError::Directory(_))));
    assert!(matches!(read(Path::new("/dev/zero")), Err(ReadError::Device(_))));
    assert!(Machine.exists(&fifo) && Machine.exists(dir.path()));
    assert!(matches!(read(&dir.path().join("none")), Err(ReadError::Missing(_))));
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(matches!(read(&file.join("below")), Err(ReadError::Missing(_))));
}

#[test]
fn size_is_judged_before_and_while_reading() {
    let dir = tempfile::tempdir().unwrap();
    let sparse = dir.path().join("sparse");
    File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    assert!(matches!(read(&sparse), Err(ReadError::TooLarge { cap: CAP, .. })));
    let exact = dir.path().join("exact");
    fs::write(&exact, vec![b'x'; 64]).unwrap();
    assert_eq!(Machine.read(&exact, 64).unwrap().bytes.len(), 64);
    assert!(matches!(Machine.read(&exact, 63), Err(ReadError::TooLarge { .. })));
    // A file of the kernel's says that it is empty and is not.
    assert!(matches!(Machine.read(Path::new("/proc/self/status"), 16), Err(ReadError::TooLarge { .. })));
    assert!(!read(Path::new("/proc/self/status")).unwrap().bytes.is_empty());
}

#[test]
fn names_are_listed_in_order() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b", "a", "c"] {
        fs::write(dir.path().join(name), b"").unwrap();
    }
    assert_eq!(Machine.list(dir.path()).unwrap(), ["a", "b", "c"]);
    assert!(matches!(Machine.list(&dir.path().join("none")), Err(ReadError::Missing(_))));
}

#[test]
fn a_file_that_grows_while_it_is_read_stays_within_the_cap() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("grows");
    fs::write(&path, b"x").unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::Write;
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                file.write_all(&[b'x'; 512]).unwrap();
            }
        });
        for _ in 0..50 {
            match Machine.read(&path, 4096) {
                Ok(contents) => assert!(contents.bytes.len() <= 4096),
                Err(error) => assert!(matches!(error, ReadError::TooLarge { .. }), "{error}"),
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
