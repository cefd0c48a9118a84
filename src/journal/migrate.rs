//! Bringing a database to the version that this program writes. Must not know what the tables are for.

use super::chain_old;
use super::keyfile::check_value;
use crate::model::digest::Key;
use rusqlite::{Connection, TransactionBehavior};

/// What leads from one version to the next.
type Step = fn(&Connection, &Key) -> rusqlite::Result<()>;

/// Every step; a step's number is the version that it leads to. Steps are only ever added.
const STEPS: [Step; 6] = [
    |connection, _| connection.execute_batch(include_str!("migrations/0001_events_and_approvals.sql")),
    |connection, key| {
        connection.execute_batch(include_str!("migrations/0002_chain.sql"))?;
        chain_old::chain(connection, key)?;
        connection.execute_batch(include_str!("migrations/0002_chain_after.sql"))?;
        connection
            .execute("UPDATE meta SET value = ?1 WHERE name = 'key_check'", [check_value(key, 2)])
            .map(drop)
    },
    |connection, _| connection.execute_batch(include_str!("migrations/0003_sealed.sql")),
    |connection, _| connection.execute_batch(include_str!("migrations/0004_event_columns.sql")),
    |connection, _| connection.execute_batch(include_str!("migrations/0005_sinks.sql")),
    |connection, _| connection.execute_batch(include_str!("migrations/0006_approval_uid.sql")),
];

/// `PRAGMA application_id` of a journal.
const APPLICATION_ID: i64 = 0x6D63_7077;

/// The version that this program writes.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// What a database says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A journal of that version.
    Journal(i64),
    /// Something else.
    Foreign,
}

/// Asks a database what it is.
pub(super) fn kind(connection: &Connection) -> rusqlite::Result<Kind> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    Ok(if application == APPLICATION_ID && version > 0 { Kind::Journal(version) } else { Kind::Foreign })
}

/// Takes all steps that are missing, in one transaction: all of them or none.
pub(super) fn apply(connection: &mut Connection, key: &Key) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been quicker.
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (number, step) in (1..).zip(STEPS) {
        if number > version {
            step(&transaction, key)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_database_becomes_a_journal_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(kind(&connection).unwrap(), Kind::Foreign);
        let key = Key::from_bytes([1; 32]);
        apply(&mut connection, &key).unwrap();
        apply(&mut connection, &key).unwrap();
        assert_eq!(kind(&connection).unwrap(), Kind::Journal(KNOWN));
    }
}
