//! Opening the journal: making it, checking it, and refusing what is not as it must be. Must not know what is
//! asked of it afterwards.

use super::attached::{Attachment, detached};
use super::error::JournalError;
use super::head::Head;
use super::keyfile;
use super::log::copy_apart;
use super::migrate::{self, KNOWN, Kind};
use super::seal::Sealer;
use super::tables::failed;
use crate::host::draft::{self, Draft};
use crate::host::private_dir::PrivateDir;
use crate::host::private_file;
use crate::host::refusal::Refusal;
use crate::model::digest::Key;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags, OptionalExtension};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database's name.
pub(super) const DATABASE: &str = "journal.db";
/// Where its changes go first.
pub(super) const LOG: &str = "journal.db-wal";
/// The index of that log, which its processes share.
pub(super) const SHARED: &str = "journal.db-shm";

/// How long another process's transaction is waited for, unless told otherwise.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// `PRAGMA cache_size`, in kB: what is written is at the end, and the next one finds the same few pages. SQLite would keep
/// twice as much, and never give it back.
const CACHE: i64 = -1024;

/// `PRAGMA auto_vacuum`: room is given back when it is asked for.
const INCREMENTAL: i64 = 2;

/// The journal of one state directory. One writer at a time; readers never wait for it.
pub struct Journal {
    pub(super) connection: Connection,
    pub(super) key: Key,
    pub(super) sealer: Sealer,
    pub(super) path: PathBuf,
    pub(super) attachment: Attachment,
    /// How many rows had changed when the log was copied last.
    pub(super) copied: u64,
    /// The newest event that this process committed.
    pub(super) last: Option<Head>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal of that state directory for writing; directory, key and database are made where there
    /// are none, and nothing that is there is overwritten.
    pub fn open(state: &Path) -> Result<Self, JournalError> {
        let dir = PrivateDir::make(state)?;
        let has_database = verify_files(&dir)?;
        let key = match keyfile::load(&dir)? {
            Some(key) => key,
            None if has_database => return Err(key_missing(&dir)),
            None => keyfile::create(&dir)?,
        };
        if !has_database {
            create(&dir, &key)?;
        }
        draft::sweep(&dir, DATABASE);
        draft::sweep(&dir, keyfile::NAME);
        let path = dir.join(DATABASE);
        let opened = Attachment::to(path.clone(), None);
        let mut connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE, &path)?;
        let version = require_journal(&connection, &path)?;
        require_key(&connection, version, &key, &dir)?;
        // SQLite opens for reading what it may not write, and would say so only at the first change.
        if connection.is_readonly(MAIN_DB).map_err(failed(&path))? {
            return Err(JournalError::ReadOnly(path));
        }
        if version < KNOWN {
            migrate::apply(&mut connection, &key).map_err(failed(&path))?;
            make_shrinkable(&connection);
        }
        use_log(&connection).and_then(|()| copy_apart(&connection)).map_err(failed(&path))?;
        // The log is there from the first reading on.
        require_journal(&connection, &path)?;
        let attachment = Attachment::to(path.clone(), Some(dir.join(LOG)));
        // Replaced while it was being opened.
        if !opened.holds() || !attachment.holds() {
            return Err(detached(&path));
        }
        Ok(Self { connection, sealer: Sealer::new(&key), key, path, attachment, copied: 0, last: None })
    }

    /// Opens the journal of that state directory for reading; `None` when there is none. Works while another
    /// process writes, and on a read-only file system.
    pub fn open_existing(state: &Path) -> Result<Option<Self>, JournalError> {
        let Some(dir) = PrivateDir::verify(state)? else { return Ok(None) };
        if !verify_files(&dir)? {
            return Ok(None);
        }
        let key = keyfile::load(&dir)?.ok_or_else(|| key_missing(&dir))?;
        let path = dir.join(DATABASE);
        let attachment = Attachment::to(path.clone(), None);
        let has_log = private_file::size(&dir, LOG)?.is_some_and(|size| size > 0);
        // Without a place for its index SQLite reads a database only if told that nobody writes it.
        let connection = look(&path, dir.is_writable() || has_log)?;
        let version = require_journal(&connection, &path)?;
        require_key(&connection, version, &key, &dir)?;
        if version < KNOWN {
            drop(connection);
            return Self::open(state).map(Some);
        }
        Ok(Some(Self { connection, sealer: Sealer::new(&key), key, path, attachment, copied: 0, last: None }))
    }

    /// The installation's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits so long for another process's transaction, instead of 5 seconds.
    pub fn set_patience(&mut self, patience: Duration) -> Result<(), JournalError> {
        self.connection.busy_timeout(patience).map_err(failed(&self.path))
    }

    /// Reads the whole database through and says whether it is sound. Takes a while on a large one.
    pub fn check_soundness(&self) -> Result<(), JournalError> {
        let answer: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(failed(&self.path))?;
        if answer == "ok" { Ok(()) } else { Err(JournalError::Damaged(self.path.clone())) }
    }
}

