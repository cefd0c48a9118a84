//! What is not as it must be is refused with one clear sentence, and nothing is overwritten.

use super::*;
use mcpwatch::host::refusal::Refusal;
use mcpwatch::journal::{ApprovalState, EventFilter, Journal, JournalError};
use rusqlite::Connection;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// A state directory with a journal in which one approval and some events lie.
fn filled() -> (tempfile::TempDir, PathBuf) {
    let (root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.approve(Path::new("/home/u"), vec![approval("a"), approval("b")], time(0)).unwrap();
    let events = (0..200).map(|n| event(&format!("id-{n}"), AgentAction::AgentGap, Level::Low, n)).collect();
    journal.append_all(events).unwrap();
    (root, state)
}

/// Both ways of opening refuse, in the same words, and leave every byte as it was.
fn refusal(state: &Path) -> JournalError {
    let bytes = |name: &str| fs::read(state.join(name)).ok();
    let before = (bytes("journal.db"), bytes("key"));
    let written = Journal::open(state).unwrap_err();
    let read = Journal::open_existing(state).unwrap_err();
    assert_eq!(written.to_string(), read.to_string());
    assert!(!written.to_string().contains('\n'));
    assert_eq!(before, (bytes("journal.db"), bytes("key")));
    written
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn nothing_there_is_no_error_for_a_reader() {
    let (_root, state) = state();
    assert!(Journal::open_existing(&state).unwrap().is_none());
    assert!(!state.exists());
    fs::create_dir(&state).unwrap();
    chmod(&state, 0o700);
    assert!(Journal::open_existing(&state).unwrap().is_none());
    assert_eq!(fs::read_dir(&state).unwrap().count(), 0);
}

#[test]
fn a_directory_or_file_that_is_open_to_others() {
    for (name, open, closed) in [("", 0o755, 0o700), ("key", 0o644, 0o600), ("journal.db", 0o660, 0o600)] {
        let (_root, state) = filled();
        let path = state.join(name);
        chmod(&path, open);
        let error = refusal(&state);
        assert!(matches!(error, JournalError::Refused(Refusal::TooOpen { .. })), "{error}");
        assert!(error.to_string().contains(&format!("chmod {closed:04o} ")), "{error}");
        chmod(&path, closed);
        Journal::open(&state).unwrap();
    }
}

#[test]
fn links_where_files_belong() {
    for name in ["journal.db", "key", "journal.db-wal"] {
        let (root, state) = filled();
        let elsewhere = root.path().join("elsewhere");
        if state.join(name).exists() {
            fs::rename(state.join(name), &elsewhere).unwrap();
        }
        symlink(&elsewhere, state.join(name)).unwrap();
        let error = refusal(&state);
        assert!(matches!(error, JournalError::Refused(Refusal::Link(_))), "{name}: {error}");
    }
    let (root, state) = filled();
    symlink(&state, root.path().join("link")).unwrap();
    assert!(matches!(refusal(&root.path().join("link")), JournalError::Refused(Refusal::Link(_))));
}

#[test]
fn a_newer_version() {
    let (_root, state) = filled();
    Connection::open(state.join("journal.db")).unwrap().pragma_update(None, "user_version", 700).unwrap();
    let error = refusal(&state);
    assert!(error.to_string().contains("made by a newer mcpwatch (schema 700, this one knows "), "{error}");
}

#[test]
fn truncated_overwritten_or_somebody_elses() {
    let (_root, state) = filled();
    let path = state.join("journal.db");
    let whole = fs::read(&path).unwrap();
    for length in [0, 10, 50, 600, 4096, whole.len() / 2, whole.len() - 4096] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = refusal(&state);
        let is_named = matches!(error, JournalError::Damaged(_) | JournalError::NotAJournal(_));
        assert!(is_named, "{length}: {error:?}");
    }
    fs::write(&path, vec![b'x'; 8192]).unwrap();
    assert!(matches!(refusal(&state), JournalError::NotAJournal(_)));
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    chmod(&path, 0o600);
    assert!(matches!(refusal(&state), JournalError::NotAJournal(_)));
    fs::write(&path, &whole).unwrap();
    assert_eq!(Journal::open(&state).unwrap().count().unwrap(), 200);
}

#[test]
fn damage_inside_is_an_error_and_not_a_panic() {
    let (_root, state) = filled();
    let path = state.join("journal.db");
    let whole = fs::read(&path).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut broken = whole.clone();
        broken[page * 4096..(page + 1) * 4096].fill(0xA5);
        fs::write(&path, &broken).unwrap();
        let Ok(journal) = Journal::open(&state) else { continue };
        _ = journal.events(&EventFilter::default());
        _ = journal.approvals(Path::new("/home/u"), time(1));
        assert!(journal.check_soundness().is_err(), "page {page}");
    }
}

#[test]
fn a_key_that_is_missing_short_or_anothers() {
    let (_root, state) = filled();
    let key = fs::read(state.join("key")).unwrap();
    fs::remove_file(state.join("key")).unwrap();
    assert!(matches!(refusal(&state), JournalError::KeyMissing { .. }));
    assert!(!state.join("key").exists());
    for length in [0, 31, 33] {
        fs::write(state.join("key"), vec![7; length]).unwrap();
        chmod(&state.join("key"), 0o600);
        assert!(matches!(refusal(&state), JournalError::KeyLength { found, .. } if found == length as u64));
    }
    fs::write(state.join("key"), [7; 32]).unwrap();
    assert!(matches!(refusal(&state), JournalError::KeyMismatch { .. }));
    fs::write(state.join("key"), key).unwrap();
    Journal::open(&state).unwrap();
}

#[test]
fn a_log_without_its_database() {
    let (_root, state) = filled();
    fs::remove_file(state.join("journal.db")).unwrap();
    Journal::open(&state).unwrap();
    fs::remove_file(state.join("journal.db")).unwrap();
    fs::write(state.join("journal.db-wal"), b"left behind").unwrap();
    chmod(&state.join("journal.db-wal"), 0o600);
    assert!(matches!(refusal(&state), JournalError::Orphaned { .. }));
}

#[test]
fn a_sealed_value_that_was_moved_or_changed() {
    for change in [
        "UPDATE approvals SET content = (SELECT content FROM approvals WHERE id = 2) WHERE id = 1",
        "UPDATE approvals SET content = raw, raw = content WHERE id = 1",
        "UPDATE approvals SET subject = replace(subject, '\"a\"', '\"c\"') WHERE id = 1",
        "UPDATE approvals SET raw = zeroblob(60) WHERE id = 1",
        "UPDATE approvals SET home = '/home/u' || '' , content = x'' WHERE id = 1",
    ] {
        let (_root, state) = filled();
        Connection::open(state.join("journal.db")).unwrap().execute_batch(change).unwrap();
        let mut journal = Journal::open(&state).unwrap();
        let error = journal.approvals(Path::new("/home/u"), time(1)).unwrap_err();
        assert!(matches!(error, JournalError::Tampered { id: 1, .. }), "{change}: {error}");
        assert_eq!(journal.all_approvals(time(1)).unwrap()[0].state, ApprovalState::Tampered);
        journal.withdraw(1, "u", time(1)).unwrap();
        assert_eq!(journal.approvals(Path::new("/home/u"), time(1)).unwrap().len(), 1);
    }
}
