//! Bringing a database to the version that this program writes. Must not know what the tables are for.

use rusqlite::{Connection, TransactionBehavior};

/// Each step's SQL; a step's number is the version that it leads to. Steps are only ever added.
const STEPS: [&str; 1] = [include_str!("migrations/0001_events_and_approvals.sql")];

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
pub(super) fn apply(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been quicker.
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (number, step) in (1..).zip(STEPS) {
        if number > version {
            transaction.execute_batch(step)?;
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
        apply(&mut connection).unwrap();
        apply(&mut connection).unwrap();
        assert_eq!(kind(&connection).unwrap(), Kind::Journal(KNOWN));
    }
}
