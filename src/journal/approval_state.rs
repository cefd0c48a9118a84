//! All approvals as they stand, in one digest that is recorded with the head of the chain: so the chain binds whether
//! an approval holds. Must not know which of them do.

use super::approval_rows::COLUMNS;
use super::chain::GENESIS;
use super::head::{self, Record, Recorded};
use crate::model::digest::{Digest, Key};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

/// So many columns an approval had when the first digest was made.
const FIRST_COLUMNS: usize = 16;

/// The digest of every approval in every home, under the key.
pub(super) fn digest(connection: &Connection, key: &Key) -> rusqlite::Result<Digest> {
    let has_uid = connection
        .prepare_cached("SELECT 1 FROM pragma_table_info('approvals') WHERE name = 'uid'")?
        .exists([])?;
    // A journal of an earlier version is asked too, while it becomes one of this.
    let columns = if has_uid { COLUMNS } else { COLUMNS.trim_end_matches(", uid") };
    let mut select = connection.prepare_cached(&format!("SELECT {columns} FROM approvals ORDER BY id"))?;
    let columns = select.column_count();
    let mut rows = select.query([])?;
    let mut digest = GENESIS;
    while let Some(row) = rows.next()? {
        let mut bytes = digest.as_bytes().to_vec();
        for at in 0..columns {
            match row.get_ref(at)? {
                // A column that came later says nothing of what was there before it.
                ValueRef::Null if at >= FIRST_COLUMNS => {}
                ValueRef::Null => bytes.push(0),
                ValueRef::Blob(value) | ValueRef::Text(value) => add(&mut bytes, value),
                ValueRef::Integer(number) => add(&mut bytes, &number.to_be_bytes()),
                ValueRef::Real(number) => add(&mut bytes, &number.to_be_bytes()),
            }
        }
        digest = key.authenticate("journal approvals", &bytes);
    }
    Ok(digest)
}

/// A value after its length, so that no two rows give the same bytes.
fn add(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.push(1);
    bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
    bytes.extend_from_slice(value);
}

/// Whether the approvals are those that were recorded. Asked before they are changed: what somebody else changed
/// before must not become genuine with the next change.
pub(super) fn is_bound(connection: &Connection, key: &Key) -> rusqlite::Result<bool> {
    Ok(match head::recorded(connection, key)? {
        Recorded::Sound(record) => record.approvals == digest(connection, key)?,
        Recorded::Changed | Recorded::Missing => false,
    })
}

/// Takes over every approval there ever was from another journal under the same key, if they are those that were
/// recorded there; `None` when that cannot be told, else how many.
pub(super) fn take_over(from: &Connection, to: &Connection, key: &Key) -> rusqlite::Result<Option<u64>> {
    if !is_bound(from, key)? {
        return Ok(None);
    }
    let mut select = from.prepare(&format!("SELECT {COLUMNS} FROM approvals ORDER BY id"))?;
    let columns = select.column_count();
    let places = vec!["?"; columns].join(", ");
    let mut insert = to.prepare(&format!("INSERT INTO approvals ({COLUMNS}) VALUES ({places})"))?;
    let mut rows = select.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|at| row.get::<_, Value>(at)).collect::<Result<Vec<_>, _>>()?;
        insert.execute(params_from_iter(values))?;
        count += 1;
    }
    bind(to, key)?;
    Ok(Some(count))
}

/// Records the approvals as they are now.
pub(super) fn bind(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
    match head::recorded(connection, key)? {
        Recorded::Sound(record) => {
            Record { approvals: digest(connection, key)?, ..record }.advance(connection, key)
        }
        Recorded::Changed | Recorded::Missing => Ok(()),
    }
}
