//! Bytes of every sort, and the real kernel where it lets us.

use super::*;
use crate::host::entry::Entry;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// One record: its kind, and what stands in it.
fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + content.len()).unwrap().to_ne_bytes();
    [&[kind, 0], length.as_slice(), content].concat()
}

fn file(kind: u8, handle: &[u8], name: &[u8]) -> Vec<u8> {
    let length = u32::try_from(handle.len()).unwrap().to_ne_bytes();
    record(kind, &[&[7; 8], length.as_slice(), &1i32.to_ne_bytes(), handle, name].concat())
}

fn event(mask: u64, pid: i32, records: &[Vec<u8>]) -> Vec<u8> {
    let records = records.concat();
    let length = u32::try_from(24 + records.len()).unwrap().to_ne_bytes();
    let (kind, size) = ([3, 0], 24u16.to_ne_bytes());
    let fd = (-1i32).to_ne_bytes();
    [&length, kind.as_slice(), &size, &mask.to_ne_bytes(), &fd, &pid.to_ne_bytes(), &records].concat()
}

#[test]
fn a_rename_says_both_names_the_file_and_the_process() {
    let bytes = event(
        0x1000_0000,
        17,
        &[
            file(10, b"dir", b"sedX\0\0"),
            file(12, b"dir", b"f\0"),
            file(1, b"file", b""),
            record(4, &9i32.to_ne_bytes()),
            record(99, b"of a newer kernel"),
        ],
    );
    let found: Vec<_> = events(&bytes).collect::<Result<_, _>>().unwrap();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert!(found.what.is_renamed() && !found.what.is_directory());
    assert_eq!((found.pid, found.pidfd), (17, 9));
    let (old, new) = (found.old.unwrap(), found.new.unwrap());
    assert_eq!((old.name, new.name), ("sedX".as_ref(), "f".as_ref()));
    assert_eq!(old.directory, new.directory);
    assert_ne!(Some(old.directory), found.file);
    assert_eq!(found.name, None);
}

#[test]
fn what_is_cut_short_or_lies_about_its_length_is_refused() {
    let good = event(2, 1, &[file(2, b"dir", b"name\0\0\0\0")]);
    for length in 1..good.len() {
        assert_eq!(events(&good[..length]).last(), Some(Err(Malformed)), "{length}");
    }
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        events(&bytes).last().unwrap().map(drop)
    };
    for (at, byte) in
        [(0, 0), (0, 23), (0, 255), (4, 2), (6, 0), (6, 255), (26, 0), (26, 3), (26, 255), (36, 255)]
    {
        assert_eq!(with(at, byte), Err(Malformed), "{at} {byte}");
    }
    let without_end = event(2, 1, &[file(2, b"dir", b"name")]);
    assert_eq!(events(&without_end).last(), Some(Err(Malformed)));
    assert_eq!(events(&[]).count(), 0);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(events(&bytes).count() <= bytes.len() / 24 + 1);
    }

    #[test]
    fn damaged_events_are_read_or_refused(
        at in 0usize..120,
        byte in any::<u8>(),
        more in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let one = event(2, 1, &[file(2, b"dir", b"name\0"), file(1, b"f", b""), record(4, &[1, 0, 0, 0])]);
        let mut bytes = [one.clone(), one, more].concat();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        prop_assert!(events(&bytes).count() <= bytes.len() / 24 + 1);
    }
}

/// A group, or one line that says why there is none.
pub(super) fn group() -> Option<Group> {
    Group::new().inspect_err(|error| eprintln!("not run: the kernel gives no fanotify group: {error}")).ok()
}

fn opened(path: &Path) -> Opened {
    let (Entry::Directory(identity) | Entry::File(identity)) = Entry::at(path) else { panic!("{path:?}") };
    Opened::at(path, identity).unwrap()
}

#[test]
fn the_kernel_names_what_was_marked_and_who_did_it() {
    let Some(group) = group() else { return };
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("f");
    fs::write(&path, "x").unwrap();
    let (directory, file) = (opened(root.path()), opened(&path));
    group.mark(&directory, Interest::Directory).unwrap();
    group.mark(&file, Interest::File).unwrap();
    fs::write(&path, "y").unwrap();
    let mut buffer = [0; 4096];
    let mut doers = Doers::default();
    let mut heard = 0;
    let ready = group.wait(&Bell::new().unwrap()).unwrap();
    assert!(ready.has_events && !ready.is_rung);
    group
        .read(&mut buffer, |event, process| {
            heard += 1;
            assert!(event.what.is_written());
            assert_eq!(event.file, Some(file.handle()));
            let name = event.name.unwrap();
            assert_eq!((name.directory, name.name), (directory.handle(), "f".as_ref()));
            let who = doers.who(event.pid, process);
            assert_eq!(who.pid, std::process::id());
            assert!(who.started.is_some() && !who.is_reaped);
        })
        .unwrap();
    assert_eq!(heard, 1);
    group.unmark(&file);
    group.unmark(&directory);
    fs::write(&path, "z").unwrap();
    assert!(!group.read(&mut buffer, |event, _| panic!("{event:?}")).unwrap());
}

#[test]
fn files_in_a_directory_that_only_leads_on_wake_nobody() {
    let Some(group) = group() else { return };
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    group.mark(&opened(root.path()), Interest::Way).unwrap();
    for round in 0..3 {
        fs::write(path("a"), "x").unwrap();
        fs::rename(path("a"), path("b")).unwrap();
        fs::remove_file(path("b")).unwrap();
        fs::create_dir(path("d")).unwrap();
        let mut buffer = [0; 4096];
        let is_quiet = !group.read(&mut buffer, |event, _| eprintln!("{event:?}")).unwrap();
        if round == 0 && !is_quiet {
            return eprintln!("not run: before Linux 6.0 these are heard, and nothing follows from them");
        }
        assert!(is_quiet);
        fs::rename(path("d"), path("e")).unwrap();
        fs::remove_dir(path("e")).unwrap();
        let mut heard = 0;
        group.read(&mut buffer, |_, _| heard += 1).unwrap();
        assert_eq!(heard, 2);
    }
    // And when files count in it after all:
    group.mark(&opened(root.path()), Interest::Directory).unwrap();
    fs::write(path("a"), "x").unwrap();
    fs::remove_file(path("a")).unwrap();
    let mut deleted = 0;
    group.read(&mut [0; 4096], |event, _| deleted += usize::from(event.what.is_deleted())).unwrap();
    assert_eq!(deleted, 1);
}

#[test]
fn a_process_that_is_gone_is_said_to_be_gone() {
    let mut doers = Doers::default();
    assert_eq!(doers.who(0, None), Doer { pid: 0, started: None, is_reaped: false });
    assert_eq!(doers.who(7, None), Doer { pid: 7, started: None, is_reaped: true });
    let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let held = || rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).unwrap();
    let (one, two) = (held(), held());
    let alive = doers.who(child.id(), Some(one));
    assert!(alive.started.is_some() && !alive.is_reaped);
    drop(child.stdin.take());
    child.wait().unwrap();
    let gone = Doer { pid: child.id(), started: None, is_reaped: true };
    assert_eq!(doers.who(child.id(), Some(two)), gone);
}