/// Opens a database of this very version for writing, beside whoever made it and has it open.
pub(super) fn attach(dir: &PrivateDir, key: Key) -> Result<Journal, JournalError> {
    let path = dir.join(DATABASE);
    if !verify_files(dir)? {
        return Err(detached(&path));
    }
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE, &path)?;
    let version = require_journal(&connection, &path)?;
    if version != KNOWN {
        return Err(detached(&path));
    }
    require_key(&connection, version, &key, dir)?;
    let attachment = Attachment::to(path.clone(), Some(dir.join(LOG)));
    if !attachment.holds() {
        return Err(detached(&path));
    }
    Ok(Journal { connection, sealer: Sealer::new(&key), key, path, attachment, copied: 0, last: None })
}

/// Whether there is a database; what is there must be ours and closed to others.
fn verify_files(dir: &PrivateDir) -> Result<bool, JournalError> {
    // In this order: a log comes after its database, so one without it was left behind.
    let log = private_file::size(dir, LOG)?;
    private_file::verify(dir, SHARED)?;
    match private_file::size(dir, DATABASE)? {
        Some(0) => Err(JournalError::Damaged(dir.join(DATABASE))),
        Some(_) => Ok(true),
        None if log.is_some_and(|size| size > 0) => {
            Err(JournalError::Orphaned { path: dir.join(DATABASE), log: dir.join(LOG) })
        }
        None => Ok(false),
    }
}

/// Makes the database under another name and gives it its own when it is complete, so that a crash leaves no
/// half of one and an empty one is always damage.
fn create(dir: &PrivateDir, key: &Key) -> Result<(), JournalError> {
    let draft = Draft::new(dir, DATABASE)?;
    make(draft.path(), key, |_| Ok(())).map_err(failed(&dir.join(DATABASE)))?;
    match draft.publish() {
        // Another process was quicker; its database is opened.
        Ok(()) | Err(Refusal::Exists(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Makes an empty file a journal, with what `fill` puts into it.
pub(super) fn make(
    path: &Path,
    key: &Key,
    fill: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut connection = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
    migrate::apply(&mut connection, key)?;
    let sql = "INSERT INTO meta (name, value) VALUES ('key_check', ?1)";
    connection.execute(sql, [keyfile::check_value(key, KNOWN)])?;
    fill(&connection)?;
    use_log(&connection)?;
    connection.close().map_err(|(_, error)| error)
}

/// Makes an older database able to give room back. It takes a copy of the whole, so that it may fail where there is
/// little room; then the room is used again instead.
fn make_shrinkable(connection: &Connection) {
    let shrink = || {
        connection.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
        connection.execute_batch("VACUUM")
    };
    if let Err(error) = shrink() {
        tracing::info!(%error, "the journal was not made smaller");
    }
}

fn flags(flags: OpenFlags) -> OpenFlags {
    flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW
}

fn connect(name: &Path, access: OpenFlags, path: &Path) -> Result<Connection, JournalError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(name, flags(access))?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // A plan that depends on what is looked for is made anew each time that something else is.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    };
    open().map_err(failed(path))
}

/// Opens it for reading; where it is not `shared`, nobody may write it meanwhile, and nothing is made beside it.
pub(super) fn look(path: &Path, shared: bool) -> Result<Connection, JournalError> {
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
    match shared {
        true => connect(path, read_only, path),
        false => connect(&immutable_uri(path), read_only | OpenFlags::SQLITE_OPEN_URI, path),
    }
}

/// Changes go to a log first, so that readers and the writer do not wait for each other.
fn use_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)).map(drop)
}

/// The version of a database that is a journal and not too new for us. Nothing was written to it before.
fn require_journal(connection: &Connection, path: &Path) -> Result<i64, JournalError> {
    match migrate::kind(connection).map_err(failed(path))? {
        Kind::Foreign => Err(JournalError::NotAJournal(path.to_path_buf())),
        Kind::Journal(found) if found > KNOWN => {
            Err(JournalError::Newer { path: path.to_path_buf(), found, known: KNOWN })
        }
        Kind::Journal(version) => Ok(version),
    }
}

fn require_key(
    connection: &Connection,
    version: i64,
    key: &Key,
    dir: &PrivateDir,
) -> Result<(), JournalError> {
    let path = dir.join(DATABASE);
    let kept: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE name = 'key_check'", [], |row| row.get(0))
        .optional()
        .map_err(failed(&path))?;
    if kept.as_deref() == Some(keyfile::check_value(key, version).as_str()) {
        return Ok(());
    }
    Err(JournalError::KeyMismatch { key: dir.join(keyfile::NAME), path })
}

fn key_missing(dir: &PrivateDir) -> JournalError {
    JournalError::KeyMissing { key: dir.join(keyfile::NAME), path: dir.join(DATABASE) }
}

/// The path as SQLite's URI, every byte that could mean something else escaped.
fn immutable_uri(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}
